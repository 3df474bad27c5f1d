package queue

import (
	"sync/atomic"
	"time"
)

// clock gives stamps that order one goroutine's records: a stamp taken after a
// Push has returned is greater than the stamp of every record pushed before.
//
// Where a reading of the clock is always later than the one before, the reading
// is the stamp and costs nothing more. Elsewhere, and where time stands still
// (testing/synctest), a counter is: 5 ns, or 20 ns when eight goroutines share it.
type clock struct {
	base    time.Time
	replace func() int64
	coarse  bool
	counter atomic.Uint64
}

// clockProbes is how many readings must all differ for a clock to count as fine.
// A clock with a step longer than its own reading fails within two or three.
const clockProbes = 64

func (c *clock) init(replace func() int64) {
	c.base, c.replace = time.Now(), replace
	for last, i := c.now(), 0; i < clockProbes; i++ {
		next := c.now()
		if next <= last {
			c.coarse = true
			return
		}
		last = next
	}
}

func (c *clock) now() int64 {
	if c.replace != nil {
		return c.replace()
	}
	return int64(time.Since(c.base))
}

// stamp turns a reading of now into a stamp.
func (c *clock) stamp(now int64) uint64 {
	if c.coarse {
		return c.counter.Add(1)
	}
	return uint64(now)
}

// watermark is a bound that every later stamp of a record exceeds, and that no
// record pushed so far exceeds.
func (c *clock) watermark() uint64 {
	if c.coarse {
		return c.counter.Load()
	}
	return uint64(c.now())
}
