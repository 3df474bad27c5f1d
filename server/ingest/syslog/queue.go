package syslog

import "sync"

// queue holds datagrams between the goroutine that reads and the one that stores, in
// two slabs that they exchange, so that a datagram costs no memory of its own.
type queue struct {
	max int

	mu     sync.Mutex
	filled *slab // what waits
	spare  *slab
	closed bool
	ready  chan struct{} // a token while there is something in filled; closed by close
}

// slab is datagrams behind each other.
type slab struct {
	data  []byte
	items []item
}

// item is one datagram: who sent it, and where it ends in the slab.
type item struct {
	sender string
	end    int
}

// itemSize is what an item takes beside its text.
const itemSize = 24

func newQueue(max int) *queue {
	return &queue{max: max, filled: &slab{}, spare: &slab{}, ready: make(chan struct{}, 1)}
}

// put adds a copy of a datagram; false when it does not fit.
func (q *queue) put(sender string, data []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.filled
	if q.closed || len(s.data)+len(data)+itemSize*(len(s.items)+1) > q.max {
		return false
	}
	s.data = append(s.data, data...)
	s.items = append(s.items, item{sender: sender, end: len(s.data)})
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// take waits for datagrams and returns all that are there; false when the queue is
// closed and empty. The slab is the caller's until the next take.
func (q *queue) take() (*slab, bool) {
	for range q.ready {
		if s := q.swap(); len(s.items) > 0 {
			return s, true
		}
	}
	s := q.swap()
	return s, len(s.items) > 0
}

func (q *queue) swap() *slab {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.filled, q.spare = q.spare, q.filled
	q.filled.data, q.filled.items = q.filled.data[:0], q.filled.items[:0]
	return q.spare
}

// close lets take return false when the queue is empty. Only the goroutine that puts
// calls it.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	close(q.ready)
}
