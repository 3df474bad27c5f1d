package weir

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/internal/queue"
)

// core is what all loggers and handlers of one New share.
//
//	call ─ token: encode ─→ queue ─→ worker: decode, process ─→ outlets: one goroutine a sink
type core struct {
	source    bool
	maxRecord int
	queue     *queue.Queue
	tokens    sync.Pool // of *token
	truncated atomic.Uint64
	filtered  atomic.Uint64 // dropped by processors of all records
	names     *names
	defaults  atomic.Pointer[[]byte] // of SetDefaults, encoded
	trace     func(context.Context) (traceID, spanID string)
	taps      taps
	callers   callers
	lines     lines

	outlets     outlets
	worker      *worker
	errors      *errorOutput
	diagnostics func(error)
	onDrop      func(DropReport)

	checkpoints checkpoints
	memoryLimit int

	started      time.Time
	closeTimeout time.Duration
	stopSignals  func() // of HandleSignals
	closeOnce    sync.Once
	abandonOnce  sync.Once
	abandonErr   error // set by abandonOnce
}

// token is what a call needs and the next one on the same processor uses again.
type token struct {
	hint queue.Hint
	enc  flat.Encoder
	buf  []byte

	line    flat.Line
	lineBuf []byte
}

// The size of a token's buffer at first, and the most that is kept: a rare large
// record should not hold its memory for ever.
const (
	tokenBytes    = 1 << 10
	maxTokenBytes = 64 << 10
)

// sinkShare is the part of MemoryLimit for records that are with the sinks; the
// queue has the rest. Decoded, a record takes about four times the room.
const sinkShare = 4

func newCore(name string, o *Options) *core {
	c := &core{
		source:    !o.NoSource,
		maxRecord: o.MaxRecordBytes,
		trace:     o.Trace,
		queue: queue.New(queue.Options{
			Limit:        o.MemoryLimit - o.MemoryLimit/sinkShare,
			MaxRecords:   o.MaxRecords,
			Overflow:     o.Overflow.policy(),
			BlockTimeout: o.BlockTimeout,
		}),
		errors:       newErrorOutput(o.ErrorOutput),
		diagnostics:  o.Diagnostics,
		onDrop:       o.OnDrop,
		memoryLimit:  o.MemoryLimit,
		started:      time.Now(),
		closeTimeout: o.CloseTimeout,
		stopSignals:  func() {},
	}
	c.checkpoints.dir = o.CheckpointDir
	c.tokens.New = func() any {
		return &token{
			hint: c.queue.Hint(),
			enc:  flat.Encoder{MaxText: c.maxRecord, MaxBytes: 2 * c.maxRecord},
			buf:  make([]byte, 0, tokenBytes),
		}
	}
	c.outlets.core = c
	c.worker = newWorker(c, o)
	c.lines.constants = flat.ConstantsOf(&o.Resource, c.worker.sourceID)
	c.names = newNames(c, o)
	c.names.root = c.names.get(name)
	return c
}

func (c *core) shrink(t *token, b []byte) []byte {
	b, cuts := flat.Shrink(b, c.maxRecord)
	if cuts > 0 || t.enc.Cut > 0 {
		c.truncated.Add(1)
		t.enc.Cut = 0
	}
	return b
}

// close stops the worker and waits for it until ctx ends. What is not written then
// is dropped and counted.
func (c *core) close(ctx context.Context) error {
	c.closeOnce.Do(func() {
		c.stopSignals()
		c.names.stopTimers()
		c.queue.Close()
		close(c.worker.stop)
	})
	select {
	case <-c.worker.done:
		c.errors.wait(ctx)
		return c.closed()
	default:
	}
	select {
	case <-c.worker.done:
		c.errors.wait(ctx)
		return c.closed()
	case <-ctx.Done():
	}
	c.abandonOnce.Do(func() {
		n := c.queue.Abandon()
		c.worker.cancel()
		c.abandonErr = fmt.Errorf("weir: close: %w; %d records were not written (a sink hangs, or is too slow)", context.Cause(ctx), n)
	})
	return c.abandonErr
}

// closed is what close returns once the worker has ended.
func (c *core) closed() error {
	c.abandonOnce.Do(func() {}) // waits for the one who is giving up
	return errors.Join(c.abandonErr, c.worker.closeErr())
}

// diagnose tells about trouble with the logging itself: Options.Diagnostics if there
// is one, else people. It must not be called for each record.
func (c *core) diagnose(err error) {
	if c.diagnostics == nil {
		c.report("%v", err)
		return
	}
	// Nobody can be told when this fails.
	_ = guard(func() error {
		c.diagnostics(err)
		return nil
	})
}

// report prints one line to the error output. It must not be called for each
// record.
func (c *core) report(format string, args ...any) {
	// Nobody can be told when this fails.
	_, _ = fmt.Fprintf(c.errors, "weir: "+format+"\n", args...)
}
