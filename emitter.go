package weir

import (
	"context"
	"log/slog"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/record"
)

// emitter is what a Logger and a Handler are: a name, what is added to each record,
// and two switches. It is immutable.
type emitter struct {
	node   *node
	scope  scope
	source bool // record the place of the call
	sync   bool // wait for the sinks
}

func (e *emitter) enabled(level slog.Level) bool { return e.node.enabled(level) }

// begin starts a record in a token's buffer. The queue's clock is read here, inside
// the call, which the order of records rests on.
func (e *emitter) begin(ctx context.Context, kind record.Kind, level slog.Level, msg string, pc uintptr) (t *token, b []byte, now int64) {
	now = e.node.core.queue.Now()
	t, b = e.beginAt(ctx, kind, level, msg, pc, now)
	return t, b, now
}

// beginAt is begin for a call whose clock was read already.
func (e *emitter) beginAt(ctx context.Context, kind record.Kind, level slog.Level, msg string, pc uintptr, now int64) (t *token, b []byte) {
	c := e.node.core
	t = c.tokens.Get().(*token)
	b = t.enc.Begin(t.buf[:0], kind, record.SeverityOf(int(level)), msg, pc, now)
	b, tap := e.scope.append(b, c, ctx)
	flat.SetOrigin(b, e.node.id, tap)
	return t, b
}

// finish puts the record into the queue and gives the token back.
func (e *emitter) finish(ctx context.Context, t *token, b []byte, level slog.Level, now int64) error {
	c := e.node.core
	if len(b) > c.maxRecord || t.enc.Cut > 0 {
		b = c.shrink(t, b)
	}
	push := b
	if c.queue.OverHalf() {
		push = e.encode(t, b)
	}
	err := c.queue.Push(ctx, &t.hint, push, flat.LevelIndex(record.SeverityOf(int(level))), now)
	if cap(b) <= maxTokenBytes {
		t.buf = b[:0]
	}
	c.tokens.Put(t)
	if e.sync {
		e.afterSync(ctx)
	}
	return publicError(err)
}

// emitAttrs logs a record with attributes.
func (e *emitter) emitAttrs(ctx context.Context, level slog.Level, msg string, pc uintptr, attrs []slog.Attr) error {
	t, b, now := e.begin(ctx, record.KindLog, level, msg, pc)
	if len(attrs) > 0 {
		before := len(b)
		b = append(b, e.scope.pending...)
		opened := len(b)
		b = t.enc.Attrs(b, attrs)
		if len(b) == opened {
			b = b[:before]
		}
	}
	return e.finish(ctx, t, b, level, now)
}

// emitArgs logs a record with alternating keys and values.
func (e *emitter) emitArgs(ctx context.Context, level slog.Level, msg string, pc uintptr, args []any) error {
	return e.emitKind(ctx, record.KindLog, level, msg, pc, args)
}

func (e *emitter) emitKind(ctx context.Context, kind record.Kind, level slog.Level, msg string, pc uintptr, args []any) error {
	t, b, now := e.begin(ctx, kind, level, msg, pc)
	if len(args) > 0 {
		before := len(b)
		b = append(b, e.scope.pending...)
		opened := len(b)
		b = appendArgs(&t.enc, b, args)
		if len(b) == opened {
			b = b[:before]
		}
	}
	return e.finish(ctx, t, b, level, now)
}

// emitRecord logs what came through slog.
func (e *emitter) emitRecord(ctx context.Context, r *slog.Record) error {
	pc := r.PC
	if !e.source {
		pc = 0
	}
	// slog has read the clock in this call. A record that somebody kept for a while is
	// put in order by its time.
	now := e.node.core.queue.NowBy(r.Time)
	t, b := e.beginAt(ctx, record.KindLog, r.Level, r.Message, pc, now)
	flat.SetTime(b, r.Time)
	if r.NumAttrs() > 0 {
		before := len(b)
		b = append(b, e.scope.pending...)
		opened := len(b)
		r.Attrs(func(a slog.Attr) bool {
			b = t.enc.Attr(b, &a)
			return true
		})
		if len(b) == opened {
			b = b[:before]
		}
	}
	return e.finish(ctx, t, b, r.Level, now)
}

// emitMessage logs a message with nothing but what the scope has.
func (e *emitter) emitMessage(kind record.Kind, level slog.Level, msg string) {
	t, b, now := e.begin(context.Background(), kind, level, msg, 0)
	// The error says that the record was dropped, which is counted.
	_ = e.finish(context.Background(), t, b, level, now)
}
