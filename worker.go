package weir

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/internal/queue"
	"github.com/weirlog/weir/record"
)

// The worker's rhythm. Producers do not wake it while records flow: every design
// that did had calls of 5 to 16 µs at the 99th percentile.
const (
	minPoll = 200 * time.Microsecond
	maxPoll = 5 * time.Millisecond
	// parkAfter looks in vain, 30 ms in all, park the worker until a record comes.
	parkAfter = 9
	// busyRound records in one round mean that more are there already.
	busyRound = 512
)

// The bounds of a batch: what a sink gets at once.
const (
	maxBatchRecords = 1024
	maxBatchBytes   = 512 << 10 // estimated, decoded
)

// worker owns draining, decoding and the processors of all records, and hands the
// batches to the outlets. Its fields belong to the goroutine of run, but for the
// channels.
type worker struct {
	core     *core
	resource *record.Resource
	sourceID string
	seq      uint64
	names    []*node // by id, as of the last look

	drain    *queue.Drainer
	wall     wallClock
	line     flat.Line
	list     []*outlet // of the round
	lineMode bool      // all of them take lines
	chain    *chain    // Options.Processors; nil when there are none

	batches    *batches
	batch      *batch // being filled; nil: none yet
	from       origin // of the record that is being added
	batchLimit int64  // bytes of a batch
	liveLimit  int64  // bytes with the outlets
	patience   time.Duration
	blocking   bool      // Overflow is Block: wait rather than lose
	strict     bool      // Overflow is Fail: calls are to be told as soon as the destinations are behind
	fullSince  time.Time // when the queue became more than half full, as far as makeRoom saw

	flushes chan flushAsked // answered by the outlets; the worker receives while it runs
	waiting []flushAsked    // of the present round
	leaving chan *outlet    // to be taken out; the worker receives while it runs
	leavers []*outlet       // of the present round
	holders []*outlet       // those without a goroutine whose processors may hold something back

	ctx    context.Context // of WriteBatch; ends with run, or when Close gives up
	cancel context.CancelFunc
	stop   chan struct{} // closed once, by core.close
	done   chan struct{} // closed by run at its end
	errs   error         // of the sinks' Close; set before done is closed

	idle   int // rounds without a record
	rounds uint64
	timer  *time.Timer
	drops  dropReports
}

func newWorker(c *core, o *Options) *worker {
	ctx, cancel := context.WithCancel(context.Background())
	w := &worker{
		core:      c,
		resource:  &o.Resource,
		sourceID:  newSourceID(),
		drain:     c.queue.Drainer(),
		liveLimit: int64(o.MemoryLimit / sinkShare),
		patience:  stallPatience,
		blocking:  o.Overflow == Block,
		strict:    o.Overflow == Fail,
		flushes:   make(chan flushAsked),
		leaving:   make(chan *outlet),
		ctx:       ctx,
		cancel:    cancel,
		stop:      make(chan struct{}),
		done:      make(chan struct{}),
	}
	if w.blocking {
		w.patience = o.BlockTimeout
	}
	w.batchLimit = min(maxBatchBytes, w.liveLimit/4)
	w.batches = newBatches(w.drain.Written)
	w.chain = newChain(c, o.Processors, w.put)
	return w
}

// newSourceID names this start of the program.
func newSourceID() string {
	var b [16]byte
	// crypto/rand.Read never fails since Go 1.24.
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// closeErr may be called once done is closed.
func (w *worker) closeErr() error {
	if w.errs != nil {
		return fmt.Errorf("weir: close: %w", w.errs)
	}
	return nil
}

// run is the worker's goroutine. It ends after core.close, when the queue is empty
// or abandoned and the sinks are closed. Whoever ends the goroutine he is called from
// (runtime.Goexit) does not end the logging: another goroutine goes on.
func (w *worker) run() {
	finished := false
	defer func() {
		if !finished {
			go w.run()
			return
		}
		w.cancel()
		close(w.done)
	}()
	w.timer = time.NewTimer(maxPoll)
	defer w.timer.Stop()
	for !w.turn() {
	}
	w.errs = w.core.outlets.end(w.ctx)
	finished = true
}

// turn is one round and what belongs to it. It reports whether it was the last.
func (w *worker) turn() (last bool) {
	select {
	case <-w.stop:
		last = true
	default:
	}
	w.takeRequests()
	if last {
		w.drain.Last()
	} else {
		w.drain.Round()
	}
	n := w.round()
	switch {
	case last || len(w.waiting) > 0:
		w.release(time.Time{})
	case w.chain != nil && (n > 0 || w.chain.holding):
		w.release(time.Now())
	}
	for _, o := range w.holders {
		if o.chain.holding {
			o.release(time.Now())
		}
	}
	w.startFlushes()
	w.takeOut()
	w.drops.tell(w.core, last)
	if !last {
		w.pause(n)
	}
	return last
}

// takeRequests accepts what waits. It comes before the round's watermark, so the round
// emits all that was logged before the request.
func (w *worker) takeRequests() {
	for {
		select {
		case f := <-w.flushes:
			w.waiting = append(w.waiting, f)
		case o := <-w.leaving:
			w.leavers = append(w.leavers, o)
		default:
			return
		}
	}
}

// startFlushes sends the round's flushes through the outlets. Viewers and taps are not
// waited for: they look on.
func (w *worker) startFlushes() {
	asked := w.waiting
	w.waiting = nil
	for _, keep := range []bool{true, false} {
		f := &flushing{left: 1, keep: keep}
		for _, a := range asked {
			if a.keep == keep {
				f.answers = append(f.answers, a.answer)
			}
		}
		if len(f.answers) > 0 {
			w.startFlush(f)
		}
	}
}

func (w *worker) startFlush(f *flushing) {
	if w.core.queue.Abandoned() {
		f.done(ErrClosed)
		return
	}
	var through []*outlet
	for _, o := range w.list {
		if o.inline || !o.viewer && o.tap == nil {
			through = append(through, o)
		}
	}
	f.left += len(through)
	for _, o := range through {
		if o.inline {
			o.release(time.Time{})
			f.done(o.takeFailure(f.keep))
		} else {
			o.push(item{flush: f})
		}
	}
	f.done(nil) // without a sink there is nobody else to answer
}

// takeOut ends outlets behind all that was logged before.
func (w *worker) takeOut() {
	for len(w.leavers) > 0 {
		o := w.leavers[0]
		w.leavers = w.leavers[1:]
		w.core.outlets.drop(o)
		o.beginEnd()
	}
	w.leavers = nil
}

// round emits the records of one round and returns how many they were.
func (w *worker) round() (n int) {
	w.rounds++
	w.chooseWay()
	for {
		rec := w.drain.Next()
		if rec == "" {
			break
		}
		if n == 0 {
			w.wall.update(w.core.queue)
			w.core.lines.offset.Store(w.wall.offset)
		}
		n++
		w.add(rec)
		if b := w.batch; b != nil && (b.size() >= maxBatchRecords || b.bytes >= w.batchLimit) {
			if !w.deliver() {
				return n
			}
		}
	}
	w.deliver()
	return n
}

// release passes on what processors of all records have held back.
func (w *worker) release(now time.Time) {
	if w.chain == nil {
		return
	}
	w.from = origin{logger: w.core.names.root.id, stamp: ^uint64(0)}
	w.chain.release(now)
	w.deliver()
}

// current returns the batch that is being filled.
func (w *worker) current() *batch {
	if w.batch == nil {
		w.batch = w.batches.get()
	}
	return w.batch
}

// add decodes a record and passes it through the processors into the batch.
func (w *worker) add(rec string) {
	level := queue.LevelOf(rec)
	b := w.current()
	b.levels[level]++ // before, because a processor may end the goroutine
	b.bytes += int64(len(rec))
	if err := w.addTo(b, rec); err != nil {
		b.levels[level]--
		w.drain.Lost(queue.Corrupt, level)
		w.core.report("a record was lost: %v; please report this", err)
	}
}

func (w *worker) addTo(b *batch, rec string) (err error) {
	lines := len(b.lines)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decode: %v", p)
			b.lines = b.lines[:lines]
		}
	}()
	head, err := flat.DecodeHead(rec)
	if err != nil {
		return err
	}
	if w.lineMode {
		return w.addLine(b, &head)
	}
	var r record.Record
	if head.Line {
		r, err = w.parseLine(&head)
	} else {
		err = w.decode(&r, b, &head)
	}
	if err != nil {
		return err
	}
	w.from = origin{stamp: queue.StampOf(rec), logger: head.Logger, tap: head.Tap}
	if w.chain == nil {
		w.put(r)
		return nil
	}
	before := len(b.records)
	w.chain.first(r)
	if len(b.records) == before {
		w.core.filtered.Add(1)
	}
	return nil
}

// put adds a record to the batch.
func (w *worker) put(r record.Record) {
	b := w.current()
	w.seq++
	r.Seq = w.seq
	b.records = append(b.records, r)
	b.origins = append(b.origins, w.from)
	b.bytes += recordBytes + int64(len(r.Attrs))*attrBytes
}

// deliver hands the batch to the outlets. It returns false when Close has given up.
func (w *worker) deliver() bool {
	b := w.batch
	if b == nil {
		return !w.core.queue.Abandoned()
	}
	w.batch = nil
	defer b.release()
	b.bytes += batchOverhead
	w.batches.live.Add(b.bytes)
	if b.size() == 0 || w.core.queue.Abandoned() {
		return !w.core.queue.Abandoned()
	}
	for _, o := range w.list {
		b.users.Add(1)
		if o.inline {
			o.handInline(b)
		} else {
			o.push(item{batch: b})
		}
	}
	w.makeRoom()
	return !w.core.queue.Abandoned()
}

// pause waits for the next round: not at all when there is much to do, longer and
// longer when there is nothing, and in the end until a record comes.
func (w *worker) pause(n int) {
	if n >= busyRound {
		w.idle = 0
		return
	}
	if n > 0 {
		w.idle = 0
	} else {
		w.idle++
	}
	wait := min(minPoll<<min(w.idle, 8), maxPoll)
	w.timer.Reset(wait)
	var wake <-chan struct{}
	if w.idle >= parkAfter && w.core.queue.Park() {
		w.timer.Stop()
		w.drain.Trim()
		w.batches.trim()
		wake = w.core.queue.Wake()
		if w.hasMore() {
			w.timer.Reset(releaseInterval)
		}
	}
	select {
	case <-w.timer.C:
	case <-wake:
		w.idle = 0
	case f := <-w.flushes:
		w.waiting = append(w.waiting, f)
	case o := <-w.leaving:
		w.leavers = append(w.leavers, o)
	case <-w.stop:
	}
}

// hasMore reports whether time alone gives a parked worker something to do.
func (w *worker) hasMore() bool {
	return w.chain != nil && w.chain.holding || w.drops.pending(w.core) ||
		slices.ContainsFunc(w.holders, func(o *outlet) bool { return o.chain.holding })
}
