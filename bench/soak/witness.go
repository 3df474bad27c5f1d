package main

import (
	"bytes"
	"context"
	"sync"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// witness is a sink that misses nothing which left the queue: it is called by the worker itself.
// What other sinks should have had is counted here.
type witness struct {
	probe

	mu      sync.Mutex
	watches []*watch
	seen    uint64 // all records
	copies  uint64 // of them, those that processors have added
}

var (
	_ weir.Viewer    = (*witness)(nil)
	_ weir.Immediate = (*witness)(nil)
	_ weir.LineSink  = (*witness)(nil)
)

// watch counts the records that a sink should have had: no more than high, no fewer than
// low. They differ when the sink was added while others logged.
type watch struct {
	admits    func(logger string) bool
	after     []uint64 // by caller: of what was sent when the sink was there; nil: not yet
	low, high uint64
}

// Viewer implements weir.Viewer: it gets the records of all names.
func (w *witness) Viewer() {}

// Immediate implements weir.Immediate.
func (w *witness) Immediate() {}

// AcceptsLines implements weir.LineSink.
func (w *witness) AcceptsLines() bool { return true }

// WriteBatch implements weir.Sink.
func (w *witness) WriteBatch(_ context.Context, batch []record.Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range batch {
		a, err := arrivalOf(&batch[i])
		w.note(&a, err)
	}
	return nil
}

// WriteLines implements weir.LineSink.
func (w *witness) WriteLines(_ context.Context, lines []byte, _ int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for line := range bytes.Lines(lines) {
		a, err := arrivalOfLine(line)
		w.note(&a, err)
	}
	return nil
}

// Close implements weir.Sink.
func (w *witness) Close() error { return w.probe.Close() }

func (w *witness) note(a *arrival, err error) {
	if err == nil && a.seq != w.seen+1 {
		w.round.wrong("the worker gave the number %d after %d", a.seq, w.seen)
	}
	w.take(a, err)
	w.seen++
	if a.added {
		w.copies++
	}
	for _, v := range w.watches {
		if !v.admits(a.logger) {
			continue
		}
		v.high++
		if v.after != nil && !a.added && a.number > v.after[a.caller] {
			v.low++
		}
	}
}

// expect begins to count for a sink that is about to be added.
func (w *witness) expect(admits func(logger string) bool) *watch {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := &watch{admits: admits}
	w.watches = append(w.watches, v)
	return v
}

// added says that the sink is there: what is sent from now on must reach it, but for the calls
// that had begun. A caller that is in one has not counted it yet.
func (w *witness) added(v *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.round.callers {
		v.after = append(v.after, c.sent.Load()+1)
	}
}

func (w *witness) forget(v *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.watches {
		if other == v {
			w.watches = append(w.watches[:i], w.watches[i+1:]...)
			return
		}
	}
}

// bounds returns what v has counted.
func (w *witness) bounds(v *watch) (low, high uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return v.low, v.high
}

func (w *witness) totals() (seen, copies uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen, w.copies
}
