package gate

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// errFull: the server holds all that it may at once.
var errFull = errors.New("the server is busy with other requests")

// room bounds how many records all requests together may hold. First come, first
// served.
type room struct {
	size int64
	wait time.Duration
	free *semaphore.Weighted

	refusals atomic.Uint64
}

func newRoom(size int64, wait time.Duration) *room {
	return &room{size: size, wait: wait, free: semaphore.NewWeighted(size)}
}

// take waits for n, at most the whole room, and returns how much that is. The caller
// gives it back.
func (r *room) take(ctx context.Context, n int64) (int64, error) {
	n = min(n, r.size)
	if r.free.TryAcquire(n) {
		return n, nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.wait)
	defer cancel()
	if err := r.free.Acquire(ctx, n); err != nil {
		r.refusals.Add(1)
		return 0, fmt.Errorf("%w: %w", errFull, err)
	}
	return n, nil
}

// try takes n if that is free.
func (r *room) try(n int64) bool { return r.free.TryAcquire(n) }

func (r *room) give(n int64) {
	if n > 0 {
		r.free.Release(n)
	}
}
