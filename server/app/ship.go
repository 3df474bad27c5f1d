package app

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/sink/ship"
)

// How a feed is shipped.
const (
	// shipQueueRecords and shipQueueBytes bound what is in memory, as the sink's defaults
	// do; the bytes leave room for a line of shipMaxLine that JSON escapes throughout.
	shipQueueRecords = ship.DefaultQueueRecords
	shipQueueBytes   = 64 << 20
	// shipMaxLine splits what would not fit into a server's largest body once escaped.
	shipMaxLine = 8 << 20
	// shipPiece is about how much is handed over at once, so that a batch of long lines
	// fits the queue.
	shipPiece = 4 << 20
	// shipInterval is how long a batch waits to be full: people look at a live page.
	shipInterval = 250 * time.Millisecond
	// shipPatience is how long the end waits for a server that is away: its restart
	// takes less.
	shipPatience = 30 * time.Second
	// shipSilence is how long an end may take before people are told why.
	shipSilence = time.Second
	// shipFarewell bounds what the sink does once that is over.
	shipFarewell = time.Second
	// shipPause is between two looks for room where nothing tells that there is some.
	shipPause = 50 * time.Millisecond
)

// shipment is the destination that sends records to another server. The writer waits
// while that is behind: nothing is handed to the sink that it has no room for, because it
// would drop the oldest.
type shipment struct {
	sink    *ship.Sink
	where   string
	durable bool // a batch is kept when the server has it; else when it is in the bounded queue
	spooled bool
	notice  func(format string, args ...any)

	mu    sync.Mutex // the sink's writer, and lines
	lines []byte
}

var _ destination = (*shipment)(nil)

func newShipment(opts FeedOptions, durable bool) (*shipment, error) {
	sink, err := ship.New(opts.Server, ship.Options{
		QueueRecords: shipQueueRecords, QueueBytes: shipQueueBytes, FlushInterval: shipInterval, CloseTimeout: shipFarewell,
		RetryMax: shipPatience / 10, Spool: opts.Spool, ErrorOutput: flagNames{opts.Err},
	})
	if err != nil {
		return nil, fmt.Errorf("--server: %s", flagNamer().Replace(err.Error()))
	}
	s := &shipment{sink: sink, where: opts.Server, durable: durable, spooled: opts.Spool != ""}
	s.notice = func(format string, args ...any) { fmt.Fprintf(opts.Err, "weir: "+format+"\n", args...) }
	return s, nil
}

// keep implements destination.
func (s *shipment) keep(ctx context.Context, _ intake.Source, batch []record.Record) error {
	n := len(batch)
	if err := s.write(ctx, batch); err != nil {
		return err
	}
	if s.durable {
		if err := s.sink.Flush(ctx); err != nil {
			return &unstoredError{records: n, why: err}
		}
	}
	return nil
}

// write hands a batch to the sink.
func (s *shipment) write(ctx context.Context, batch []record.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(batch) > 0 {
		n := s.encode(batch)
		err := s.room(ctx, n)
		if err == nil {
			err = s.sink.WriteLines(ctx, s.lines, n)
		}
		if err != nil {
			return &unstoredError{records: len(batch), why: err}
		}
		batch = batch[n:]
	}
	return nil
}

// encode makes lines of the first records of a batch and returns how many they are.
func (s *shipment) encode(batch []record.Record) (n int) {
	s.lines = s.lines[:0]
	if cap(s.lines) > 2*shipPiece {
		s.lines = nil // of a very long line
	}
	for n < len(batch) && len(s.lines) < shipPiece {
		s.lines = append(record.AppendJSON(s.lines, &batch[n]), '\n')
		n++
	}
	return n
}

// room waits until the sink has room for s.lines.
func (s *shipment) room(ctx context.Context, records int) error {
	for !s.fits(s.sink.Stats(), records) {
		if err := s.sink.Flush(ctx); err != nil {
			return err
		}
		if s.fits(s.sink.Stats(), records) {
			return nil
		}
		pause := time.NewTimer(shipPause) // the spool is full of what others left
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
	}
	return nil
}

func (s *shipment) fits(st ship.Stats, records int) bool {
	if s.spooled {
		const margin = ship.DefaultSpoolBytes / 10 // for the files' own heads
		return st.SpoolBytes+int64(st.QueuedBytes+len(s.lines)) <= ship.DefaultSpoolBytes-margin
	}
	return st.Queued == 0 || st.Queued+records <= shipQueueRecords && st.QueuedBytes+len(s.lines) <= shipQueueBytes
}

// lose implements destination: the server is not told, the dropper tells people.
func (s *shipment) lose(intake.Source, int) {}

// close sends what is left, as long as ctx lasts, and tells people what was not
// delivered.
func (s *shipment) close(ctx context.Context) error {
	patience := shipPatience
	if s.spooled {
		patience = ship.DefaultCloseTimeout // what is left is safe
	}
	tell := time.AfterFunc(shipSilence, func() {
		s.notice("%s for %s, %s at most (Ctrl-C: no longer)", waitingRecords(s.sink.Stats().Queued), s.where, patience)
	})
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// When the time is up the rest is told of below.
	_ = s.sink.Flush(ctx)
	tell.Stop()
	failed := s.sink.Close() // it has told people
	st := s.sink.Stats()
	if st.Spooled > 0 {
		s.notice("%s in the spool: the next start with it sends them", waitingRecords(st.Spooled))
	}
	if failed == nil {
		return nil
	}
	s.notice("not delivered to %[3]s: %[1]d of %[2]d records: %[4]s", st.Lost(), st.Records+st.Adopted, s.where, st.LastError)
	return &ExitError{Code: 1}
}

// flagNames writes the sink's notices, which name the options of a library, with the
// names of flags.
type flagNames struct{ w io.Writer }

// Write implements io.Writer.
func (f flagNames) Write(b []byte) (int, error) {
	if _, err := flagNamer().WriteString(f.w, string(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

func flagNamer() *strings.Replacer {
	return strings.NewReplacer(
		"ship: ", "", ", and a token in Options.Token", "", "; is Options.Token right?", "",
		"Options.SpoolBytes", "the spool", "Options.Spool", "--spool DIR", "Options.QueueBytes", "the queue",
	)
}

func waitingRecords(n int) string {
	if n == 1 {
		return "1 record waits"
	}
	return fmt.Sprintf("%d records wait", n)
}
