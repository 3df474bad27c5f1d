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
	"context"
	"encoding/binary"
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

	// maxEvictions bounds what one call does to make room while other producers
	// take that room away, besides twice the chunks that its record needs.
	maxEvictions = 16
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
	DropOldest Overflow = iota // the oldest chunk of records makes room
	DropNewest                 // the record is dropped
	Block                      // Push waits for room, up to BlockTimeout
	Fail                       // the record is dropped and the caller is told
)

// Options configure a Queue.
type Options struct {
	Limit        int // bytes of all chunks
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
	shards    []shard
	mask      uint32
	memory    memory
	overflow  Overflow
	timeout   time.Duration
	clock     clock
	nextHint  atomic.Uint32
	dropped   tally
	ledger    ledger
	parked    atomic.Bool
	wake      chan struct{} // never closed; one pending signal
	closing   chan struct{} // closed by Close
	closeOnce sync.Once
}

// New makes a queue.
func New(o Options) *Queue {
	n := o.Shards
	if n == 0 {
		n = 2 * runtime.GOMAXPROCS(0)
		for n > 2 && o.Limit/n < minShardMemory {
			n /= 2
		}
	}
	shards := 2
	for shards < min(n, maxShards) {
		shards *= 2
	}
	q := &Queue{
		shards:   make([]shard, shards),
		mask:     uint32(shards - 1),
		overflow: o.Overflow,
		timeout:  o.BlockTimeout,
		wake:     make(chan struct{}, 1),
		closing:  make(chan struct{}),
	}
	q.clock.init(o.Clock)
	q.memory.init(o.Limit, min(max(o.Limit/(4*shards), minChunk), MaxChunk))
	return q
}

// Hint remembers the shard that a producer used last. A producer that stays on
// one processor then finds that shard's memory in its cache and its lock free. It
// is only a hint: any hint may be used with any record, by one call at a time.
type Hint uint32

// Hint returns a hint for a new producer.
func (q *Queue) Hint() Hint { return Hint(q.nextHint.Add(1)) }

// Now reads the queue's clock, for Push.
func (q *Queue) Now() int64 { return q.clock.now() }

// Push copies rec into the queue. Level is an index below Levels. now was read
// from Now during the same call of the logger, which is what the order of a
// goroutine's records rests on. ctx ends waiting under Block; it may be nil. rec's
// header is overwritten. A nil error means that the record will be drained, unless
// DropOldest evicts it.
func (q *Queue) Push(ctx context.Context, h *Hint, rec []byte, level uint8, now int64) error {
	binary.LittleEndian.PutUint32(rec[sizeOffset:], uint32(len(rec)))
	rec[levelOffset] = level
	binary.LittleEndian.PutUint64(rec[stampOffset:], q.clock.stamp(now))

	s := q.acquire(h)
	if !s.closed && s.fits(len(rec)) {
		s.push(rec, level)
		s.mu.Unlock()
		q.wakeParked()
		return nil
	}
	return q.pushSlow(ctx, s, rec, level)
}

// acquire locks a shard: the hinted one, else any that is free, else the hinted
// one after a wait.
func (q *Queue) acquire(h *Hint) *shard {
	first := uint32(*h)
	s := &q.shards[first&q.mask]
	if s.mu.TryLock() {
		return s
	}
	for i := first + 1; i&q.mask != first&q.mask; i++ {
		if other := &q.shards[i&q.mask]; other.mu.TryLock() {
			*h = Hint(i)
			return other
		}
	}
	s.mu.Lock()
	return s
}

// pushSlow finishes Push for a shard whose chunk has no room. s is locked and gets
// unlocked.
func (q *Queue) pushSlow(ctx context.Context, s *shard, rec []byte, level uint8) error {
	var wait *waiter
	for try := 0; ; try++ {
		if s.closed {
			s.mu.Unlock()
			q.dropped.add(Closed, level)
			return ErrClosed
		}
		if s.fits(len(rec)) {
			s.push(rec, level)
			s.mu.Unlock()
			q.wakeParked()
			return nil
		}
		c, freed := q.memory.take(len(rec))
		if c != nil {
			if len(rec) > q.memory.chunkSize {
				s.insert(c, rec, level)
				s.mu.Unlock()
				q.wakeParked()
				return nil
			}
			s.advance(c)
			continue
		}
		s.mu.Unlock()
		switch q.overflow {
		case DropOldest:
			if try >= maxEvictions+2*len(rec)/q.memory.chunkSize || !q.evict() {
				q.dropped.add(OverflowNewest, level)
				return ErrFull
			}
		case Block:
			if wait == nil {
				wait = newWaiter(ctx, q.timeout)
				defer wait.stop()
			}
			q.wakeParked()
			if !wait.until(freed, q.closing) {
				q.dropped.add(BlockTimeout, level)
				return ErrTimeout
			}
		case Fail:
			q.dropped.add(Failed, level)
			return ErrFull
		default:
			q.dropped.add(OverflowNewest, level)
			return ErrFull
		}
		s.mu.Lock()
	}
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
