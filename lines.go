package weir

import (
	"fmt"
	"sync/atomic"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/record"
)

// lines is the short way of records whose sinks all want them as the same line of
// JSON: no record.Record is made. The worker encodes; when the queue is more than
// half full, calls encode their own records, since one worker alone is then too slow.
type lines struct {
	constants flat.Constants
	offset    atomic.Int64  // Unix nanoseconds at the queue clock's zero; 0: not known yet
	on        atomic.Bool   // all sinks take lines
	encoded   atomic.Uint64 // records that their calls have encoded
}

// encode turns a record that a call is about to push into a line. It returns b when
// that is not the way now.
func (e *emitter) encode(t *token, b []byte) []byte {
	c := e.node.core
	offset := c.lines.offset.Load()
	if !c.lines.on.Load() || offset == 0 {
		return b
	}
	site := c.callers.find(flat.CallerOf(b)).encoded()
	line, ok := t.line.AppendLineRecord(t.lineBuf[:0], b, &c.lines.constants, e.node.field, site, offset)
	if cap(line) <= maxTokenBytes {
		t.lineBuf = line[:0]
	}
	if !ok || len(line) > c.maxRecord { // a text of control characters grows to six times its length
		return b
	}
	c.lines.encoded.Add(1)
	return line
}

// takesLines reports whether the sink gets all records as they are, as lines.
func (o *outlet) takesLines() bool {
	return o.lineSink != nil && o.chain == nil && o.options.Level == nil && o.fallback == nil && o.tap == nil &&
		o.since.Load() == 0 && o.members.Load() == nil
}

// chooseWay looks at the start of a round whether all sinks take lines.
func (w *worker) chooseWay() {
	w.list = w.core.outlets.all()
	on := len(w.list) > 0 && w.chain == nil
	for _, o := range w.list {
		on = on && o.takesLines()
	}
	w.lineMode = on
	if w.core.lines.on.Load() != on {
		w.core.lines.on.Store(on)
	}
	w.holders = w.holders[:0]
	for _, o := range w.list {
		if o.inline && o.chain != nil {
			w.holders = append(w.holders, o)
		}
	}
}

// addLine adds a record to the batch as a line.
func (w *worker) addLine(b *batch, head *flat.Head) error {
	w.seq++
	before := len(b.lines)
	if head.Line {
		b.lines = append(b.lines, head.Message...)
		b.lines = flat.AppendEnd(b.lines, &w.core.lines.constants, w.seq)
	} else if out, ok := w.line.Append(b.lines, head, &w.core.lines.constants, w.node(head.Logger).field,
		w.core.callers.find(head.Caller).encoded(), w.wall.offset+head.Clock); ok {
		b.lines = flat.AppendEnd(out, &w.core.lines.constants, w.seq)
	} else {
		var r record.Record
		if err := w.decode(&r, b, head); err != nil {
			w.seq--
			return err
		}
		r.Seq = w.seq
		b.lines = append(record.AppendJSON(b.lines, &r), '\n')
	}
	b.count++
	b.bytes += int64(len(b.lines) - before)
	return nil
}

// parseLine turns a record that its call has encoded back: a sink was added meanwhile
// that wants it otherwise.
func (w *worker) parseLine(head *flat.Head) (record.Record, error) {
	// We wrote the line, so there is nothing to repair.
	r, _, err := record.ParseJSON([]byte(head.Message+"}"), record.ParseOptions{})
	if err != nil {
		return r, fmt.Errorf("parse a line: %w", err)
	}
	r.SourceID, r.Resource = w.sourceID, w.resource
	return r, nil
}

// writeLines offers lines to the sink.
func (o *outlet) writeLines(batches []item) {
	text, records := batches[0].batch.lines, 0
	for i := range batches {
		records += batches[i].batch.count
	}
	if len(batches) > 1 {
		o.joined = o.joined[:0]
		for i := range batches {
			o.joined = append(o.joined, batches[i].batch.lines...)
		}
		text = o.joined
	}
	o.call(uint64(records), nil, func() error { return o.lineSink.WriteLines(o.core.worker.ctx, text, records) })
	if cap(o.joined) > 2*maxBatchBytes {
		o.joined = nil
	}
}
