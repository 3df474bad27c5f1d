package weir

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
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

	flushes chan chan error // answered by the outlets; the worker receives while it runs
	waiting []chan error    // flushes of the present round

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
		flushes:   make(chan chan error),
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
// or abandoned and the sinks are closed.
func (w *worker) run() {
	defer close(w.done)
	defer w.cancel()
	w.timer = time.NewTimer(maxPoll)
	defer w.timer.Stop()
	for {
		stopping := false
		select {
		case <-w.stop:
			stopping = true
		default:
		}
		w.takeFlushes()
		if stopping {
			w.drain.Last()
		} else {
			w.drain.Round()
		}
		n := w.round()
		if stopping || len(w.waiting) > 0 {
			w.release(time.Time{})
		} else if w.chain != nil && (n > 0 || w.chain.holding) {
			w.release(time.Now())
		}
		w.startFlushes()
		w.drops.tell(w.core, stopping)
		if stopping {
			break
		}
		w.pause(n)
	}
	w.errs = w.core.outlets.end()
}

// takeFlushes accepts the flushes that wait. It comes before the round's
// watermark, so the round emits all that they ask for.
func (w *worker) takeFlushes() {
	for {
		select {
		case f := <-w.flushes:
			w.waiting = append(w.waiting, f)
		default:
			return
		}
	}
}

// startFlushes sends the round's flushes through the outlets.
func (w *worker) startFlushes() {
	if len(w.waiting) == 0 {
		return
	}
	if w.core.queue.Abandoned() {
		for _, answer := range w.waiting {
			answer <- ErrClosed
		}
		w.waiting = nil
		return
	}
	list := w.core.outlets.all()
	f := &flushing{left: len(list) + 1, answers: w.waiting}
	w.waiting = nil
	for _, o := range list {
		if o.inline {
			o.release(time.Time{})
			f.done(o.takeFailure())
		} else {
			o.push(item{flush: f})
		}
	}
	f.done(nil) // without a sink there is nobody else to answer
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
	if err := w.addTo(b, rec); err != nil {
		w.drain.Lost(queue.Corrupt, level)
		w.core.report("a record was lost: %v; please report this", err)
		return
	}
	b.bytes += int64(len(rec))
	b.levels[level]++
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
			o.process(b)
			b.release()
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
		if w.chain != nil && w.chain.holding {
			w.timer.Reset(releaseInterval)
		}
	}
	select {
	case <-w.timer.C:
	case <-wake:
		w.idle = 0
	case f := <-w.flushes:
		w.waiting = append(w.waiting, f)
	case <-w.stop:
	}
}
