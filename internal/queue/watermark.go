package queue

// Watermark is a stamp that the record of every log call that begins from now on
// exceeds, and that no record pushed so far exceeds.
func (q *Queue) Watermark() uint64 { return q.clock.watermark() }

// StampOf returns a record's place in the order.
func StampOf(rec string) uint64 { return recordStamp(rec) }
