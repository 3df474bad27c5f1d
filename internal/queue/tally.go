package queue

import "sync/atomic"

// Levels is how many levels are counted apart.
const Levels = 6

// Reason is why a record was dropped.
type Reason uint8

// The reasons.
const (
	OverflowOldest Reason = iota // evicted to make room (DropOldest)
	OverflowNewest               // no room for it
	BlockTimeout                 // no room within the time to wait
	Failed                       // no room, and the caller was told (Fail)
	Closed                       // pushed after Close
	Abandoned                    // still waiting when the consumer gave up
	Corrupt                      // could not be decoded

	NumReasons = int(iota)
)

var reasonNames = [NumReasons]string{"overflow_oldest", "overflow_newest", "block_timeout", "fail", "closed", "abandoned", "corrupt"}

// String returns the reason's name, as in metrics.
func (r Reason) String() string { return reasonNames[r] }

// Counts are numbers of dropped records by reason and level.
type Counts [NumReasons][Levels]uint64

type tally [NumReasons][Levels]atomic.Uint64

func (t *tally) add(r Reason, level uint8) { t[r][level].Add(1) }

func (t *tally) addChunk(r Reason, levels *[Levels]uint32) {
	for i, n := range levels {
		if n > 0 {
			t[r][i].Add(uint64(n))
		}
	}
}

// Evicted returns how many records were dropped so far because the queue was full.
func (q *Queue) Evicted() (n uint64) {
	for _, r := range [...]Reason{OverflowOldest, OverflowNewest, BlockTimeout, Failed} {
		for l := range q.dropped[r] {
			n += q.dropped[r][l].Load()
		}
	}
	return n
}

func addLevels(into *[Levels]uint64, levels *[Levels]uint32) {
	for i, n := range levels {
		into[i] += uint64(n)
	}
}

// refusal reports whether records dropped for r were never accepted.
func refusal(r Reason) bool {
	switch r {
	case OverflowNewest, BlockTimeout, Failed, Closed:
		return true
	}
	return false
}
