package queue

import (
	"context"
	"time"
)

// waiter bounds one blocked Push by its timeout and its context.
type waiter struct {
	timer *time.Timer
	done  <-chan struct{}
}

func newWaiter(ctx context.Context, timeout time.Duration) *waiter {
	w := &waiter{timer: time.NewTimer(timeout)}
	if ctx != nil {
		w.done = ctx.Done()
	}
	return w
}

func (w *waiter) stop() { w.timer.Stop() }

// until waits for memory. It returns false when time is up. A queue that closes
// ends the wait as well; the caller then finds its shard closed.
func (w *waiter) until(freed, closing <-chan struct{}) bool {
	select {
	case <-freed:
		return true
	case <-closing:
		return true
	case <-w.timer.C:
		return false
	case <-w.done:
		return false
	}
}
