package queue

import (
	"context"
	"sync"
	"time"
)

// keepFree is how many unused chunks are kept for the next burst when the program
// is quiet: one for a producer and one for the drainer to exchange.
const keepFree = 2

// memory hands out chunks and keeps their sum under the limit. Its lock is the
// last to be taken: nothing else is locked under it.
type memory struct {
	limit     int
	chunkSize int

	mu        sync.Mutex
	allocated int // bytes of all chunks, free or not
	free      []*chunk
	waiting   bool          // somebody has freed
	freed     chan struct{} // closed when memory comes back and waiting is set
}

func (m *memory) init(limit, chunkSize int) {
	m.limit, m.chunkSize = limit, chunkSize
	m.freed = make(chan struct{})
}

// take returns an empty chunk with room for n bytes. When there is none it returns
// a channel that is closed once it is worth asking again.
func (m *memory) take(n int) (*chunk, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	size := m.chunkSize
	if n <= size {
		if last := len(m.free) - 1; last >= 0 {
			c := m.free[last]
			m.free[last] = nil
			m.free = m.free[:last]
			return c, nil
		}
	} else {
		size = n
		for m.allocated+size > m.limit && len(m.free) > 0 {
			m.release()
		}
	}
	if m.allocated+size > m.limit {
		m.waiting = true
		return nil, m.freed
	}
	m.allocated += size
	return &chunk{data: make([]byte, 0, size)}, nil
}

// give takes a chunk back.
func (m *memory) give(c *chunk) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if cap(c.data) == m.chunkSize {
		c.reset()
		m.free = append(m.free, c)
	} else {
		m.allocated -= cap(c.data)
	}
	m.signal()
}

// notify tells those who wait that a shard got room.
func (m *memory) notify() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.signal()
}

func (m *memory) signal() {
	if m.waiting {
		m.waiting = false
		close(m.freed)
		m.freed = make(chan struct{})
	}
}

func (m *memory) release() {
	last := len(m.free) - 1
	m.allocated -= cap(m.free[last].data)
	m.free[last] = nil
	m.free = m.free[:last]
}

// trim leaves unused chunks to the garbage collector.
func (m *memory) trim() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.free) > keepFree {
		m.release()
	}
}

func (m *memory) used() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.allocated
}

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
