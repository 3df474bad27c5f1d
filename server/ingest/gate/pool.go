package gate

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// pool is room in memory that bodies share, which grow while they hold some of it. Who
// holds some is served before who comes, and each of the two first come, first served.
//
// Nobody waits for ever, and not for each other: who comes waits with nothing of this
// pool, and a share that grows waits only while another one does not wait, which will be
// given back. If all others wait, it is refused at once, and what it held lets them go
// on. One that is alone finds all that it does not hold itself free. A waiting is bounded
// in time, too: the one that all wait for may be of a sender that sends no more.
type pool struct {
	size int64
	wait time.Duration

	mu       sync.Mutex
	free     int64
	shares   int // that hold some
	growing  []*claimant
	coming   []*claimant
	refusals uint64
}

// claimant waits for room. got is closed under the pool's lock when it has it, or was
// refused with err.
type claimant struct {
	n   int64
	got chan struct{}
	err error
}

// share is what one body holds of a pool. It has one user at a time.
type share struct {
	pool *pool
	held int64
}

func newPool(size int64, wait time.Duration) *pool {
	return &pool{size: size, wait: wait, free: size}
}

// take waits for a share of n, at most the whole pool. The caller gives it back.
func (p *pool) take(ctx context.Context, n int64) (*share, error) {
	n = min(n, p.size)
	p.mu.Lock()
	if len(p.growing)+len(p.coming) == 0 && n <= p.free {
		p.free -= n
		p.shares++
		p.mu.Unlock()
		return &share{p, n}, nil
	}
	if err := p.await(ctx, &p.coming, n); err != nil {
		return nil, err
	}
	return &share{p, n}, nil
}

// grow makes a share one of n, at most the whole pool; it never gets smaller by that.
func (s *share) grow(ctx context.Context, n int64) error {
	p := s.pool
	more := min(n, p.size) - s.held
	if more <= 0 {
		return nil
	}
	p.mu.Lock()
	switch {
	case len(p.growing) == 0 && more <= p.free:
		p.free -= more
		p.mu.Unlock()
	case len(p.growing)+1 >= p.shares:
		p.refusals++
		p.mu.Unlock()
		return errFull
	default:
		if err := p.await(ctx, &p.growing, more); err != nil {
			return err
		}
	}
	s.held += more
	return nil
}

// shrink gives back what a share has beyond n. With 0 it is none any more.
func (s *share) shrink(n int64) {
	if s.held <= n {
		return
	}
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free += s.held - n
	if s.held = n; n == 0 {
		p.shares--
	}
	p.serve()
}

// await waits in a line. It is called under the lock, and unlocks.
func (p *pool) await(ctx context.Context, line *[]*claimant, n int64) error {
	c := &claimant{n: n, got: make(chan struct{})}
	*line = append(*line, c)
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	select {
	case <-c.got:
		return c.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.Index(*line, c)
	if at < 0 {
		return c.err // it was served in the last moment
	}
	*line = slices.Delete(*line, at, at+1)
	p.refusals++
	p.serve() // those behind it may need less
	return fmt.Errorf("%w: %w", errFull, ctx.Err())
}

// serve gives room to those who wait, and refuses one when all would wait for each
// other. The lock is held.
func (p *pool) serve() {
	for len(p.growing) > 0 && p.growing[0].n <= p.free {
		p.free -= p.growing[0].n
		close(p.growing[0].got)
		p.growing = slices.Delete(p.growing, 0, 1)
	}
	for len(p.growing) == 0 && len(p.coming) > 0 && p.coming[0].n <= p.free {
		p.free -= p.coming[0].n
		p.shares++
		close(p.coming[0].got)
		p.coming = slices.Delete(p.coming, 0, 1)
	}
	if last := len(p.growing) - 1; last >= 0 && len(p.growing) >= p.shares { // the one that did not wait has left
		p.growing[last].err = errFull
		close(p.growing[last].got)
		p.growing = p.growing[:last]
		p.refusals++
	}
}

// load tells how full the pool is, how many wait, and how often there was no room.
func (p *pool) load() (held int64, waiting int, refusals uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size - p.free, len(p.growing) + len(p.coming), p.refusals
}
