package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
)

// What waits for a destination that is behind, with --drop. Both absorb a store that
// stalls for a checkpoint, seen to take 1.6 s, at 10,000 lines a second of 500 bytes.
const (
	dropRecords = 20_000
	dropBytes   = 32 << 20
)

// dropBatch is how many waiting records are stored at once: a commit of so many costs
// little more than one of a single record.
const dropBatch = 1_000

// dropper stands before a destination and lets nobody wait: what does not fit into
// its bounded queue is dropped, counted, and declared by a record where it is missing.
type dropper struct {
	next   destination
	notice func(format string, args ...any)

	mu         sync.Mutex
	queue      []waiting
	records    int // in the queue and on their way
	bytes      int64
	missing    int // dropped and not declared yet
	last       waiting
	dropped    uint64
	unstored   int // left when the time was up
	closing    bool
	wake       chan struct{} // has a capacity of one: there is something to do
	ctx        context.Context
	cancel     context.CancelFunc
	done       chan struct{} // closed by the goroutine at its end
	maxRecords int
	maxBytes   int64
}

// waiting is a batch that waits, or the last one that was dropped.
type waiting struct {
	source intake.Source
	batch  []record.Record
	bytes  int64
}

var _ destination = (*dropper)(nil)

// newDropper starts the goroutine that stores what waits; close ends it.
func newDropper(next destination, notice func(string, ...any)) *dropper {
	d := &dropper{
		next: next, notice: notice, wake: make(chan struct{}, 1), done: make(chan struct{}),
		maxRecords: dropRecords, maxBytes: dropBytes,
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	go d.run()
	return d
}

// keep implements destination. It does not wait.
func (d *dropper) keep(_ context.Context, source intake.Source, batch []record.Record) error {
	w := waiting{source, batch, 0}
	for i := range batch {
		w.bytes += hub.SizeOf(&batch[i])
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return &unstoredError{records: len(batch), why: context.Canceled}
	}
	// A batch that is too large by itself has its turn when nothing else waits.
	if d.records > 0 && (d.records+len(batch) > d.maxRecords || d.bytes+w.bytes > d.maxBytes) {
		d.lost(w)
		return nil
	}
	d.declare(w)
	d.push(w)
	return nil
}

// lose implements destination.
func (d *dropper) lose(source intake.Source, n int) { d.next.lose(source, n) }

// lost counts a batch that is dropped. The lock is held.
func (d *dropper) lost(w waiting) {
	n := len(w.batch)
	if d.dropped == 0 {
		d.notice("the store is behind: records are dropped, not to keep the writer waiting (--drop)")
	}
	d.dropped += uint64(n)
	d.missing += n
	d.last = waiting{source: w.source, batch: w.batch[:1]}
	d.next.lose(w.source, n)
}

// declare puts a record where some are missing; like is what is dropped or stored
// there. The lock is held.
func (d *dropper) declare(like waiting) {
	if d.missing == 0 {
		return
	}
	gap := record.Record{
		Time: time.Now(), Severity: record.SeverityWarn, Logger: "weir", Resource: like.batch[0].Resource,
		Message: fmt.Sprintf("%d records are missing here: they were dropped because the store was behind (--drop)", d.missing),
		Attrs:   []slog.Attr{slog.Int("dropped", d.missing)},
	}
	d.missing = 0
	d.push(waiting{like.source, []record.Record{gap}, hub.SizeOf(&gap)})
}

// push needs the lock.
func (d *dropper) push(w waiting) {
	d.queue = append(d.queue, w)
	d.records += len(w.batch)
	d.bytes += w.bytes
	d.signal()
}

func (d *dropper) signal() {
	select {
	case d.wake <- struct{}{}:
	default: // it is known already
	}
}

// run stores what waits until it is told to end and nothing waits any more.
func (d *dropper) run() {
	defer close(d.done)
	for {
		w, ended := d.pop()
		if ended {
			return
		}
		if len(w.batch) == 0 {
			<-d.wake
			continue
		}
		n := len(w.batch)
		err := d.next.keep(d.ctx, w.source, w.batch)
		d.mu.Lock()
		d.records -= n
		d.bytes -= w.bytes
		if unstored := (*unstoredError)(nil); errors.As(err, &unstored) {
			d.unstored += unstored.records
		}
		d.mu.Unlock()
	}
}

// pop takes what is to be stored next: small batches of one source together.
func (d *dropper) pop() (w waiting, ended bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.queue) == 0 {
		return waiting{}, d.closing
	}
	w = d.queue[0]
	taken := 1
	for _, more := range d.queue[1:] {
		if more.source != w.source || len(w.batch)+len(more.batch) > dropBatch {
			break
		}
		w.batch = append(w.batch, more.batch...)
		w.bytes += more.bytes
		taken++
	}
	clear(d.queue[:taken])
	if d.queue = d.queue[taken:]; len(d.queue) == 0 {
		d.queue = nil // its room is given back
	}
	return w, false
}

// close stores what waits, as long as ctx lasts, and tells people what was dropped.
func (d *dropper) close(ctx context.Context) error {
	d.mu.Lock()
	d.declare(d.last)
	d.closing = true
	d.signal()
	d.mu.Unlock()
	defer context.AfterFunc(ctx, d.cancel)()
	<-d.done
	d.cancel()
	if d.dropped > 0 {
		d.notice("%d records were dropped because the store was behind (--drop)", d.dropped)
	}
	if d.unstored > 0 {
		return &unstoredError{records: d.unstored, why: context.Cause(ctx)}
	}
	return nil
}
