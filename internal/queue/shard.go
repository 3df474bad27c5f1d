package queue

import (
	"encoding/binary"
	"sync"
)

// chunk is a run of whole records in the order in which they were pushed. 64 bytes,
// so that a push touches one cache line of it.
type chunk struct {
	data    []byte         // never grows beyond its capacity
	levels  [Levels]uint32 // how many records of each level
	room    uint32         // how many more records it may take
	granted uint32         // what it holds of the bound in records: those in it and room
	floor   uint8          // the least level that it takes; above 0 the chunk is reserved
}

// fits reports whether a record of n bytes may be added.
func (c *chunk) fits(n int, level uint8) bool {
	return n <= cap(c.data)-len(c.data) && c.room > 0 && level >= c.floor
}

func (c *chunk) add(rec []byte, level uint8) {
	c.data = append(c.data, rec...)
	c.levels[level]++
	c.room--
}

// grant lets an empty chunk take records.
func (c *chunk) grant(records int) {
	c.granted = uint32(records)
	c.room = c.granted
}

// seal gives up what the chunk may still take.
func (c *chunk) seal() {
	c.granted -= c.room
	c.room = 0
}

// first is the stamp of the oldest record. The chunk must not be empty.
func (c *chunk) first() uint64 { return binary.LittleEndian.Uint64(c.data[stampOffset:]) }

func (c *chunk) reset() { *c = chunk{data: c.data[:0]} }

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

// fits reports whether a record of n bytes goes into the current chunk.
func (s *shard) fits(n int, level uint8) bool {
	return s.current != nil && s.current.fits(n, level)
}

// sealing is the chunk that the next one will seal.
func (s *shard) sealing() *chunk {
	if s.current != nil && len(s.current.data) > 0 {
		return s.current
	}
	return nil
}

// advance makes c, which is empty, the current chunk after one that is full.
func (s *shard) advance(c *chunk) {
	if s.current != nil {
		s.sealed = append(s.sealed, s.current)
	}
	s.current = c
}

// insert adds a record that is too large for a common chunk, in a chunk of its own.
// The current chunk must not be empty.
func (s *shard) insert(c *chunk, rec []byte, level uint8) {
	c.add(rec, level)
	s.accepted++
	if s.current != nil {
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
// place, unless the chunk is reserved: an empty one of those would keep the reserve
// from others. The result says whether spare was used.
func (s *shard) take(spare *chunk) (c *chunk, spareUsed bool) {
	c = s.oldest()
	switch {
	case c == nil:
		return nil, false
	case c != s.current:
		s.sealed[0] = nil
		s.sealed = s.sealed[1:]
		if len(s.sealed) == 0 {
			s.sealed = nil
		}
		return c, false
	case spare == nil || c.floor > 0:
		s.current = nil
		return c, false
	}
	spare.grant(int(c.granted)) // c is reset by its taker
	s.current = spare
	return c, true
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
