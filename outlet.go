package weir

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
)

const (
	// errorInterval is how often at most one sink's or processor's errors are told.
	errorInterval = 10 * time.Second
	// releaseInterval is how often processors that hold records back are asked.
	releaseInterval = time.Second
)

// outlet is a sink with its goroutine, its processors and its counters. The worker
// puts batches into its line; the goroutine takes them out. A sink that is Immediate
// has no goroutine: the worker calls it.
type outlet struct {
	core     *core
	sink     Sink
	lineSink LineSink // the sink, if it takes lines; else nil
	name     string
	options  SinkOptions
	chain    *chain
	fallback *outlet
	viewer   bool   // not a destination: it never holds others up
	inline   bool   // Immediate
	tap      *tap   // gets the records of a tap only; nil: not a tap's
	since    uint64 // gets records after this stamp; 0: all

	// places are the names whose lists of sinks it stands in; extra is the name that
	// AddSinkTo gave. The outlets' lock guards them.
	places []string
	extra  *string

	members atomic.Pointer[[]bool] // by the id of a node; nil: all

	turn sync.Mutex // held while the sink is called: a fallback is called by others too

	mu     sync.Mutex
	line   []item
	sealed bool          // the end is in the line, or was
	busy   bool          // an item is being worked on
	moved  time.Time     // when the outlet last finished something, or got its first item
	ready  chan struct{} // of capacity one
	ended  chan struct{} // closed when Close has been called on the sink

	joined     []byte          // lines of several batches
	over       bool            // the end was reached
	more       []*batch        // taken with the batch that is being worked on
	chosen     []record.Record // what passed the level, the names and the processors
	failure    error           // since the last flush
	closeErr   error           // set before ended is closed
	lastReport time.Time
	unreported uint64

	records  atomic.Uint64 // given to WriteBatch
	batches  atomic.Uint64
	errors   atomic.Uint64
	failed   atomic.Uint64 // records in batches that failed
	filtered atomic.Uint64 // not for this sink: its level or its processors
	dropped  atomic.Uint64 // missed, because the sink was behind or was given up
	rescued  atomic.Uint64 // failed ones that the fallback was given
	waiting  atomic.Int64  // records in the line
}

// item is what stands in an outlet's line: a batch, a flush, or the end.
type item struct {
	batch *batch
	flush *flushing
	end   bool
}

func newOutlet(c *core, s Sink) *outlet {
	o := &outlet{core: c, sink: s, ready: make(chan struct{}, 1), ended: make(chan struct{})}
	if configured, ok := s.(*configuredSink); ok {
		o.sink, o.options = configured.Sink, configured.options
	}
	o.name = sinkName(o.sink, o.options.Name)
	if l, ok := o.sink.(LineSink); ok && l.AcceptsLines() {
		o.lineSink = l
	}
	_, o.viewer = o.sink.(Viewer)
	_, o.inline = o.sink.(Immediate)
	o.chain = newChain(c, o.options.Processors, func(r record.Record) { o.chosen = append(o.chosen, r) })
	return o
}

func sinkName(s Sink, given string) string {
	if given != "" {
		return given
	}
	if n, ok := s.(SelfNamed); ok {
		return n.SinkName()
	}
	return fmt.Sprintf("%T", s)
}

// run is the outlet's goroutine. It ends after the end item. A sink that ends the
// goroutine it is called from (runtime.Goexit) loses one batch; another goroutine
// goes on.
func (o *outlet) run() {
	defer func() {
		if !o.over {
			clear(o.chosen)
			o.chosen = o.chosen[:0]
			o.finished()
			go o.run()
		}
	}()
	timer := time.NewTimer(releaseInterval)
	defer timer.Stop()
	for {
		i, ok := o.pop()
		if ok {
			end := o.handle(i)
			o.finished()
			if end {
				return
			}
			continue
		}
		var due <-chan time.Time
		if o.chain != nil && o.chain.holding {
			timer.Reset(releaseInterval)
			due = timer.C
		}
		select {
		case <-o.ready:
		case <-due:
			o.release(time.Now())
		}
	}
}

// handle works on one item and reports whether it was the end.
func (o *outlet) handle(i item) (end bool) {
	switch {
	case i.batch != nil:
		o.handleBatches(i.batch)
	case i.flush != nil:
		o.release(time.Time{})
		i.flush.done(o.takeFailure())
	case i.end:
		o.over = true
		defer close(o.ended)
		o.release(time.Time{})
		if err := guard(o.sink.Close); err != nil {
			o.closeErr = fmt.Errorf("sink %s: %w", o.name, err)
		}
		return true
	}
	return false
}

// handleBatches works on a batch and on those that were taken with it.
func (o *outlet) handleBatches(first *batch) {
	defer o.releaseBatches(first)
	o.waiting.Add(-int64(first.size()))
	for _, b := range o.more {
		o.waiting.Add(-int64(b.size()))
	}
	if !o.core.queue.Abandoned() {
		o.process(first)
		return
	}
	o.dropped.Add(o.share(first))
	for _, b := range o.more {
		o.dropped.Add(o.share(b))
	}
}

func (o *outlet) releaseBatches(first *batch) {
	first.release()
	for _, b := range o.more {
		b.release()
	}
	clear(o.more)
	o.more = o.more[:0]
}

// process gives the sink its part of a batch, and of those in more.
func (o *outlet) process(b *batch) {
	o.turn.Lock()
	defer o.turn.Unlock()
	if b.count > 0 {
		o.writeLines(b)
		return
	}
	if len(o.more) == 0 && o.takesAll(b) {
		o.write(b.records)
		return
	}
	o.choose(b)
	for _, more := range o.more {
		o.choose(more)
	}
	if o.chain != nil {
		o.chain.release(time.Now())
	}
	o.writeChosen()
}

// choose passes the records of a batch that are for this sink through its level and its
// processors.
func (o *outlet) choose(b *batch) {
	if o.takesAll(b) {
		o.chosen = append(o.chosen, b.records...)
		return
	}
	members := o.members.Load()
	for i := range b.records {
		if !o.takes(&b.origins[i], members) {
			continue
		}
		r := &b.records[i]
		if l := o.options.Level; l != nil && !reaches(r, l.Level()) {
			o.filtered.Add(1)
			continue
		}
		if o.chain == nil {
			o.chosen = append(o.chosen, *r)
			continue
		}
		before := len(o.chosen)
		o.chain.first(*r)
		if len(o.chosen) == before {
			o.filtered.Add(1)
		}
	}
}

// reaches reports whether a record has at least a level. One whose level is unknown
// does: better too much than lost.
func reaches(r *record.Record, level slog.Level) bool {
	return r.Severity == record.SeverityUnknown || r.Severity >= record.SeverityOf(int(level))
}

// takesAll reports whether the batch goes to the sink as it is.
func (o *outlet) takesAll(b *batch) bool {
	return o.chain == nil && o.options.Level == nil && o.tap == nil && o.members.Load() == nil &&
		(o.since == 0 || len(b.origins) > 0 && b.origins[0].stamp > o.since)
}

func (o *outlet) takes(from *origin, members *[]bool) bool {
	if from.logger == rescued {
		return true
	}
	if from.stamp <= o.since && o.since != 0 {
		return false
	}
	if o.tap != nil {
		return o.core.taps.follows(from.tap, o.tap)
	}
	return members == nil || int(from.logger) < len(*members) && (*members)[from.logger]
}

// share counts the records of a batch that are for this sink.
func (o *outlet) share(b *batch) uint64 {
	if b.count > 0 {
		return uint64(b.count) // lines are for all
	}
	members, n := o.members.Load(), uint64(0)
	for i := range b.origins {
		if o.takes(&b.origins[i], members) {
			n++
		}
	}
	return n
}

// release passes on what processors have held back.
func (o *outlet) release(now time.Time) {
	if o.chain == nil {
		return
	}
	o.turn.Lock()
	defer o.turn.Unlock()
	o.chain.release(now)
	o.writeChosen()
}

func (o *outlet) writeChosen() {
	if len(o.chosen) == 0 {
		return
	}
	o.write(o.chosen)
	clear(o.chosen)
	if o.chosen = o.chosen[:0]; cap(o.chosen) > 2*maxBatchRecords {
		o.chosen = nil
	}
}

func (o *outlet) takeFailure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.failure
	o.failure = nil
	return err
}
