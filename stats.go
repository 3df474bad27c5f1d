package weir

import (
	"time"

	"github.com/weirlog/weir/internal/queue"
	"github.com/weirlog/weir/record"
)

// Stats are a logger's counters since New. At rest, and always after Close,
// Emitted = Written + Dropped.Total(); in between the rest is Waiting, and the
// numbers are not all of the same moment.
type Stats struct {
	Started time.Time `json:"started_at"`

	Emitted uint64 `json:"emitted"` // records logged at an enabled level
	Written uint64 `json:"written"` // offered to every sink
	Waiting uint64 `json:"waiting"` // in the queue or with the worker
	Dropped Drops  `json:"dropped"`
	// Levels has TRACE, DEBUG, INFO, WARN, ERROR and FATAL, in this order.
	Levels []LevelStats `json:"levels"`

	Truncated uint64 `json:"truncated"` // records whose texts were cut to MaxRecordBytes

	QueueBytes  int `json:"queue_bytes"`  // of the records in the queue
	QueueMemory int `json:"queue_memory"` // that the queue has allocated
	MemoryLimit int `json:"memory_limit"`

	Sinks []SinkStats `json:"sinks"`
}

// Drops are the numbers of records that were dropped, by reason.
type Drops struct {
	OverflowOldest uint64 `json:"overflow_oldest"` // evicted by a newer record (DropOldest)
	OverflowNewest uint64 `json:"overflow_newest"` // not accepted (DropNewest)
	BlockTimeout   uint64 `json:"block_timeout"`   // not accepted in time (Block)
	Fail           uint64 `json:"fail"`            // not accepted (Fail)
	Closed         uint64 `json:"closed"`          // logged after Close
	Abandoned      uint64 `json:"abandoned"`       // not written when Close gave up
	Corrupt        uint64 `json:"corrupt"`         // could not be decoded: a defect of Weir
}

// Total is the sum of all reasons.
func (d Drops) Total() uint64 {
	return d.OverflowOldest + d.OverflowNewest + d.BlockTimeout + d.Fail + d.Closed + d.Abandoned + d.Corrupt
}

// LevelStats are the numbers of one level.
type LevelStats struct {
	Level   string `json:"level"`
	Written uint64 `json:"written"`
	Waiting uint64 `json:"waiting"`
	Dropped Drops  `json:"dropped"`
}

// SinkStats are the numbers of one sink.
type SinkStats struct {
	Name    string `json:"name"`    // its type
	Batches uint64 `json:"batches"` // WriteBatch calls
	Records uint64 `json:"records"` // in them
	Errors  uint64 `json:"errors"`  // calls that failed
	Failed  uint64 `json:"failed"`  // records in those
}

func (c *core) stats() Stats {
	q := c.queue.Stats()
	s := Stats{
		Started:     c.started,
		Emitted:     q.Pushed,
		Truncated:   c.truncated.Load(),
		QueueBytes:  q.Bytes,
		QueueMemory: q.Memory,
		MemoryLimit: q.Limit,
		Dropped:     dropsOf(func(r queue.Reason) uint64 { return sum(q.Dropped[r]) }),
		Written:     sum(q.Written),
		Waiting:     sum(q.Waiting),
	}
	for i := range queue.Levels {
		s.Levels = append(s.Levels, LevelStats{
			Level:   record.Severity(i*4 + 1).Level(),
			Written: q.Written[i],
			Waiting: q.Waiting[i],
			Dropped: dropsOf(func(r queue.Reason) uint64 { return q.Dropped[r][i] }),
		})
	}
	for _, o := range c.outlets.all() {
		s.Sinks = append(s.Sinks, SinkStats{
			Name:    o.name,
			Batches: o.batches.Load(),
			Records: o.records.Load(),
			Errors:  o.errors.Load(),
			Failed:  o.failed.Load(),
		})
	}
	return s
}

func dropsOf(count func(queue.Reason) uint64) Drops {
	return Drops{
		OverflowOldest: count(queue.OverflowOldest),
		OverflowNewest: count(queue.OverflowNewest),
		BlockTimeout:   count(queue.BlockTimeout),
		Fail:           count(queue.Failed),
		Closed:         count(queue.Closed),
		Abandoned:      count(queue.Abandoned),
		Corrupt:        count(queue.Corrupt),
	}
}

func sum(levels [queue.Levels]uint64) uint64 {
	var n uint64
	for _, v := range levels {
		n += v
	}
	return n
}
