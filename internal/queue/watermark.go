package queue

import "time"

// Watermark is a stamp that the record of every log call that begins from now on
// exceeds, and that no record pushed so far exceeds.
func (q *Queue) Watermark() uint64 { return q.clock.watermark() }

// StampOf returns a record's place in the order.
func StampOf(rec string) uint64 { return recordStamp(rec) }

// NowBy is Now for a log call that has read the clock itself: it saves reading it
// again. It falls back to Now for a time without a monotonic reading, which came from
// elsewhere, and where stamps are counted.
func (q *Queue) NowBy(t time.Time) int64 {
	// Round(0) takes the monotonic reading away, so a time that has one is another value.
	if q.clock.replace != nil || q.clock.coarse || t == t.Round(0) { //nolint:revive,staticcheck // == on purpose
		return q.Now()
	}
	return int64(t.Sub(q.clock.base))
}
