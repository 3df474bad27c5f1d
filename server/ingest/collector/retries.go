package collector

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/weirlog/weir/server/intake"
)

// The clients send a batch again when they did not see the answer in time. A body
// is taken for that only when it is byte for byte the same, when each record in it
// has created_at (so that two batches are not the same by chance), and when it
// comes from the same sender within retryWindow.
const (
	// retryWindow covers the Python client's four tries, which with a server that
	// hangs take 27 s, and a good many of Node's, which never ends.
	retryWindow = 2 * time.Minute
	// maxRemembered bounds the batches remembered, at about 150 bytes each. Beyond
	// it the oldest are forgotten early: 500 batches a second for 20 s.
	maxRemembered = 10_000
)

// retries remembers the batches of the last two minutes.
type retries struct {
	clock func() time.Time

	mu        sync.Mutex
	attempts  map[[sha256.Size]byte]*attempt
	order     []*attempt // by time of their first begin
	repeated  uint64     // batches that had come before
	forgotten uint64     // batches forgotten before their time
}

// attempt is one batch. Whoever has its turn stores it; the last two fields are
// theirs.
type attempt struct {
	turn     chan struct{} // of capacity one: full while somebody stores the batch
	key      [sha256.Size]byte
	since    time.Time
	stored   int // records of the batch that are stored
	repaired int
}

func newRetries(clock func() time.Time) *retries {
	return &retries{clock: clock, attempts: make(map[[sha256.Size]byte]*attempt)}
}

// begin returns the batch when it is the caller's turn to store it; the caller gives
// it back with end. sender is an address without its port, and the client's name: the
// Python client opens a new connection for each batch. While another request stores it, begin waits, until ctx ends.
func (r *retries) begin(ctx context.Context, sender string, data []byte) (*attempt, error) {
	hash := sha256.New()
	hash.Write([]byte(sender))
	hash.Write([]byte{0}) // no sender contains it
	hash.Write(data)
	var key [sha256.Size]byte
	hash.Sum(key[:0])

	r.mu.Lock()
	now := r.clock()
	r.forget(now)
	a, ok := r.attempts[key]
	if ok {
		r.repeated++
	} else {
		a = &attempt{key: key, since: now, turn: make(chan struct{}, 1)}
		r.attempts[key] = a
		r.order = append(r.order, a)
	}
	r.mu.Unlock()
	select {
	case a.turn <- struct{}{}:
		return a, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: left while the same batch was being stored: %w", intake.ErrUnavailable, ctx.Err())
	}
}

func (r *retries) end(a *attempt) { <-a.turn }

// forget drops what is too old or too much. The lock is held.
func (r *retries) forget(now time.Time) {
	n := 0
	for n < len(r.order) {
		old := now.Sub(r.order[n].since) > retryWindow
		if !old && len(r.order)-n < maxRemembered {
			break
		}
		if !old {
			r.forgotten++
		}
		delete(r.attempts, r.order[n].key)
		n++
	}
	if n > 0 {
		r.order = append(r.order[:0], r.order[n:]...)
	}
}

// Stats are the counters of batches that came again.
type Stats struct {
	Repeated  uint64 // batches that had come before, and were not stored twice
	Forgotten uint64 // batches that were forgotten early, because there were too many
}

// Stats returns the counters.
func (h *Handler) Stats() Stats {
	h.retries.mu.Lock()
	defer h.retries.mu.Unlock()
	return Stats{Repeated: h.retries.repeated, Forgotten: h.retries.forgotten}
}
