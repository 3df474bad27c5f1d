package weir

import (
	"time"

	"github.com/weirlog/weir/internal/queue"
)

// wallClock turns readings of the queue's clock into the time of day. So a call
// reads one clock, 20 ns, and not two.
type wallClock struct {
	offset int64 // Unix nanoseconds at the queue clock's zero
	known  bool
}

// wallTolerance is how far the two clocks may drift apart before the offset
// follows. Below it, records a few nanoseconds apart must not change places.
const wallTolerance = 50 * time.Microsecond

// update follows steps of the wall clock. It is called once a round.
func (c *wallClock) update(q *queue.Queue) {
	offset := readOffset(q)
	if drift := time.Duration(offset - c.offset).Abs(); c.known && drift <= wallTolerance {
		return
	}
	// A reading is too small by as long as the processor was away in the middle of
	// it, so the greatest of a few is right.
	for range 3 {
		offset = max(offset, readOffset(q))
	}
	c.offset, c.known = offset, true
}

func readOffset(q *queue.Queue) int64 {
	wall := time.Now()
	return wall.UnixNano() - q.Now()
}

func (c *wallClock) time(reading int64) time.Time { return time.Unix(0, c.offset+reading).UTC() }
