package weir

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// flushing is a flush on its way through the outlets: answered when the last of them
// has given its sink all that was accepted before.
type flushing struct {
	mu      sync.Mutex
	left    int // outlets that have not reached it
	err     error
	keep    bool         // sinks' errors are for the next flush that asks for them
	answers []chan error // each of capacity one
}

// done is called once by each outlet, with the error of its sink since the last flush.
func (f *flushing) done(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = errors.Join(f.err, err)
	if f.left--; f.left > 0 {
		return
	}
	if f.err != nil {
		f.err = fmt.Errorf("weir: flush: %w", f.err)
	}
	for _, a := range f.answers {
		a <- f.err
	}
}

// flushAsked is a flush that somebody waits for.
type flushAsked struct {
	keep   bool
	answer chan error // of capacity one
}

// flush waits until the outlets have given their sinks all that was accepted before.
// With keep the sinks' errors stay for the next flush.
func (c *core) flush(ctx context.Context, keep bool) error {
	answer := make(chan error, 1)
	select {
	case c.worker.flushes <- flushAsked{keep, answer}:
	case <-c.worker.ctx.Done():
		return c.afterClose()
	case <-ctx.Done():
		return fmt.Errorf("weir: flush: %w", context.Cause(ctx))
	}
	select {
	case err := <-answer:
		return err
	case <-c.worker.ctx.Done():
		select {
		case err := <-answer:
			return err
		default:
			return c.afterClose()
		}
	case <-ctx.Done():
		return fmt.Errorf("weir: flush: %w", context.Cause(ctx))
	}
}

// afterClose is the answer to a flush when the worker has ended or was given up.
func (c *core) afterClose() error {
	if c.queue.Abandoned() {
		return ErrClosed
	}
	return nil
}
