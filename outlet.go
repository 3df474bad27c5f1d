package weir

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
)

// errorInterval is how often at most one sink's errors are printed.
const errorInterval = 10 * time.Second

// outlet is a sink with its counters. The worker calls it.
type outlet struct {
	sink    Sink
	name    string
	records atomic.Uint64 // offered
	batches atomic.Uint64
	errors  atomic.Uint64
	failed  atomic.Uint64 // records in batches that failed

	lastReport time.Time
	unreported uint64
}

// outlets are the sinks of a logger.
type outlets struct {
	mu     sync.Mutex
	list   []*outlet // replaced, never changed in place
	closed bool
}

func (o *outlets) add(l *Logger, s Sink) error {
	if s == nil {
		return errors.New("weir: add sink: the sink is nil")
	}
	if o.isClosed() {
		return ErrClosed
	}
	out := &outlet{sink: s, name: fmt.Sprintf("%T", s)}
	if starter, ok := s.(Starter); ok {
		if err := guard(func() error { return starter.Start(l) }); err != nil {
			return fmt.Errorf("weir: start sink %s: %w", out.name, err)
		}
	}
	if !o.append(out) {
		// It was started, so it is owed a Close.
		return errors.Join(ErrClosed, guard(s.Close))
	}
	return nil
}

func (o *outlets) isClosed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

func (o *outlets) append(out *outlet) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	o.list = append(o.list[:len(o.list):len(o.list)], out)
	return true
}

func (o *outlets) all() []*outlet {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.list
}

// seal refuses further sinks and returns those that are to be closed.
func (o *outlets) seal() []*outlet {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	return o.list
}

// write offers a batch to the sink.
func (o *outlet) write(ctx context.Context, c *core, batch []record.Record) error {
	err := guard(func() error { return o.sink.WriteBatch(ctx, batch) })
	o.batches.Add(1)
	o.records.Add(uint64(len(batch)))
	if err == nil {
		return nil
	}
	o.errors.Add(1)
	o.failed.Add(uint64(len(batch)))
	o.unreported += uint64(len(batch))
	if now := time.Now(); o.lastReport.IsZero() || now.Sub(o.lastReport) >= errorInterval {
		c.report("sink %s: %v; %d records did not reach it", o.name, err, o.unreported)
		o.lastReport, o.unreported = now, 0
	}
	return fmt.Errorf("sink %s: %w", o.name, err)
}

// guard calls f, which is not ours, and turns a panic into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// report prints one line to the error output. It must not be called for each
// record.
func (c *core) report(format string, args ...any) {
	// Nobody can be told when this fails.
	_, _ = fmt.Fprintf(c.errors, "weir: "+format+"\n", args...)
}
