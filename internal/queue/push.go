package queue

import (
	"context"
	"encoding/binary"
)

// maxEvictions bounds what one call does to make room while other producers take
// that room away, besides twice the chunks that its record needs.
const maxEvictions = 16

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
	if !s.closed && s.fits(len(rec), level) {
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
	admit := level // to the reserve
	if q.overflow == DropOldest {
		// There is something else to make room of, and the reserve is for what is
		// evicted.
		admit = min(admit, reservedFrom-1)
	}
	for try := 0; ; try++ {
		if s.closed {
			s.mu.Unlock()
			q.dropped.add(Closed, level)
			return ErrClosed
		}
		freed := q.place(s, rec, level, admit)
		s.mu.Unlock()
		if freed == nil || level >= reservedFrom && q.placeElsewhere(rec, level) {
			q.wakeParked()
			return nil
		}
		overflow := q.overflow
		if !q.memory.possible(len(rec), level) {
			overflow = refuse(overflow)
		}
		switch overflow {
		case DropOldest:
			switch {
			case try >= maxEvictions+2*len(rec)/q.memory.chunkSize:
				q.dropped.add(OverflowNewest, level)
				return ErrFull
			case q.evict(false):
			case admit < level:
				admit = level
			case level < reservedFrom || !q.evict(true):
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

// refuse is the policy for a record that can never fit: nothing is evicted for it,
// and nobody waits.
func refuse(o Overflow) Overflow {
	if o == Fail {
		return Fail
	}
	return DropNewest
}

// place puts a record into the shard, which is locked. The reserve is open to it
// when admit is reservedFrom or more. When there is no room place returns a channel
// that is closed once it is worth trying again.
func (q *Queue) place(s *shard, rec []byte, level, admit uint8) (freed <-chan struct{}) {
	if s.fits(len(rec), level) {
		s.push(rec, level)
		return nil
	}
	if s.current != nil && len(s.current.data) == 0 {
		// The record needs a chunk of its own, maybe with what this one holds.
		q.memory.give(s.current)
		s.current = nil
	}
	c, freed := q.memory.take(len(rec), admit, s.current)
	switch {
	case c == nil:
		return freed
	case len(rec) > q.memory.chunkSize:
		s.insert(c, rec, level)
	default:
		s.advance(c)
		s.push(rec, level)
	}
	return nil
}

// placeElsewhere looks for room in all shards' chunks, for a record that is worth
// it: where the reserve is one chunk, only one shard has it.
func (q *Queue) placeElsewhere(rec []byte, level uint8) bool {
	for i := range q.shards {
		s := &q.shards[i]
		s.mu.Lock()
		ok := !s.closed && s.fits(len(rec), level)
		if ok {
			s.push(rec, level)
		}
		s.mu.Unlock()
		if ok {
			return true
		}
	}
	return false
}
