package syslog

import "sync/atomic"

// Sizes of a connection's buffer.
const (
	// smallBuffer is what a connection holds at least: a thousand of them are 16 MiB.
	smallBuffer = 16 << 10
	// bigBuffer is what one that sends fast gets, because one commit of a thousand
	// records is cheaper than ten of a hundred.
	bigBuffer = 256 << 10
	// headRoom is for a length before and an end mark behind a message.
	headRoom = 16
	// smallReads is how many reads in a row must have been small before the buffer is.
	smallReads = 64
)

// memory is what all connections together may hold beyond their small buffers.
type memory struct{ left atomic.Int64 }

func newMemory(size int64) *memory {
	m := &memory{}
	m.left.Store(size)
	return m
}

// try takes n bytes if they are there.
func (m *memory) try(n int) bool {
	if m.left.Add(int64(-n)) >= 0 {
		return true
	}
	m.left.Add(int64(n))
	return false
}

func (m *memory) give(n int) { m.left.Add(int64(n)) }

// buffer holds the bytes of one connection that are in no frame yet.
type buffer struct {
	memory *memory
	most   int // it never is larger

	buf  []byte
	at   int // buf[at:] is not in a frame yet
	full bool
	idle int // small reads in a row
}

func newBuffer(m *memory, most int) buffer {
	return buffer{memory: m, most: max(most, bigBuffer), buf: make([]byte, 0, smallBuffer)}
}

// close gives the memory back.
func (b *buffer) close() {
	b.memory.give(cap(b.buf) - smallBuffer)
	b.buf, b.at = make([]byte, 0, smallBuffer), 0
}

// isLarge reports whether the buffer holds some of the memory.
func (b *buffer) isLarge() bool { return cap(b.buf) > smallBuffer }

// shrink gives the memory back when nothing is in the buffer. What was taken from it
// stays valid.
func (b *buffer) shrink() {
	if b.isLarge() && len(b.rest()) == 0 {
		b.close()
	}
}

// space is room to read into. It moves what is left to the front.
func (b *buffer) space() []byte {
	b.compact()
	switch {
	case b.full && cap(b.buf) < bigBuffer:
		b.enlarge()
	case b.idle > smallReads && len(b.buf) == 0 && cap(b.buf) > smallBuffer:
		b.close()
	}
	return b.buf[len(b.buf):cap(b.buf)]
}

// took says that n bytes were read into space.
func (b *buffer) took(n int) {
	b.full = n == cap(b.buf)-len(b.buf)
	b.buf = b.buf[:len(b.buf)+n]
	if b.idle++; n > smallBuffer/2 {
		b.idle = 0
	}
}

// rest is what is in no frame yet.
func (b *buffer) rest() []byte { return b.buf[b.at:] }

// limit is how much of one message the buffer can hold now.
func (b *buffer) limit() int { return cap(b.buf) - headRoom }

// enlarge reports whether the buffer could be made larger.
func (b *buffer) enlarge() bool {
	want := min(2*cap(b.buf), b.most)
	if want <= cap(b.buf) || !b.memory.try(want-cap(b.buf)) {
		return false
	}
	b.buf, b.at = append(make([]byte, 0, want), b.rest()...), 0
	return true
}

func (b *buffer) compact() {
	if b.at > 0 {
		b.buf = b.buf[:copy(b.buf, b.rest())]
		b.at = 0
	}
}
