package weir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/internal/queue"
	"github.com/weirlog/weir/record"
)

// core is what all loggers and handlers of one New share.
//
//	call ─ token: encode ─→ queue ─→ worker: decode ─→ outlets ─→ sinks
type core struct {
	name      string
	level     slog.Leveler
	source    bool
	maxRecord int
	queue     *queue.Queue
	tokens    sync.Pool // of *token
	truncated atomic.Uint64

	outlets      outlets
	worker       *worker
	errors       *errorOutput
	started      time.Time
	closeTimeout time.Duration
	closeOnce    sync.Once
	abandonOnce  sync.Once
	abandonErr   error // set by abandonOnce
}

// token is what a call needs and the next one on the same processor uses again.
type token struct {
	hint queue.Hint
	enc  flat.Encoder
	buf  []byte
}

// The size of a token's buffer at first, and the most that is kept: a rare large
// record should not hold its memory for ever.
const (
	tokenBytes    = 1 << 10
	maxTokenBytes = 64 << 10
)

func newCore(name string, o *Options) *core {
	c := &core{
		name:      name,
		level:     o.Level,
		source:    !o.NoSource,
		maxRecord: o.MaxRecordBytes,
		queue: queue.New(queue.Options{
			Limit:        o.MemoryLimit,
			Overflow:     o.Overflow.policy(),
			BlockTimeout: o.BlockTimeout,
		}),
		errors:       &errorOutput{w: o.ErrorOutput},
		started:      time.Now(),
		closeTimeout: o.CloseTimeout,
	}
	c.tokens.New = func() any {
		return &token{
			hint: c.queue.Hint(),
			enc:  flat.Encoder{MaxText: c.maxRecord},
			buf:  make([]byte, 0, tokenBytes),
		}
	}
	resource := o.Resource
	c.worker = newWorker(c, &resource)
	return c
}

func (c *core) enabled(level slog.Level) bool { return level >= c.level.Level() }

// begin starts a record in a token's buffer. The queue's clock is read here, inside
// the call, which the order of records rests on.
func (c *core) begin(sc *scope, kind record.Kind, level slog.Level, msg string, pc uintptr) (t *token, b []byte, now int64) {
	t = c.tokens.Get().(*token)
	now = c.queue.Now()
	b = t.enc.Begin(t.buf[:0], kind, record.SeverityOf(int(level)), msg, pc, now)
	if len(sc.prefix) > 0 {
		b = append(b, sc.prefix...)
	}
	return t, b, now
}

// finish puts the record into the queue and gives the token back.
func (c *core) finish(ctx context.Context, t *token, b []byte, level slog.Level, now int64) error {
	if len(b) > c.maxRecord || t.enc.Cut > 0 {
		b = c.shrink(t, b)
	}
	err := c.queue.Push(ctx, &t.hint, b, flat.LevelIndex(record.SeverityOf(int(level))), now)
	if cap(b) <= maxTokenBytes {
		t.buf = b[:0]
	}
	c.tokens.Put(t)
	return publicError(err)
}

func (c *core) shrink(t *token, b []byte) []byte {
	b, cuts := flat.Shrink(b, c.maxRecord)
	if cuts > 0 || t.enc.Cut > 0 {
		c.truncated.Add(1)
		t.enc.Cut = 0
	}
	return b
}

// emitAttrs logs a record with attributes.
func (c *core) emitAttrs(ctx context.Context, sc *scope, level slog.Level, msg string, pc uintptr, attrs []slog.Attr) error {
	t, b, now := c.begin(sc, record.KindLog, level, msg, pc)
	if len(attrs) > 0 {
		before := len(b)
		b = append(b, sc.pending...)
		opened := len(b)
		b = t.enc.Attrs(b, attrs)
		if len(b) == opened {
			b = b[:before]
		}
	}
	return c.finish(ctx, t, b, level, now)
}

// emitArgs logs a record with alternating keys and values.
func (c *core) emitArgs(ctx context.Context, sc *scope, level slog.Level, msg string, pc uintptr, args []any) error {
	t, b, now := c.begin(sc, record.KindLog, level, msg, pc)
	if len(args) > 0 {
		before := len(b)
		b = append(b, sc.pending...)
		opened := len(b)
		b = appendArgs(&t.enc, b, args)
		if len(b) == opened {
			b = b[:before]
		}
	}
	return c.finish(ctx, t, b, level, now)
}

// emitRecord logs what came through slog.
func (c *core) emitRecord(ctx context.Context, sc *scope, r *slog.Record) error {
	pc := r.PC
	if !c.source {
		pc = 0
	}
	t, b, now := c.begin(sc, record.KindLog, r.Level, r.Message, pc)
	flat.SetTime(b, r.Time)
	if r.NumAttrs() > 0 {
		before := len(b)
		b = append(b, sc.pending...)
		opened := len(b)
		r.Attrs(func(a slog.Attr) bool {
			b = t.enc.Attr(b, &a)
			return true
		})
		if len(b) == opened {
			b = b[:before]
		}
	}
	return c.finish(ctx, t, b, r.Level, now)
}

// emitMessage logs a message with nothing but what the scope has.
func (c *core) emitMessage(sc *scope, kind record.Kind, level slog.Level, msg string) {
	t, b, now := c.begin(sc, kind, level, msg, 0)
	// The error says that the record was dropped, which is counted.
	_ = c.finish(context.Background(), t, b, level, now)
}

// flush waits until the worker has emitted all that was accepted before.
func (c *core) flush(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case c.worker.flushes <- answer:
	case <-c.worker.ctx.Done():
		return c.afterClose()
	case <-ctx.Done():
		return fmt.Errorf("weir: flush: %w", context.Cause(ctx))
	}
	select {
	case err := <-answer:
		return err
	case <-c.worker.ctx.Done():
		select {
		case err := <-answer:
			return err
		default:
			return c.afterClose()
		}
	case <-ctx.Done():
		return fmt.Errorf("weir: flush: %w", context.Cause(ctx))
	}
}

// afterClose is the answer to a flush when the worker has ended or was given up.
func (c *core) afterClose() error {
	if c.queue.Abandoned() {
		return ErrClosed
	}
	return nil
}

// close stops the worker and waits for it until ctx ends. What is not written then
// is dropped and counted.
func (c *core) close(ctx context.Context) error {
	c.closeOnce.Do(func() {
		c.queue.Close()
		close(c.worker.stop)
	})
	select {
	case <-c.worker.done:
		return c.closed()
	default:
	}
	select {
	case <-c.worker.done:
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

// errorOutput tells people about trouble. It may be used concurrently.
type errorOutput struct {
	mu sync.Mutex
	w  io.Writer
}

// Write lets others share the output. A writer that panics is not the caller's
// fault.
func (e *errorOutput) Write(p []byte) (n int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("write error output: %v", v)
		}
	}()
	return e.w.Write(p)
}
