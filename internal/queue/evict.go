package queue

import (
	"encoding/binary"
	"slices"
)

// victim is the oldest chunk that is reserved, or that is not. place is where in
// sealed it lies, len(sealed) when it is the current one. It is nil when there is
// none.
func (s *shard) victim(reserved bool) (c *chunk, place int) {
	for i, c := range s.sealed {
		if c.floor > 0 == reserved {
			return c, i
		}
	}
	if c := s.sealing(); c != nil && c.floor > 0 == reserved {
		return c, len(s.sealed)
	}
	return nil, 0
}

// remove takes the chunk at a place out.
func (s *shard) remove(place int) {
	switch place {
	case len(s.sealed):
		s.current = nil
	case 0:
		s.take(nil)
	default:
		s.sealed = slices.Delete(s.sealed, place, place+1)
	}
}

// evict makes room by dropping the oldest chunk of all shards that is reserved, or
// that is not. Of one that is not, the reserve keeps the records that it admits, as
// long as it has room: they stay in their place. It returns false when there is
// nothing to evict.
func (q *Queue) evict(reserved bool) bool {
	victim, oldest := -1, uint64(0)
	for i := range q.shards {
		s := &q.shards[i]
		s.mu.Lock()
		if c, _ := s.victim(reserved); c != nil && (victim < 0 || c.first() < oldest) {
			victim, oldest = i, c.first()
		}
		s.mu.Unlock()
	}
	if victim < 0 {
		return false
	}
	// The drainer may have taken that chunk in between. Then there is room, or the
	// next oldest of the same shard goes.
	s := &q.shards[victim]
	s.mu.Lock()
	c, place := s.victim(reserved)
	if c == nil {
		s.mu.Unlock()
		return true
	}
	if !reserved {
		place = q.keep(s, c, place)
	}
	s.remove(place)
	s.mu.Unlock()
	q.dropped.addChunk(OverflowOldest, &c.levels)
	q.memory.give(c)
	return true
}

// keep copies the records that the reserve admits into a reserved chunk before
// c, which is about to be evicted, and takes them out of its counts. It returns the
// place where c is then.
func (q *Queue) keep(s *shard, c *chunk, place int) int {
	records := 0
	for _, n := range c.levels[reservedFrom:] {
		records += int(n)
	}
	if records == 0 {
		return place
	}
	size := 0
	c.each(func(rec []byte, level uint8) {
		if level >= reservedFrom {
			size += len(rec)
		}
	})
	var kept *chunk
	if place > 0 {
		kept = s.sealed[place-1] // not younger than c
	}
	if kept == nil || kept.floor == 0 || size > cap(kept.data)-len(kept.data) || !q.memory.extend(kept, records) {
		if kept = q.memory.takeReserved(size, records); kept == nil {
			return place
		}
		s.sealed = slices.Insert(s.sealed, place, kept)
		place++
	}
	c.each(func(rec []byte, level uint8) {
		if level >= reservedFrom {
			kept.add(rec, level)
			c.levels[level]--
		}
	})
	return place
}

// each visits the records of a chunk.
func (c *chunk) each(visit func(rec []byte, level uint8)) {
	for rest := c.data; len(rest) > 0; {
		size := binary.LittleEndian.Uint32(rest[sizeOffset:])
		visit(rest[:size], rest[levelOffset])
		rest = rest[size:]
	}
}
