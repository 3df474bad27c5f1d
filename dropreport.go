package weir

import (
	"time"

	"github.com/weirlog/weir/internal/queue"
)

const (
	// dropPrintInterval is how often at most dropped records are printed.
	dropPrintInterval = 10 * time.Second
	// dropCallInterval is how often at most OnDrop is called.
	dropCallInterval = time.Second
)

// DropReport tells of records that were dropped because the queue was full.
type DropReport struct {
	Dropped Drops        // since the report before
	Levels  []LevelDrops // the same by level, from TRACE to FATAL
	Total   uint64       // since New
}

// LevelDrops are the drops of one level.
type LevelDrops struct {
	Level   string
	Dropped Drops
}

// dropReports tells people and the program of drops, now and then. The worker has
// it.
type dropReports struct {
	printed   uint64
	lastPrint time.Time
	told      queue.Counts
	toldTotal uint64
	lastCall  time.Time
}

// pending reports whether there is something to tell later.
func (d *dropReports) pending(c *core) bool {
	total := c.queue.Evicted()
	return total != d.printed || c.onDrop != nil && total != d.toldTotal
}

func (d *dropReports) tell(c *core, stopping bool) {
	if !d.pending(c) {
		return
	}
	total := c.queue.Evicted()
	now := time.Now()
	if total != d.printed && (stopping || now.Sub(d.lastPrint) >= dropPrintInterval) {
		c.diagnose(&Error{
			Layer: LayerDispatch, Service: "Queue", Category: CategoryRouting, Severity: SeverityWarning, Recoverable: true,
			Message:     count(total-d.printed, "record") + " dropped, because the sinks are slower than the program",
			UserMessage: "raise MemoryLimit, log less, or choose another Overflow",
			Context:     map[string]any{"dropped": total - d.printed, "total": total},
		})
		d.printed, d.lastPrint = total, now
	}
	if c.onDrop != nil && total != d.toldTotal && (stopping || now.Sub(d.lastCall) >= dropCallInterval) {
		counts := c.queue.Stats().Dropped
		r := DropReport{Total: total, Dropped: overflowDrops(&counts, &d.told, -1)}
		for i := range queue.Levels {
			r.Levels = append(r.Levels, LevelDrops{Level: levelName(i), Dropped: overflowDrops(&counts, &d.told, i)})
		}
		d.told, d.toldTotal, d.lastCall = counts, total, now
		if err := guard(func() error { c.onDrop(r); return nil }); err != nil {
			c.report("OnDrop failed: %v", err)
		}
	}
}

// overflowDrops are the differences of one level, or of all when level is negative.
func overflowDrops(now, before *queue.Counts, level int) Drops {
	return dropsOf(func(r queue.Reason) (n uint64) {
		for l := range now[r] {
			if level < 0 || l == level {
				n += now[r][l] - before[r][l]
			}
		}
		return n
	})
}
