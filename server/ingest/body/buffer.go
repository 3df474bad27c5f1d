package body

// FirstRoom is what a body takes before anything of it came. A sender says how much it
// is going to send before it does, or never does: it gets more room only for what came,
// a multiple of that. It is little, because every connection may have so much, and enough
// for the bodies of clients that send each record alone.
const FirstRoom = 16 << 10

const (
	leastRead = 512       // the least room that is offered to a read
	quickRoom = 256 << 10 // up to this the room grows fourfold, so that the usual body of 700 KB is copied thrice, half of it in all
)

// buffer is the room of one body, and grows as bytes come.
type buffer struct {
	data    []byte
	limit   int64 // of the body
	most    int64 // what the sender says that it is going to be; 0: it does not say
	hold    func(bytes int64) error
	refused bool // hold said no
}

// room begins a body of which so much is expected; 0: nobody knows.
func room(expected int64) []byte {
	if expected <= 0 || expected > FirstRoom {
		expected = FirstRoom
	}
	return make([]byte, 0, expected+2*leastRead)
}

// free returns room for more to be read, which is not beyond the limit by more than one
// byte: that tells a body that is too large.
func (b *buffer) free() ([]byte, error) {
	if cap(b.data)-len(b.data) < leastRead {
		if err := b.grow(); err != nil {
			return nil, err
		}
	}
	return b.data[len(b.data):min(int64(cap(b.data)), b.limit+1)], nil
}

// grow makes more room, but not beyond what the body is going to have: the last step of
// a large one would else take twice that.
func (b *buffer) grow() error {
	had := int64(cap(b.data) - 2*leastRead)
	size := 2 * had
	if had <= quickRoom {
		size *= 2
	}
	size = max(size, FirstRoom)
	limit := b.limit
	if b.most > int64(len(b.data)) {
		limit = min(limit, b.most)
	}
	size = min(size, limit)
	if b.hold != nil {
		if err := b.hold(size); err != nil {
			b.refused = true
			return err
		}
	}
	more := make([]byte, len(b.data), size+2*leastRead)
	copy(more, b.data)
	b.data = more
	return nil
}

// fitted gives back most of the room that was made for more than came: the body is held
// for what it is.
func fitted(data []byte) []byte {
	if cap(data)-len(data) <= max(len(data), FirstRoom) {
		return data
	}
	return append(make([]byte, 0, len(data)), data...)
}
