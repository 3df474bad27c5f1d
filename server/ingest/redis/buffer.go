package redis

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/weirlog/weir/server/intake"
)

// published is a message with the source that it came by.
type published struct {
	source  intake.Source
	message message
	hole    *hole // instead of a message: something is missing here
}

// hole is a stretch of time in which messages were lost, by their sources.
type hole struct {
	since, until time.Time
	lost         map[intake.Source]int // how many; 0: nobody knows
	reason       string
}

// The reasons for a hole.
const (
	holeDisconnected = "disconnected" // nobody listened
	holeOverflow     = "overflow"     // there was no room
)

// buffer holds what was published until it is stored. When it is full, what comes is
// lost until half of it is free again: one long hole is understood, many small ones are
// not. It has one user who adds and one who takes.
type buffer struct {
	maxMessages, maxBytes int

	mu     sync.Mutex
	queue  []published
	count  int   // messages in queue
	bytes  int   // of their texts
	full   *hole // what is lost now, nil: nothing
	closed bool
	ready  chan struct{} // of capacity one: there is something to take
}

func newBuffer(messages, bytes int) *buffer {
	return &buffer{maxMessages: messages, maxBytes: bytes, ready: make(chan struct{}, 1)}
}

// add puts a message in. false means that there is no room: it is lost, and counted by
// the hole.
func (b *buffer) add(p published, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := len(p.message.text)
	if b.full != nil {
		if b.count > b.maxMessages/2 || b.bytes > b.maxBytes/2 {
			b.full.lost[p.source]++
			b.full.until = now
			return false
		}
		b.endHole()
	}
	if b.count > 0 && (b.count >= b.maxMessages || b.bytes+size > b.maxBytes) {
		b.full = &hole{since: now, until: now, reason: holeOverflow, lost: map[intake.Source]int{p.source: 1}}
		return false
	}
	b.queue = append(b.queue, p)
	b.count++
	b.bytes += size
	b.signal()
	return true
}

// endHole puts what was lost where it is missing. The lock is held.
func (b *buffer) endHole() {
	if b.full != nil {
		b.queue = append(b.queue, published{hole: b.full})
		b.full = nil
		b.signal()
	}
}

// addHole puts a hole in, whether there is room or not: there is one for each
// reconnection at most.
func (b *buffer) addHole(h *hole) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endHole()
	b.queue = append(b.queue, published{hole: h})
	b.signal()
}

// close says that nothing comes any more; what is there can still be taken.
func (b *buffer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endHole()
	b.closed = true
	b.signal()
}

func (b *buffer) signal() {
	select {
	case b.ready <- struct{}{}:
	default: // it is known already
	}
}

// take waits for something and returns at most n of it, in order; nothing when the
// buffer is closed and empty, or ctx has ended. What is taken still takes up room, until
// done is called with it.
func (b *buffer) take(ctx context.Context, n int) []published {
	for {
		b.mu.Lock()
		if b.full != nil && len(b.queue) == 0 {
			b.endHole() // nothing follows it yet, but it should be seen
		}
		some := min(n, len(b.queue))
		taken := slices.Clone(b.queue[:some])
		clear(b.queue[:some])
		b.queue = b.queue[some:]
		closed := b.closed
		b.mu.Unlock()
		if len(taken) > 0 || closed {
			return taken
		}
		select {
		case <-b.ready:
		case <-ctx.Done():
			return nil
		}
	}
}

// done gives back the room of what was taken.
func (b *buffer) done(taken []published) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range taken {
		if taken[i].hole == nil {
			b.count--
			b.bytes -= len(taken[i].message.text)
		}
	}
}

// rest empties the buffer and returns how many messages of each source were in it.
func (b *buffer) rest() map[intake.Source]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := make(map[intake.Source]int)
	for i := range b.queue {
		if b.queue[i].hole == nil {
			left[b.queue[i].source]++
		}
	}
	b.queue = nil
	return left
}

// sources returns those of a hole in an order that stays.
func (h *hole) sources() []intake.Source {
	return slices.SortedFunc(maps.Keys(h.lost), func(a, b intake.Source) int {
		if a.Sender < b.Sender {
			return -1
		}
		return 1
	})
}
