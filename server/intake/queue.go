package intake

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// entry is one Accept on its way. Until the queue has it, it belongs to its
// caller; from then on to the committer, who settles it by closing done. Only then
// may the caller read stored, first, last and err.
type entry struct {
	line    *line
	records []record.Record
	claim   *claim // what the sender calls them; nil: nothing
	bytes   int64
	taken   int // records that were given to commits

	stored      int
	first, last record.Position
	err         error
	done        chan struct{}
}

// part is what of an entry goes into one commit.
type part struct {
	entry    *entry
	from, to int
}

// queue holds what waits for the committer, first come first served, bounded in
// bytes. An entry's bytes count until it is settled. An entry larger than the
// whole queue is let in when the queue is empty, or it could never pass.
type queue struct {
	limit int64
	wake  chan struct{} // of capacity one: something was put in or the queue closed

	mu      sync.Mutex
	entries []*entry
	bytes   int64
	waiting []*waiter
	closed  bool
}

// waiter is a caller that waits for room. ready is closed under the queue's lock
// when it was let in, or refused with err.
type waiter struct {
	entry *entry
	ready chan struct{}
	err   error
}

func newQueue(limit int64) *queue {
	return &queue{limit: limit, wake: make(chan struct{}, 1)}
}

// put waits until there is room for e. Its errors are ErrBusy, ErrClosed and the
// context's; e is then still the caller's.
func (q *queue) put(ctx context.Context, e *entry, maxWait time.Duration) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	w := &waiter{entry: e, ready: make(chan struct{})}
	q.waiting = append(q.waiting, w)
	q.admit()
	q.mu.Unlock()

	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	var reason error
	select {
	case <-w.ready:
		return w.err
	case <-ctx.Done():
		reason = fmt.Errorf("%w: left while waiting for room in the queue: %w", ErrUnavailable, ctx.Err())
	case <-timer.C:
		reason = ErrBusy
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, w)
	if i < 0 {
		return w.err
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	q.admit()
	return reason
}

// admit lets in whoever is first in line while there is room. The lock is held.
func (q *queue) admit() {
	n := 0
	for _, w := range q.waiting {
		if q.bytes > 0 && q.bytes+w.entry.bytes > q.limit {
			break
		}
		q.bytes += w.entry.bytes
		q.entries = append(q.entries, w.entry)
		close(w.ready)
		n++
	}
	if n > 0 {
		q.waiting = slices.Delete(q.waiting, 0, n)
		q.signal()
	}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take returns everything that waits, up to the bounds of one commit but at least
// one record. It returns nil when the queue is closed and empty.
func (q *queue) take(maxRecords int, maxBytes int64) []part {
	for {
		q.mu.Lock()
		parts := q.cut(maxRecords, maxBytes)
		closed := q.closed
		q.mu.Unlock()
		if parts != nil || closed {
			return parts
		}
		<-q.wake
	}
}

// cut takes parts from the front. An entry that does not fit stays in front with
// what is left of it. The lock is held.
func (q *queue) cut(maxRecords int, maxBytes int64) []part {
	var parts []part
	records, bytes := 0, int64(0)
	whole := 0
	for _, e := range q.entries {
		from := e.taken
		// Most entries go in whole; their size is known.
		if from == 0 && e.bytes > 0 && records+len(e.records) <= maxRecords && bytes+e.bytes <= maxBytes {
			bytes += e.bytes
			records += len(e.records)
			e.taken = len(e.records)
		}
		for e.taken < len(e.records) && records < maxRecords {
			n := hub.SizeOf(&e.records[e.taken])
			if records > 0 && bytes+n > maxBytes {
				break
			}
			bytes += n
			records++
			e.taken++
		}
		if e.taken > from {
			parts = append(parts, part{e, from, e.taken})
		}
		if e.taken < len(e.records) {
			break
		}
		whole++
	}
	q.entries = slices.Delete(q.entries, 0, whole)
	return parts
}

// settled frees the room of an entry that is done with, taken whole or not.
func (q *queue) settled(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.entries, e); i >= 0 {
		q.entries = slices.Delete(q.entries, i, i+1)
	}
	q.bytes -= e.bytes
	q.admit()
}

// close refuses new entries and those that wait for room.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, w := range q.waiting {
		w.err = ErrClosed
		close(w.ready)
	}
	q.waiting = nil
	q.signal()
}

func (q *queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// load tells how full the queue is.
func (q *queue) load() (bytes int64, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes, len(q.waiting)
}

// records counts what no commit has taken yet.
func (q *queue) records() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, e := range q.entries {
		n += len(e.records) - e.taken
	}
	return n
}
