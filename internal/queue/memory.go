package queue

import (
	"sync"
	"sync/atomic"
)

// keepFree is how many unused chunks are kept for the next burst when the program
// is quiet: one for a producer and one for the drainer to exchange.
const keepFree = 2

// memory hands out chunks and keeps their sum, in bytes and in records that they
// may hold, under the bounds. Its lock is the last to be taken: nothing else is
// locked under it.
//
// Chunks above the open part of the bounds are reserved: only records of
// reservedFrom and above go into them.
type memory struct {
	layout
	over atomic.Bool // see OverHalf; read by each call, seldom written
	_    [64]byte    // keeps those readers off what the lock is about

	mu        sync.Mutex
	allocated int    // bytes of all chunks, free or not
	used      budget // of chunks that are not free
	reserved  budget // of used: in reserved chunks
	free      []*chunk
	waiting   bool          // somebody has freed
	freed     chan struct{} // closed when memory comes back and waiting is set
}

func (m *memory) init(l layout) {
	m.layout = l
	m.freed = make(chan struct{})
}

// possible reports whether a record of n bytes can ever be admitted.
func (m *memory) possible(n int, level uint8) bool {
	if level >= reservedFrom {
		return n <= m.whole.bytes
	}
	return n <= m.open.bytes
}

// take returns an empty chunk with room for a record of n bytes. sealing, if there
// is one, is the chunk that will take no more records when this one is there; what
// it may still hold is used. When there is no chunk take returns a channel that is
// closed once it is worth asking again.
func (m *memory) take(n int, level uint8, sealing *chunk) (*chunk, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var idle budget
	if sealing != nil {
		idle.records = int(sealing.room)
		m.uncharge(sealing, idle)
	}
	size := max(n, m.chunkSize)
	open := m.used
	open.sub(m.reserved)
	least := budget{size, 1}
	reserved := !open.plus(least).fits(m.open)
	if !m.used.plus(least).fits(m.whole) || reserved && level < reservedFrom {
		if sealing != nil {
			m.charge(sealing, idle)
		}
		m.waiting = true
		return nil, m.freed
	}
	records := 1
	if size == m.chunkSize {
		records = min(m.chunkRecords, m.whole.records-m.used.records)
		if !reserved {
			records = min(records, m.open.records-open.records)
		}
	}
	c := m.chunk(size)
	if reserved {
		c.floor = reservedFrom
	}
	m.charge(c, budget{size, records})
	if sealing != nil {
		sealing.seal()
	}
	c.grant(records)
	m.gauge()
	return c, nil
}

// takeReserved returns an empty reserved chunk with room for so many bytes and
// records, nil when the reserve is full.
func (m *memory) takeReserved(bytes, records int) *chunk {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := budget{max(bytes, m.chunkSize), records}
	if !m.reserveFits(b) {
		return nil
	}
	c := m.chunk(b.bytes)
	c.floor = reservedFrom
	m.charge(c, b)
	c.grant(records)
	m.gauge()
	return c
}

// extend gives a reserved chunk room for more records. It returns false when the
// reserve is full.
func (m *memory) extend(c *chunk, records int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	more := budget{records: max(records-int(c.room), 0)}
	if !m.reserveFits(more) {
		return false
	}
	m.charge(c, more)
	c.granted += uint32(more.records)
	c.room += uint32(more.records)
	return true
}

// reserveFits reports whether the reserve has room for more.
func (m *memory) reserveFits(b budget) bool {
	bound := m.whole
	bound.sub(m.open)
	return m.reserved.plus(b).fits(bound) && m.used.plus(b).fits(m.whole)
}

// spare returns a chunk for the drainer to exchange, which may hold no records
// until then; nil when there is none.
func (m *memory) spare() *chunk {
	m.mu.Lock()
	defer m.mu.Unlock()
	size := budget{bytes: m.chunkSize}
	open := m.used
	open.sub(m.reserved)
	if !open.plus(size).fits(m.open) || !m.used.plus(size).fits(m.whole) {
		return nil
	}
	c := m.chunk(m.chunkSize)
	m.charge(c, size)
	m.gauge()
	return c
}

// chunk finds or makes a chunk of a size that the bounds allow.
func (m *memory) chunk(size int) *chunk {
	if last := len(m.free) - 1; last >= 0 && size == m.chunkSize {
		c := m.free[last]
		m.free[last] = nil
		m.free = m.free[:last]
		return c
	}
	for m.allocated+size > m.whole.bytes && len(m.free) > 0 {
		m.release()
	}
	m.allocated += size
	return &chunk{data: make([]byte, 0, size)}
}

// charge counts what c holds.
func (m *memory) charge(c *chunk, b budget) {
	m.used.add(b)
	if c.floor > 0 {
		m.reserved.add(b)
	}
}

func (m *memory) uncharge(c *chunk, b budget) {
	m.used.sub(b)
	if c.floor > 0 {
		m.reserved.sub(b)
	}
}

// give takes a chunk back.
func (m *memory) give(c *chunk) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.uncharge(c, budget{cap(c.data), int(c.granted)})
	if cap(c.data) == m.chunkSize {
		c.reset()
		m.free = append(m.free, c)
	} else {
		m.allocated -= cap(c.data)
	}
	m.gauge()
	m.signal()
}

// gauge keeps over up to date. It is called with the lock held.
func (m *memory) gauge() {
	switch over := m.over.Load(); {
	case !over && !m.used.fits(m.high):
		m.over.Store(true)
	case over && m.used.fits(m.low):
		m.over.Store(false)
	}
}

// notify tells those who wait that a shard got room.
func (m *memory) notify() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.signal()
}

func (m *memory) signal() {
	if m.waiting {
		m.waiting = false
		close(m.freed)
		m.freed = make(chan struct{})
	}
}

func (m *memory) release() {
	last := len(m.free) - 1
	m.allocated -= cap(m.free[last].data)
	m.free[last] = nil
	m.free = m.free[:last]
}

// trim leaves unused chunks to the garbage collector.
func (m *memory) trim() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.free) > keepFree {
		m.release()
	}
}

func (m *memory) inUse() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.allocated
}
