package weir

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/record"
)

// Life logs the life of a piece of work at INFO: "Begin: msg" now and
// "End (0.50): msg", with the seconds and duration_ms, when done is called. done is
// to be deferred itself, with a pointer to the function's named error:
//
//	func migrate(ctx context.Context) (err error) {
//		done := log.Life(ctx, "Database migration")
//		defer done(&err)
//
// When the error is set then, or a panic is under way, "Error in msg" comes before
// the end, with the attributes of [Logger.Err]; for a panic, error is the text of its
// value and panic is true. That record is at ERROR, or at the life's own level when
// that is higher. The panic goes on with the same value.
//
// args are on all records, resolved now. All records name the function and line that
// called Life. done may be given nil, may be called without defer (it then sees no
// panic), and does nothing when it is called again.
func (l *Logger) Life(ctx context.Context, msg string, args ...any) (done func(errp *error)) {
	return l.work(ctx, LevelInfo, msg, l.place(), args, lifeTexts)
}

// LifeAt is Life at any level.
func (l *Logger) LifeAt(ctx context.Context, level slog.Level, msg string, args ...any) (done func(errp *error)) {
	return l.work(ctx, level, msg, l.place(), args, lifeTexts)
}

// Scope logs msg now, at INFO, and nothing when done is called, unless there is an
// error or a panic: then "Error in a scope: msg". In all else it is as [Logger.Life].
func (l *Logger) Scope(ctx context.Context, msg string, args ...any) (done func(errp *error)) {
	return l.work(ctx, LevelInfo, msg, l.place(), args, scopeTexts)
}

// ScopeAt is Scope at any level.
func (l *Logger) ScopeAt(ctx context.Context, level slog.Level, msg string, args ...any) (done func(errp *error)) {
	return l.work(ctx, level, msg, l.place(), args, scopeTexts)
}

// workTexts are what stands before a work's message.
type workTexts struct {
	begin, failed string
	ends          bool // the end is logged
}

var (
	lifeTexts  = workTexts{begin: "Begin: ", failed: "Error in ", ends: true}
	scopeTexts = workTexts{failed: "Error in a scope: "}
)

func (l *Logger) work(ctx context.Context, level slog.Level, msg string, pc uintptr, args []any, texts workTexts) func(*error) {
	with := l.With(args...)
	if with.enabled(level) {
		with.logOwn(ctx, level, texts.begin+msg, pc, nil, nil)
	}
	start := time.Now()
	var over atomic.Bool
	return func(errp *error) {
		value := recover() // works only here, in the deferred function itself
		elapsed := time.Since(start)
		if over.Swap(true) {
			again(value)
			return
		}
		if failed := max(level, LevelError); with.enabled(failed) {
			var attrs []slog.Attr
			switch {
			case value != nil:
				attrs, _ = panicAttrs(value, here())
			case errp != nil && *errp != nil:
				attrs, _ = errorAttrs(*errp, here())
			}
			if attrs != nil {
				with.logOwn(ctx, failed, texts.failed+msg, pc, attrs, nil)
			}
		}
		if texts.ends && with.enabled(level) {
			text := fmt.Sprintf("End (%.2f): %s", elapsed.Seconds(), msg)
			with.logOwn(ctx, level, text, pc, []slog.Attr{durationMS(elapsed)}, nil)
		}
		again(value)
	}
}

// again lets a panic go on that was recovered.
func again(value any) {
	if value != nil {
		panic(value)
	}
}

// durationMS is a duration in milliseconds, to the microsecond.
func durationMS(d time.Duration) slog.Attr {
	return slog.Float64(fieldName(record.FieldDurationMS), float64(d.Round(time.Microsecond))/float64(time.Millisecond))
}

// logOwn logs a record with attributes of Weir's own besides args. They lie outside
// the logger's groups, where the projection looks for them, and args of the same key
// win over them. The level is not checked.
func (l *Logger) logOwn(ctx context.Context, level slog.Level, msg string, pc uintptr, own []slog.Attr, args []any) {
	at := *l
	if len(own) > 0 {
		c := l.node.core
		e := flat.Encoder{MaxText: c.maxRecord}
		encoded := e.Attrs(nil, own)
		c.truncated.Add(uint64(e.Cut))
		s := &at.scope
		s.prefix = slices.Concat(s.prefix[:s.top], encoded, s.prefix[s.top:])
		s.top += len(encoded)
	}
	// A record that is not accepted is counted.
	_ = at.logAt(ctx, level, record.KindLog, msg, pc, args)
}
