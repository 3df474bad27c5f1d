// Package hub fans committed records out to viewers.
//
// A [Hub] keeps the newest records in a ring that is bounded in records and in
// bytes. One publisher appends batches with [Hub.Publish], which never waits for
// anyone; any number of viewers [Hub.Subscribe] and read at their own pace. A
// viewer that falls behind the ring is told exactly how many records it missed.
// The hub does not filter, encode or store.
package hub

import (
	"context"
	"errors"

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

// Defaults of a hub: what a page can show of the near past without a store.
const (
	DefaultMaxRecords = 100_000
	DefaultMaxBytes   = 64 << 20
)

// Hub is a bounded ring of the newest records with subscriptions. All methods
// may be called concurrently, except that Publish has one caller at a time.
type Hub struct{}

// New returns an empty hub. last is the last position committed before it
// started (zero when there is none): it is the first watermark.
func New(opts Options, last record.Position) *Hub { panic("BUG: not written") }

// Publish appends a batch, in ascending positions above all before, and wakes the
// viewers. The hub owns the batch from then on: nobody changes it or its records'
// attributes. It never blocks on a viewer.
func (h *Hub) Publish(batch []record.Record) { panic("BUG: not written") }

// Cursor returns where the hub stands now: after the newest record.
func (h *Hub) Cursor() Cursor { panic("BUG: not written") }

// Close ends all subscriptions once they have read what was published.
func (h *Hub) Close() { panic("BUG: not written") }

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
func (h *Hub) Stats() Stats { panic("BUG: not written") }

// View calls yield for the records in the ring with positions in (after, upto],
// oldest first or newest first, until yield returns false. evicted is the number
// of records with a position above after that have left the ring. The records
// must not be changed. The ring is not locked while yield runs.
func (h *Hub) View(after, upto record.Position, newestFirst bool, yield func(*record.Record) bool) (evicted uint64) {
	panic("BUG: not written")
}

// Subscribe starts to follow at the hub's present end. Every record published
// before is at or below the subscription's Start; every later one will be
// delivered by Next or counted in a Delivery's Missed.
func (h *Hub) Subscribe() *Subscription { panic("BUG: not written") }

// Subscription is one viewer's place in the hub. Next has one caller at a time.
type Subscription struct{}

// Start is the watermark at which the subscription began.
func (s *Subscription) Start() Cursor { panic("BUG: not written") }

// Delivery is what Next hands over. When Missed is not zero the records between
// From and the first of Records left the ring before they were read.
type Delivery struct {
	From    Cursor          // where the reader stood
	Missed  uint64          // records lost to this reader, after From
	Resumed Cursor          // where reading goes on after the missed ones; From when none were
	Records []record.Record // shared, read only
	To      Cursor          // after the last of Records
}

// Next waits until there is something after what was read, and returns up to
// limit records of it. Its errors are ErrClosed and the context's.
func (s *Subscription) Next(ctx context.Context, limit int) (Delivery, error) {
	panic("BUG: not written")
}

// Close ends the subscription. It may be called more than once and concurrently
// with Next.
func (s *Subscription) Close() { panic("BUG: not written") }
