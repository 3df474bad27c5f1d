package loki

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"
)

// A client sends a body again when it did not see the answer in time, or when the
// server could not store all of it. Loki ignores an entry that it has with the same
// time and the same text already, so clients do not care; here a body is not stored
// again that is byte for byte the same, from the same sender and for the same tenant,
// and in which each entry has a time.
const (
	// repeatWindow is more than the ten tries of Promtail take to wait at most five
	// minutes for each other.
	repeatWindow = 15 * time.Minute
	// maxRemembered bounds the bodies remembered, at about 150 bytes each. Beyond it the
	// oldest are forgotten early.
	maxRemembered = 10_000
)

// repeats remembers bodies.
type repeats struct {
	clock func() time.Time

	mu        sync.Mutex
	bodies    map[[sha256.Size]byte]*attempt
	order     []*attempt // by the time of their first begin
	repeated  uint64
	forgotten uint64
}

// attempt is one body. Whoever has its turn stores it; the last two fields are theirs.
type attempt struct {
	turn   chan struct{} // of capacity one: full while somebody stores the body
	key    [sha256.Size]byte
	since  time.Time
	stored int  // entries from the front that are stored
	forget bool // it may be like another one by chance
}

func newRepeats(clock func() time.Time) *repeats {
	return &repeats{clock: clock, bodies: make(map[[sha256.Size]byte]*attempt)}
}

// begin returns the body when it is the caller's turn to store it; the caller gives it
// back with end. While another request stores the same one, begin waits, until ctx
// ends.
func (r *repeats) begin(ctx context.Context, sender, tenant string, data []byte) (*attempt, error) {
	hash := sha256.New()
	hash.Write([]byte(sender + "\x00" + tenant + "\x00")) // neither contains it
	hash.Write(data)
	var key [sha256.Size]byte
	hash.Sum(key[:0])

	r.mu.Lock()
	now := r.clock()
	r.drop(now)
	a, ok := r.bodies[key]
	if ok {
		r.repeated++
	} else {
		a = &attempt{key: key, since: now, turn: make(chan struct{}, 1)}
		r.bodies[key] = a
		r.order = append(r.order, a)
	}
	r.mu.Unlock()
	select {
	case a.turn <- struct{}{}:
		return a, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("left while the same body was being stored: %w", ctx.Err())
	}
}

// end gives the turn to the next.
func (r *repeats) end(a *attempt) {
	if a.forget {
		a.stored = 0
	}
	<-a.turn
}

// drop forgets what is too old or too much. The lock is held.
func (r *repeats) drop(now time.Time) {
	n := 0
	for n < len(r.order) {
		old := now.Sub(r.order[n].since) > repeatWindow
		if !old && len(r.order)-n < maxRemembered {
			break
		}
		if !old {
			r.forgotten++
		}
		delete(r.bodies, r.order[n].key)
		n++
	}
	if n > 0 {
		r.order = append(r.order[:0], r.order[n:]...)
	}
}

// Stats are the counters of bodies that came again.
type Stats struct {
	Repeated  uint64 // bodies that had come before, and were not stored twice
	Forgotten uint64 // bodies that were forgotten early, because there were too many
}

// Stats returns the counters.
func (h *Handler) Stats() Stats {
	h.repeats.mu.Lock()
	defer h.repeats.mu.Unlock()
	return Stats{Repeated: h.repeats.repeated, Forgotten: h.repeats.forgotten}
}
