// Package hub fans committed records out to viewers.
//
// A [Hub] keeps the newest records in a ring that is bounded in records and in
// bytes. One publisher appends batches with [Hub.Publish], which never waits for
// anyone; any number of viewers [Hub.Subscribe] and read at their own pace. A
// viewer that falls behind the ring is told exactly how many records it missed.
// The hub does not filter, encode or store.
package hub

import (
	"errors"
	"math/rand/v2"
	"sync"

	"github.com/weirlog/weir/record"
)

// ErrClosed is returned by Next after the hub or the subscription was closed and
// everything published before has been read.
var ErrClosed = errors.New("hub is closed")

// Options bound a hub; zero fields take the defaults.
type Options struct {
	MaxRecords int   // default DefaultMaxRecords
	MaxBytes   int64 // estimated size of the records kept; default DefaultMaxBytes
}

// Defaults of a hub: what a page can show of the near past without a store. The
// newest record is kept even when it alone is larger than MaxBytes.
const (
	DefaultMaxRecords = 100_000
	DefaultMaxBytes   = 64 << 20
)

// Hub is a bounded ring of the newest records with subscriptions. All methods
// may be called concurrently, except that Publish has one caller at a time.
type Hub struct {
	epoch uint64

	mu     sync.Mutex
	ring   ring
	last   record.Position // of the newest record published, or the first watermark
	subs   []*Subscription // subs[i].index == i; those that are not closed
	missed uint64
	closed bool
}

// New returns an empty hub. last is the last position committed before it
// started (zero when there is none): it is the first watermark.
func New(opts Options, last record.Position) *Hub {
	if opts.MaxRecords <= 0 {
		opts.MaxRecords = DefaultMaxRecords
	}
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	return &Hub{
		epoch: rand.Uint64() | 1, // zero stands for no epoch
		ring:  newRing(opts, last),
		last:  last,
	}
}

// Publish appends a batch, in ascending positions above all before, and wakes the
// viewers. The hub owns the batch from then on: nobody changes it or its records'
// attributes. It never blocks on a viewer.
func (h *Hub) Publish(batch []record.Record) {
	if len(batch) == 0 {
		return
	}
	sizes := make([]int64, len(batch))
	for i := range batch {
		sizes[i] = SizeOf(&batch[i])
		if i > 0 && batch[i].Resource == batch[i-1].Resource {
			sizes[i] -= resourceSize(batch[i].Resource)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range batch {
		if batch[i].ID <= h.last {
			panic("BUG: a batch was published with positions that do not ascend")
		}
		h.last = batch[i].ID
		h.ring.append(batch[i], sizes[i])
	}
	for _, s := range h.subs {
		s.signal()
	}
}

// Cursor returns where the hub stands now: after the newest record.
func (h *Hub) Cursor() Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.end()
}

// Begin returns the place before the oldest record in the ring.
func (h *Hub) Begin() Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Cursor{Position: h.ring.floor, Epoch: h.epoch, Ordinal: h.ring.begin}
}

func (h *Hub) end() Cursor {
	return Cursor{Position: h.last, Epoch: h.epoch, Ordinal: h.ring.end}
}

// Resolve returns c as this hub counts it, with the hub's epoch and ordinal. held
// tells that every record after c is in the ring or still to come. When it is
// false, some have left the ring or came before the hub. The ordinal is exact
// when c was made by this hub or lies in the ring; for other cursors far behind
// the ring it may be too low, so that a gap is declared too large, never too
// small. A cursor beyond the hub's end resolves to the end.
func (h *Hub) Resolve(c Cursor) (at Cursor, held bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.resolve(c)
}

func (h *Hub) resolve(c Cursor) (at Cursor, held bool) {
	if c.Position >= h.last {
		return h.end(), true
	}
	at = Cursor{Position: c.Position, Epoch: h.epoch}
	if c.Position >= h.ring.floor {
		at.Ordinal = h.ring.ordinalAfter(c.Position)
		return at, true
	}
	if c.Epoch == h.epoch && c.Ordinal <= h.ring.begin {
		at.Ordinal = c.Ordinal
	} else {
		at.Ordinal = h.ring.gone.ordinalAfter(c.Position, h.ring.begin)
	}
	return at, false
}

// Close ends all subscriptions once they have read what was published.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for len(h.subs) > 0 {
		h.subs[len(h.subs)-1].close()
	}
}

// Stats is a snapshot of the hub's counters.
type Stats struct {
	Published   uint64 // records since the start
	Evicted     uint64 // records that have left the ring
	Held        int    // records in the ring
	HeldBytes   int64  // their estimated size
	Subscribers int
	Missed      uint64 // records that subscribers fell behind on, in all
}

// Stats returns the counters.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{
		Published:   h.ring.end,
		Evicted:     h.ring.begin,
		Held:        int(h.ring.end - h.ring.begin),
		HeldBytes:   h.ring.bytes,
		Subscribers: len(h.subs),
		Missed:      h.missed,
	}
}

// View calls yield for the records in the ring with positions in (after, upto],
// oldest first or newest first, until yield returns false. evicted is the number
// of records with a position above after that have left the ring, counted as
// Resolve counts them. The records must not be changed. The ring is not locked
// while yield runs.
func (h *Hub) View(after, upto record.Position, newestFirst bool, yield func(*record.Record) bool) (evicted uint64) {
	h.mu.Lock()
	if after < h.ring.floor {
		evicted = h.ring.begin - h.ring.gone.ordinalAfter(after, h.ring.begin)
	}
	parts := h.ring.between(after, upto)
	h.mu.Unlock()
	for i := range parts {
		part := parts[i]
		if newestFirst {
			part = parts[len(parts)-1-i]
		}
		for j := range part {
			at := j
			if newestFirst {
				at = len(part) - 1 - j
			}
			if !yield(&part[at]) {
				return evicted
			}
		}
	}
	return evicted
}
