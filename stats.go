package weir

import (
	"slices"
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

	DropRate float64 `json:"drop_rate"` // dropped of emitted: 0.04 is 4 %

	Filtered  uint64 `json:"filtered"`  // of the written ones, dropped by Options.Processors
	Truncated uint64 `json:"truncated"` // records whose texts were cut to MaxRecordBytes

	// EncodedAtCall are records that their calls wrote as JSON, because the queue was more
	// than half full and one worker is then too slow.
	EncodedAtCall uint64 `json:"encoded_at_call"`

	QueueRecords  int     `json:"queue_records"`  // in the queue
	QueueCapacity int     `json:"queue_capacity"` // MaxRecords; 0: bounded in bytes alone
	QueueBytes    int     `json:"queue_bytes"`    // of the records in the queue
	QueueMemory   int     `json:"queue_memory"`   // that the queue has allocated
	QueueFill     float64 `json:"queue_fill"`     // of its memory or its records, whichever is fuller, 0 to 1
	SinkBytes     int     `json:"sink_bytes"`     // estimated, of the records that are with the sinks
	MemoryLimit   int     `json:"memory_limit"`

	Sinks      []SinkStats      `json:"sinks"`
	SinkErrors uint64           `json:"sink_errors"` // of all sinks
	Processors []ProcessorStats `json:"processors,omitempty"`

	CheckpointsSaved uint64 `json:"checkpoints_saved"`
	Viewers          int    `json:"viewers"` // of the live page
	// Uptime is how long ago New was called, in JSON in nanoseconds.
	Uptime time.Duration `json:"uptime"`
}

// Watched is a Viewer that knows how many people look.
type Watched interface {
	Viewer
	// Viewers may be called concurrently with everything.
	Viewers() int
}

// ProcessorStats are the numbers of one processor that has failed.
type ProcessorStats struct {
	Name   string `json:"name"`
	Sink   string `json:"sink,omitempty"` // whose processor it is; "": of all records
	Errors uint64 `json:"errors"`
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

// SinkStats are the numbers of one sink. What its loggers let through is Records +
// Filtered + Dropped + Waiting, but for what processors add; Records includes Failed.
type SinkStats struct {
	Name     string `json:"name"` // SinkOptions.Name, or the sink's own, or its type
	Tap      bool   `json:"tap,omitempty"`
	Batches  uint64 `json:"batches"`  // WriteBatch calls
	Records  uint64 `json:"records"`  // in them
	Errors   uint64 `json:"errors"`   // calls that failed
	Failed   uint64 `json:"failed"`   // records in those
	Rescued  uint64 `json:"rescued"`  // of the failed ones, given to the fallback
	Filtered uint64 `json:"filtered"` // kept away by its level or its processors
	Dropped  uint64 `json:"dropped"`  // missed, because it was behind the others, or hung when it was to be closed
	Waiting  uint64 `json:"waiting"`  // in its line, and being written
	Lost     uint64 `json:"lost"`     // of the records, after WriteBatch took them (see Late)
}

func (c *core) stats() Stats {
	q := c.queue.Stats()
	s := Stats{
		Started:          c.started,
		Emitted:          q.Pushed,
		Filtered:         c.filtered.Load(),
		Truncated:        c.truncated.Load(),
		EncodedAtCall:    c.lines.encoded.Load(),
		QueueRecords:     q.Records,
		QueueCapacity:    q.MaxRecords,
		QueueBytes:       q.Bytes,
		QueueMemory:      q.Memory,
		QueueFill:        float64(q.Bytes) / float64(max(q.Limit, 1)),
		SinkBytes:        int(c.worker.batches.live.Load()),
		MemoryLimit:      c.memoryLimit,
		Dropped:          dropsOf(func(r queue.Reason) uint64 { return sum(q.Dropped[r]) }),
		Written:          sum(q.Written),
		Waiting:          sum(q.Waiting),
		CheckpointsSaved: c.checkpoints.saved.Load(),
		Uptime:           time.Since(c.started),
	}
	if q.MaxRecords > 0 {
		s.QueueFill = max(s.QueueFill, float64(q.Records)/float64(q.MaxRecords))
	}
	if s.Emitted > 0 {
		s.DropRate = float64(s.Dropped.Total()) / float64(s.Emitted)
	}
	for i := range queue.Levels {
		s.Levels = append(s.Levels, LevelStats{
			Level:   levelName(i),
			Written: q.Written[i],
			Waiting: q.Waiting[i],
			Dropped: dropsOf(func(r queue.Reason) uint64 { return q.Dropped[r][i] }),
		})
	}
	s.Processors = c.worker.chain.appendStats(s.Processors, "")
	for _, o := range c.outlets.all() {
		s.Sinks = append(s.Sinks, o.stats())
		s.SinkErrors += o.errors.Load()
		s.Processors = o.chain.appendStats(s.Processors, o.name)
		if w, ok := o.sink.(Watched); ok {
			s.Viewers += w.Viewers()
		}
	}
	return s
}

func (o *outlet) stats() SinkStats {
	s := SinkStats{
		Name:     o.name,
		Tap:      o.tap != nil,
		Batches:  o.batches.Load(),
		Records:  o.records.Load(),
		Errors:   o.errors.Load(),
		Failed:   o.failed.Load(),
		Rescued:  o.rescued.Load(),
		Filtered: o.filtered.Load(),
		Dropped:  o.dropped.Load(),
		Waiting:  uint64(max(o.waiting.Load(), 0)),
	}
	if late, ok := o.sink.(Late); ok {
		s.Lost = late.Lost()
	}
	return s
}

// appendStats lists the processors that have failed.
func (ch *chain) appendStats(list []ProcessorStats, sink string) []ProcessorStats {
	if ch == nil {
		return list
	}
	for _, s := range slices.Backward(ch.stages) {
		if n := s.errors.Load(); n > 0 {
			list = append(list, ProcessorStats{Name: s.name, Sink: sink, Errors: n})
		}
	}
	return list
}

// levelName is the name of one of the queue's levels.
func levelName(i int) string { return record.Severity(i*4 + 1).Level() }

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
