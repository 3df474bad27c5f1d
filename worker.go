package weir

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
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
	maxBatchBytes   = 256 << 10 // as they were in the queue
)

// dropReportInterval is how often at most dropped records are printed.
const dropReportInterval = 10 * time.Second

// worker owns draining, decoding and all calls of sinks. Its fields belong to the
// goroutine of run, but for the channels.
type worker struct {
	core     *core
	resource *record.Resource
	sourceID string
	seq      uint64

	drain   *queue.Drainer
	decoder flat.Decoder
	callers callers
	wall    wallClock

	batch      []record.Record
	batchBytes int
	levels     [queue.Levels]uint64 // of the batch

	flushes chan chan error // answered by the worker, which receives while it runs
	waiting []chan error    // flushes of the present round
	failure error           // of sinks, since the last flush

	ctx    context.Context // of WriteBatch; ends with run, or when Close gives up
	cancel context.CancelFunc
	stop   chan struct{} // closed once, by core.close
	done   chan struct{} // closed by run at its end
	errs   error         // of the sinks' Close; set before done is closed

	idle        int // rounds without a record
	rounds      uint64
	timer       *time.Timer
	dropsTold   uint64
	lastDropLog time.Time
}

func newWorker(c *core, r *record.Resource) *worker {
	ctx, cancel := context.WithCancel(context.Background())
	return &worker{
		core:     c,
		resource: r,
		sourceID: newSourceID(),
		drain:    c.queue.Drainer(),
		callers:  callers{},
		flushes:  make(chan chan error),
		ctx:      ctx,
		cancel:   cancel,
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
	}
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
// or abandoned, and closes the sinks.
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
		w.answerFlushes()
		w.reportDrops(stopping)
		if stopping {
			break
		}
		w.pause(n)
	}
	for _, o := range w.core.outlets.seal() {
		if err := guard(o.sink.Close); err != nil {
			w.errs = errors.Join(w.errs, fmt.Errorf("sink %s: %w", o.name, err))
		}
	}
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

func (w *worker) answerFlushes() {
	if len(w.waiting) == 0 {
		return
	}
	var err error
	switch {
	case w.core.queue.Abandoned():
		err = ErrClosed
	case w.failure != nil:
		err = fmt.Errorf("weir: flush: %w", w.failure)
	}
	for _, f := range w.waiting {
		f <- err
	}
	w.waiting, w.failure = nil, nil
}

// round emits the records of one round and returns how many they were.
func (w *worker) round() (n int) {
	w.rounds++
	for {
		rec := w.drain.Next()
		if rec == "" {
			break
		}
		if n == 0 {
			w.wall.update(w.core.queue)
		}
		n++
		w.add(rec)
		if len(w.batch) >= maxBatchRecords || w.batchBytes >= maxBatchBytes {
			if !w.deliver() {
				return n
			}
		}
	}
	w.deliver()
	return n
}

// add decodes a record into the batch.
func (w *worker) add(rec string) {
	level := queue.LevelOf(rec)
	if len(w.batch) == cap(w.batch) {
		w.batch = slices.Grow(w.batch, min(max(2*len(w.batch), 64), maxBatchRecords-len(w.batch)))
	}
	w.batch = w.batch[:len(w.batch)+1]
	if err := w.decode(&w.batch[len(w.batch)-1], rec); err != nil {
		w.batch = w.batch[:len(w.batch)-1]
		w.drain.Lost(queue.Corrupt, level)
		w.core.report("a record was lost: %v; please report this", err)
		return
	}
	w.batchBytes += len(rec)
	w.levels[level]++
}

func (w *worker) decode(r *record.Record, rec string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decode: %v", p)
		}
	}()
	head, err := flat.DecodeHead(rec)
	if err != nil {
		return err
	}
	attrs, err := w.decoder.Attrs(&head, w.callers.attrs(head.Caller))
	if err != nil {
		return err
	}
	w.seq++
	*r = record.Record{
		Time:     head.Time,
		Severity: head.Severity,
		Kind:     head.Kind,
		Message:  head.Message,
		Logger:   w.core.name,
		SourceID: w.sourceID,
		Seq:      w.seq,
		Resource: w.resource,
	}
	if !head.Given {
		r.Time = w.wall.time(head.Clock)
	}
	r.Attrs = takeTrace(r, attrs)
	return nil
}

// takeTrace moves trace_id and span_id to their fields, where every sink finds
// them.
func takeTrace(r *record.Record, attrs []slog.Attr) []slog.Attr {
	for i := 0; i < len(attrs); i++ {
		a := &attrs[i]
		if len(a.Key) != len("trace_id") && len(a.Key) != len("span_id") || a.Value.Kind() != slog.KindString {
			continue
		}
		switch a.Key {
		case fieldName(record.FieldTraceID):
			r.TraceID = a.Value.String()
		case fieldName(record.FieldSpanID):
			r.SpanID = a.Value.String()
		default:
			continue
		}
		attrs = slices.Delete(attrs, i, i+1)
		i--
	}
	return attrs
}

// deliver hands the batch to the sinks. It returns false when Close has given up.
func (w *worker) deliver() bool {
	if len(w.batch) > 0 && !w.core.queue.Abandoned() {
		for _, o := range w.core.outlets.all() {
			if err := o.write(w.ctx, w.core, w.batch); err != nil && w.failure == nil {
				w.failure = err
			}
		}
		w.drain.Written(&w.levels)
	}
	clear(w.batch)
	w.batch, w.batchBytes, w.levels = w.batch[:0], 0, [queue.Levels]uint64{}
	w.decoder.Reset()
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
		wake = w.core.queue.Wake()
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

// reportDrops tells people that records are being dropped: now and then, and at the
// end.
func (w *worker) reportDrops(stopping bool) {
	total := w.core.queue.Evicted()
	if total == w.dropsTold {
		return
	}
	now := time.Now()
	if !stopping && now.Sub(w.lastDropLog) < dropReportInterval {
		return
	}
	w.core.report("%d records were dropped, because the sinks are slower than the program: raise MemoryLimit, log less, or choose another Overflow", total-w.dropsTold)
	w.dropsTold, w.lastDropLog = total, now
}
