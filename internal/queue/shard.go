package queue

import (
	"encoding/binary"
	"sync"
)

// chunk is a run of whole records in the order in which they were pushed.
type chunk struct {
	data   []byte         // never grows beyond its capacity
	levels [Levels]uint32 // how many records of each level
}

func (c *chunk) add(rec []byte, level uint8) {
	c.data = append(c.data, rec...)
	c.levels[level]++
}

// first is the stamp of the oldest record. The chunk must not be empty.
func (c *chunk) first() uint64 { return binary.LittleEndian.Uint64(c.data[stampOffset:]) }

func (c *chunk) reset() {
	c.data = c.data[:0]
	c.levels = [Levels]uint32{}
}

// shard is one of the queue's lines. All chunks in sealed are older than current,
// and none of them is empty.
type shard struct {
	mu       sync.Mutex
	closed   bool
	current  *chunk   // where the next record goes; may be nil
	sealed   []*chunk // full ones, oldest first
	accepted uint64   // records ever pushed

	// Two producers' shards must not share a cache line; 128 bytes cover the
	// pairs that some processors fetch.
	_ [128 - 56]byte
}

// fits reports whether n more bytes go into the current chunk.
func (s *shard) fits(n int) bool {
	return s.current != nil && n <= cap(s.current.data)-len(s.current.data)
}

// advance makes c, which is empty, the current chunk after one that is full.
func (s *shard) advance(c *chunk) {
	if s.current != nil {
		s.sealed = append(s.sealed, s.current)
	}
	s.current = c
}

// insert adds a record that is too large for a common chunk, in a chunk of its own.
func (s *shard) insert(c *chunk, rec []byte, level uint8) {
	c.add(rec, level)
	s.accepted++
	if s.current != nil && len(s.current.data) > 0 {
		s.sealed = append(s.sealed, s.current)
		s.current = nil
	}
	s.sealed = append(s.sealed, c)
}

// oldest is the chunk that take would return, nil when the shard is empty.
func (s *shard) oldest() *chunk {
	if len(s.sealed) > 0 {
		return s.sealed[0]
	}
	if s.current != nil && len(s.current.data) > 0 {
		return s.current
	}
	return nil
}

// push adds a record to the current chunk, which has room for it.
func (s *shard) push(rec []byte, level uint8) {
	s.current.add(rec, level)
	s.accepted++
}

// take removes the oldest chunk. When that is the current one, spare takes its
// place; the result says whether spare was used.
func (s *shard) take(spare *chunk) (c *chunk, spareUsed bool) {
	c = s.oldest()
	switch {
	case c == nil:
		return nil, false
	case c == s.current:
		s.current = spare
		return c, spare != nil
	}
	s.sealed[0] = nil
	s.sealed = s.sealed[1:]
	if len(s.sealed) == 0 {
		s.sealed = nil
	}
	return c, false
}

// count adds up the records that wait.
func (s *shard) count(into *[Levels]uint64) (bytes int) {
	for _, c := range s.sealed {
		addLevels(into, &c.levels)
		bytes += len(c.data)
	}
	if s.current != nil {
		addLevels(into, &s.current.levels)
		bytes += len(s.current.data)
	}
	return bytes
}

func (q *Queue) empty() bool {
	for i := range q.shards {
		s := &q.shards[i]
		s.mu.Lock()
		waiting := s.oldest() != nil
		s.mu.Unlock()
		if waiting {
			return false
		}
	}
	return true
}

// evict drops the oldest chunk of all shards and frees its memory. It returns
// false when no records wait.
func (q *Queue) evict() bool {
	victim, oldest := -1, uint64(0)
	for i := range q.shards {
		s := &q.shards[i]
		s.mu.Lock()
		if c := s.oldest(); c != nil && (victim < 0 || c.first() < oldest) {
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
	c, _ := s.take(nil)
	s.mu.Unlock()
	if c == nil {
		return true
	}
	q.dropped.addChunk(OverflowOldest, &c.levels)
	q.memory.give(c)
	return true
}
