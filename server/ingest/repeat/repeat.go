// Package repeat knows bodies that come again: their senders did not see the answer in
// time, or not all of them could be stored.
//
// [Memory.Begin] gives a caller its turn with a body, with what was stored of it before;
// [Memory.End] gives the turn to the next. A body is the same when it is byte for byte,
// and comes from the same sender; whether two can be the same by chance is for the
// caller to judge. What it knows is in memory only: it does not outlive the process.
package repeat

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/weirlog/weir/server/intake"
)

// MaxRemembered bounds the bodies remembered, at about 150 bytes each. Beyond it the
// oldest are forgotten early: 500 bodies a second for 20 s.
const MaxRemembered = 10_000

// Memory remembers bodies. Its methods may be called concurrently.
type Memory struct {
	window time.Duration
	clock  func() time.Time

	mu        sync.Mutex
	bodies    map[[sha256.Size]byte]*Body
	order     []*Body // by the time of their first Begin
	repeated  uint64
	forgotten uint64
}

// Body is one body. Whoever has its turn may read and change the fields.
type Body struct {
	Stored   int // records from the front that are stored
	Repaired int // of those, the ones with a note of a repair

	turn  chan struct{} // of capacity one: full while somebody stores the body
	key   [sha256.Size]byte
	since time.Time
}

// New makes a memory that forgets a body so long after it came first. clock is time.Now
// outside tests.
func New(window time.Duration, clock func() time.Time) *Memory {
	return &Memory{window: window, clock: clock, bodies: make(map[[sha256.Size]byte]*Body)}
}

// Begin returns a sender's body when it is the caller's turn to store it; the caller
// gives it back with End. sender has no NUL. While another request stores the same one,
// Begin waits, until ctx ends: the error then wraps intake.ErrUnavailable.
func (m *Memory) Begin(ctx context.Context, sender string, data []byte) (*Body, error) {
	hash := sha256.New()
	hash.Write([]byte(sender + "\x00"))
	hash.Write(data)
	var key [sha256.Size]byte
	hash.Sum(key[:0])

	m.mu.Lock()
	now := m.clock()
	m.forget(now)
	b, ok := m.bodies[key]
	if ok {
		m.repeated++
	} else {
		b = &Body{key: key, since: now, turn: make(chan struct{}, 1)}
		m.bodies[key] = b
		m.order = append(m.order, b)
	}
	m.mu.Unlock()
	select {
	case b.turn <- struct{}{}:
		return b, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: left while the same body was being stored: %w", intake.ErrUnavailable, ctx.Err())
	}
}

// End gives the turn to the next.
func (m *Memory) End(b *Body) { <-b.turn }

// forget drops what is too old or too much. The lock is held.
func (m *Memory) forget(now time.Time) {
	n := 0
	for n < len(m.order) {
		old := now.Sub(m.order[n].since) > m.window
		if !old && len(m.order)-n < MaxRemembered {
			break
		}
		if !old {
			m.forgotten++
		}
		delete(m.bodies, m.order[n].key)
		n++
	}
	if n > 0 {
		m.order = append(m.order[:0], m.order[n:]...)
	}
}

// Stats are the counters of bodies that came again.
type Stats struct {
	Repeated  uint64 // bodies that had come before
	Forgotten uint64 // bodies that were forgotten early, because there were too many
}

// Stats returns the counters.
func (m *Memory) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Stats{Repeated: m.repeated, Forgotten: m.forgotten}
}
