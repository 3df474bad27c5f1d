package weir

import (
	"time"

	"github.com/weirlog/weir/record"
)

// Processor is a step that changes, drops or adds records before sinks get them.
// Those of Options.Processors run for every record, those of SinkOptions.Processors
// for one sink, each in the order given.
//
// Process is called from one goroutine at a time for each place where the
// processor stands, in the order in which records were logged; one that stands in
// two places must be safe for concurrent use. It passes records on by calling emit
// before it returns: once for the record, changed or not, never to drop it, more
// often to add others.
//
// r is the processor's to change, but what r.Attrs points to is shared with other
// sinks: a processor that changes attributes sets r.Attrs to a slice of its own. It
// must not keep r, nor anything in it but strings (record.Record.Clone makes a copy
// to keep).
//
// An error, or a panic, is counted under the processor's name (its String method's,
// or its type) and told people now and then. If nothing was emitted until then, the
// record goes on as it came: a processor that must not let it through, because it
// removes secrets, returns nil.
type Processor interface {
	Process(r *record.Record, emit func(record.Record)) error
}

// Holder is a Processor that holds something back for a while, such as the number
// of repeats.
type Holder interface {
	Processor
	// Release is called after each batch, about once a second as long as it answers
	// that more is held, and with the zero time before the sink is flushed or closed: then
	// everything goes. now is the wall clock.
	Release(now time.Time, emit func(record.Record)) (more bool)
}

// ProcessorFunc is a Processor that changes a record in place, or drops it by
// returning false.
type ProcessorFunc func(r *record.Record) bool

var _ Processor = ProcessorFunc(nil)

// Process implements Processor.
func (f ProcessorFunc) Process(r *record.Record, emit func(record.Record)) error {
	if f(r) {
		emit(*r)
	}
	return nil
}
