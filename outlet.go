package weir

import (
	"fmt"
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
	given    Sink // as it was given, with its options
	sink     Sink
	lineSink LineSink // the sink, if it takes lines; else nil
	name     string
	options  SinkOptions
	chain    *chain
	fallback *outlet
	viewer   bool          // not a destination: it never holds others up
	inline   bool          // Immediate
	tap      *tap          // gets the records of a tap only; nil: not a tap's
	since    atomic.Uint64 // gets records after this stamp; 0: all

	// places are the names whose lists of sinks it stands in; extras are the names that
	// AddSinkTo gave. The outlets' lock guards them.
	places []string
	extras []string

	members atomic.Pointer[[]bool] // by the id of a node; nil: all

	turn sync.Mutex // held while the sink is called: a fallback is called by others too
	over bool       // Close was called on the sink; guarded by turn

	mu     sync.Mutex
	line   []item
	hand   []item // what is being worked on
	gaveUp bool   // nobody waits for the sink any more: line and hand were taken away
	sealed bool   // the end is in the line, or was
	moved  time.Time
	ready  chan struct{} // of capacity one
	ended  chan struct{} // closed when Close has been called on the sink

	handed   bool            // what is being written comes from the hand, not from a processor that held it back
	passed   uint64          // records that were kept away from the write that is going on
	joined   []byte          // lines of several batches
	chosen   []record.Record // what passed the level, the names and the processors
	failure  error           // since the last flush; guarded by mu
	closeErr error           // set before ended is closed
	trouble  trouble

	records  atomic.Uint64 // that the sink was given
	batches  atomic.Uint64
	errors   atomic.Uint64
	failed   atomic.Uint64 // records in batches that failed
	filtered atomic.Uint64 // not for this sink: its level or its processors
	dropped  atomic.Uint64 // missed, because the sink was behind or was given up
	rescued  atomic.Uint64 // failed ones that the fallback was given
	waiting  atomic.Int64  // records in line and hand
	rescuing atomic.Int64  // batches of other sinks in line and hand
}

func newOutlet(c *core, s Sink) *outlet {
	o := &outlet{core: c, given: s, sink: s, ready: make(chan struct{}, 1), ended: make(chan struct{})}
	if configured, ok := s.(*configuredSink); ok {
		o.sink, o.options = configured.Sink, configured.options
	}
	if o.sink == nil {
		return o
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

// run is the outlet's goroutine. It ends when the sink is closed. A sink that ends the
// goroutine it is called from (runtime.Goexit) loses one batch; another goroutine goes
// on.
func (o *outlet) run() {
	whole := false
	defer func() {
		if !whole {
			go o.run()
		}
	}()
	timer := time.NewTimer(releaseInterval)
	defer timer.Stop()
	for {
		switch first, ok := o.pop(); {
		case ok && first.end, !ok && o.isGivenUp():
			whole = true
			o.closeSink()
			return
		case ok:
			o.handle(first)
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

// handle works on what pop has taken.
func (o *outlet) handle(first item) {
	defer o.putDown()
	if first.flush != nil {
		defer func() { first.flush.done(o.takeFailure(first.flush.keep)) }()
		o.release(time.Time{})
		return
	}
	if !o.core.queue.Abandoned() {
		o.process(o.hand)
		return
	}
	for i := range o.hand {
		o.dropped.Add(uint64(o.hand[i].share))
	}
}

// handInline gives an Immediate sink its part of a batch; the user that the batch
// counts for it is given back.
func (o *outlet) handInline(b *batch) {
	defer b.release()
	if share := o.share(b); share > 0 {
		o.process([]item{{batch: b, share: share}})
	}
}

// process gives the sink its part of batches.
func (o *outlet) process(batches []item) {
	o.turn.Lock()
	defer o.turn.Unlock()
	o.handed = true
	o.forgetChosen()
	first := batches[0].batch
	switch {
	case o.over: // a fallback that was taken out
		for i := range batches {
			o.dropped.Add(uint64(batches[i].share))
		}
		return
	case first.count > 0:
		o.writeLines(batches)
		return
	case len(batches) == 1 && o.takesAll(first):
		o.write(first.records)
		return
	}
	defer o.countPassed()
	for i := range batches {
		o.choose(batches[i].batch)
	}
	if o.chain != nil {
		o.chain.release(time.Now())
	}
	o.writeChosen()
}

// release passes on what processors have held back.
func (o *outlet) release(now time.Time) {
	if o.chain == nil {
		return
	}
	o.turn.Lock()
	defer o.turn.Unlock()
	if !o.over {
		o.handed = false
		o.forgetChosen()
		o.chain.release(now)
		o.writeChosen()
	}
}

// closeSink closes the sink, once.
func (o *outlet) closeSink() {
	defer o.endSink() // also when a sink ends the goroutine in release
	o.release(time.Time{})
}

func (o *outlet) endSink() {
	o.turn.Lock()
	defer o.turn.Unlock()
	if o.over {
		return
	}
	o.over = true
	defer close(o.ended)
	o.trouble.last(o)
	if err := guard(o.sink.Close); err != nil {
		o.closeErr = fmt.Errorf("sink %s: %w", o.name, err)
	}
}

// takeFailure returns the sink's error since the last flush, and forgets it unless it
// is to be kept for the next one.
func (o *outlet) takeFailure(keep bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.failure
	if !keep {
		o.failure = nil
	}
	return err
}
