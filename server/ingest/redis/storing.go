package redis

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
)

// store empties the buffer until it is closed. Once ctx has ended it goes on for the
// grace; what is left then is lost, and counted.
func (s *subscriber) store(ctx context.Context) {
	longer, cancel := withGrace(ctx, s.reader.opts.StopGrace)
	defer cancel()
	w := &writer{gate: s.reader.gate, parser: newParser(s.from.defaults)}
	for {
		taken := s.buffer.take(longer, s.reader.opts.Batch)
		if len(taken) == 0 {
			break
		}
		s.keep(longer, w, taken)
		s.buffer.done(taken)
	}
	for source, n := range s.buffer.rest() {
		s.reader.gate.Lose(source, n)
	}
}

// keep stores a batch, source by source: the messages of one channel stay in order.
func (s *subscriber) keep(ctx context.Context, w *writer, taken []published) {
	var order []intake.Source
	of := make(map[intake.Source][]message)
	flush := func() {
		for _, source := range order {
			kept, err := w.store(ctx, source, of[source])
			if err != nil {
				s.reader.gate.Lose(source, len(of[source])-kept)
			}
		}
		order = order[:0]
		clear(of)
	}
	for i := range taken {
		p := &taken[i]
		if p.hole != nil {
			flush()
			s.declare(ctx, p.hole)
			continue
		}
		if _, known := of[p.source]; !known {
			order = append(order, p.source)
		}
		of[p.source] = append(of[p.source], p.message)
	}
	flush()
}

// declare tells of a hole: in the ledger, and as a record of each source that is
// concerned.
func (s *subscriber) declare(ctx context.Context, h *hole) {
	since, until := string(record.AppendTime(nil, h.since)), string(record.AppendTime(nil, h.until))
	for _, source := range h.sources() {
		lost := h.lost[source]
		text := fmt.Sprintf("What was published on %s between %s and %s was not received: the connection was lost.", source.Sender, since, until)
		if h.reason == holeOverflow {
			text = fmt.Sprintf("%d messages published on %s between %s and %s were dropped: the store did not keep up, and publishers do not wait.", lost, source.Sender, since, until)
		}
		s.reader.gate.Trouble(source, "gap", text)
		_, err := s.reader.gate.Keep(ctx, intake.Source{Protocol: Protocol, Sender: "weir itself"}, []record.Record{s.gap(h, source, lost, text)})
		if err != nil {
			return // the server is stopping; the ledger has it
		}
	}
}

func (s *subscriber) gap(h *hole, source intake.Source, lost int, text string) record.Record {
	attrs := []slog.Attr{
		slog.String("gap", h.reason),
		slog.Time("since", h.since),
		slog.Time("until", h.until),
		slog.Float64("duration_ms", float64(h.until.Sub(h.since))/float64(time.Millisecond)),
		slog.String("redis", s.from.at),
	}
	if lost > 0 {
		attrs = append(attrs, slog.Int("lost", lost))
	}
	for name, own := range s.channels {
		if own == source {
			attrs = append(attrs, slog.String("channel", name))
		}
	}
	for name, own := range s.patterns {
		if own == source {
			attrs = append(attrs, slog.String("pattern", name))
		}
	}
	return record.Record{Time: h.until, Severity: record.SeverityWarn, Logger: logger, Message: text, Attrs: attrs}
}
