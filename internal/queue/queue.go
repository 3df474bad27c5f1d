// Package queue is the bounded queue between log calls and the worker: many
// producers, one consumer.
//
// [Queue.Push] copies a record in, [Drainer.Next] takes records out in an order
// that keeps each goroutine's own. A record is a slice of bytes whose first
// [HeaderSize] bytes belong to the queue.
//
// The records wait in chunks of memory that the shards share, so that an idle
// program holds two of them and a single busy goroutine may use the whole limit. A
// producer holds a shard's lock for one copy of its bytes, never for I/O or
// anybody else's code, and goes to another shard when the lock is taken.
//
// The package knows nothing of what is in a record, and it does not poll: its
// consumer decides when to look.
package queue

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// The header of a record: what Push fills in, and what the owner may use.
const (
	HeaderSize = 16 // bytes at the start of each record

	sizeOffset  = 0 // uint32, of the whole record
	levelOffset = 4 // uint8, an index below Levels
	stampOffset = 8 // uint64, its place in the order

	// OwnerOffset is where the three bytes of the header start that the queue
	// carries and does not touch; Push writes the others.
	OwnerOffset = 5
)

// Limits.
const (
	// MaxChunk is the largest unit of memory but for records that need more. The
	// copy that the drainer makes of a chunk is then still a small object to Go's
	// allocator, which ends at 32 KiB.
	MaxChunk = 32 << 10
	minChunk = 1 << 10

	// maxShards: more producers than this never meet in practice, because a lock
	// is held for some 20 ns.
	maxShards = 64
	// minShardMemory keeps the number of shards down when memory is scarce, so that
	// their half-filled chunks are a small part of it.
	minShardMemory = 64 << 10
	// minShardRecords does so when few records may wait: a queue of fewer than twice
	// as many has one shard, and its bound is met to the record.
	minShardRecords = 512
)

// Errors of Push. Each means that the record was dropped and counted.
var (
	ErrFull    = errors.New("the queue is full")
	ErrTimeout = errors.New("the queue stayed full")
	ErrClosed  = errors.New("the queue is closed")
)

// Overflow is what Push does when the queue is full.
type Overflow uint8

// The policies.
const (
	DropOldest Overflow = iota // the oldest chunk of records makes room, see NoReserve
	DropNewest                 // the record is dropped
	Block                      // Push waits for room, up to BlockTimeout
	Fail                       // the record is dropped and the caller is told
)

// Options configure a Queue.
type Options struct {
	Limit int // bytes of all chunks
	// MaxRecords bounds the records that wait in shards; 0: only Limit does. It is
	// never exceeded. It is met to the record below 1024; above, the queue may be
	// full up to an eighth earlier, for what shards in use have not filled yet.
	MaxRecords int
	// NoReserve opens all of both bounds to all levels. Else the last eighth of each
	// admits WARN and above only: a lower record meets the policy earlier. Under
	// DropOldest the reserve keeps such records of the chunks that are evicted. A
	// bound of which an eighth is less than a chunk, or less than a record, has no
	// reserve.
	NoReserve    bool
	Overflow     Overflow
	BlockTimeout time.Duration
	// Clock replaces the monotonic clock (nanoseconds since any fixed moment); for
	// tests.
	Clock func() int64
	// Shards replaces the number of shards; for tests.
	Shards int
}

// Queue is safe for concurrent use by any number of producers and one Drainer.
type Queue struct {
	shards     []shard
	mask       uint32
	memory     memory
	maxRecords int
	overflow   Overflow
	timeout    time.Duration
	clock      clock
	nextHint   atomic.Uint32
	dropped    tally
	ledger     ledger
	parked     atomic.Bool
	wake       chan struct{} // never closed; one pending signal
	closing    chan struct{} // closed by Close
	closeOnce  sync.Once
}

// New makes a queue.
func New(o Options) *Queue {
	n := o.Shards
	if n == 0 {
		n = 2 * runtime.GOMAXPROCS(0)
		for n > 2 && o.Limit/n < minShardMemory {
			n /= 2
		}
		for n > 1 && o.MaxRecords > 0 && o.MaxRecords/n < minShardRecords {
			n /= 2
		}
	}
	l := layOut(&o, n)
	q := &Queue{
		shards:     make([]shard, l.shards),
		mask:       uint32(l.shards - 1),
		maxRecords: o.MaxRecords,
		overflow:   o.Overflow,
		timeout:    o.BlockTimeout,
		wake:       make(chan struct{}, 1),
		closing:    make(chan struct{}),
	}
	q.clock.init(o.Clock)
	q.memory.init(l)
	return q
}

// wakeParked wakes the consumer if it has parked. While records flow it is one
// load of a flag that nobody writes.
func (q *Queue) wakeParked() {
	if q.parked.Load() && q.parked.CompareAndSwap(true, false) {
		select {
		case q.wake <- struct{}{}:
		default: // a signal is pending already
		}
	}
}

// Park tells producers to signal Wake on the next record. It returns false, and
// changes nothing, when there are records.
//
// A producer pushes under a shard's lock and then reads the flag; Park sets the
// flag and then looks under each lock. So one of the two sees the other.
func (q *Queue) Park() bool {
	q.parked.Store(true)
	if q.empty() {
		return true
	}
	q.parked.Store(false)
	return false
}

// Wake is signalled by the first record after Park. A signal may be stale.
func (q *Queue) Wake() <-chan struct{} { return q.wake }

// OverHalf reports whether more than half of the queue is in use, until less than a
// quarter is: the consumer is behind. It costs one load of a flag that changes
// seldom, and may be a little late.
func (q *Queue) OverHalf() bool { return q.memory.over.Load() }

// Close refuses all further records; those that Push has accepted can still be
// drained. When it returns no Push can succeed any more. It may be called more
// than once.
func (q *Queue) Close() {
	for i := range q.shards {
		s := &q.shards[i]
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
	}
	q.closeOnce.Do(func() { close(q.closing) })
}
