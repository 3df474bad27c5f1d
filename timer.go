package weir

import (
	"context"
	"log/slog"
	"time"
)

// Timer measures how long something takes, by the monotonic clock. It is a value
// that may be copied, and used by several goroutines at once. The zero Timer logs
// nothing.
type Timer struct {
	logger *Logger
	start  time.Time
}

// StartTimer returns a timer that starts now.
func (l *Logger) StartTimer() Timer { return Timer{l, time.Now()} }

// Elapsed returns how long ago the timer was started.
func (t Timer) Elapsed() time.Duration {
	if t.logger == nil {
		return 0
	}
	return time.Since(t.start)
}

// End logs msg with duration_ms, and returns the time that it logged. The timer goes
// on: each End tells the time since the start.
func (t Timer) End(ctx context.Context, level slog.Level, msg string, args ...any) time.Duration {
	elapsed := t.Elapsed()
	if t.logger != nil && t.logger.enabled(level) {
		t.logger.logOwn(ctx, level, msg, t.logger.place(), []slog.Attr{durationMS(elapsed)}, args)
	}
	return elapsed
}

// Measure calls f with ctx and logs "msg completed" at INFO or, when f returns an
// error or panics, "msg failed" at ERROR with the attributes of [Logger.Err]. Both
// have duration_ms, and name the function and line that called Measure. The error is
// returned, and the panic goes on, unchanged.
func (l *Logger) Measure(ctx context.Context, msg string, f func(context.Context) error) error {
	m := measurement{logger: l, ctx: ctx, msg: msg, pc: l.place(), start: time.Now()}
	defer m.unlessReturned()
	err := f(ctx)
	m.returned(err)
	return err
}

// MeasureValue is [Logger.Measure] for a function that returns a value as well.
func MeasureValue[T any](l *Logger, ctx context.Context, msg string, f func(context.Context) (T, error)) (T, error) {
	m := measurement{logger: l, ctx: ctx, msg: msg, pc: l.place(), start: time.Now()}
	defer m.unlessReturned()
	value, err := f(ctx)
	m.returned(err)
	return value, err
}

// measurement is one call of Measure.
type measurement struct {
	logger *Logger
	ctx    context.Context
	msg    string
	pc     uintptr
	start  time.Time
	over   bool
}

func (m *measurement) returned(err error) {
	m.over = true
	elapsed := time.Since(m.start)
	switch {
	case err == nil:
		if m.logger.enabled(LevelInfo) {
			m.logger.logOwn(m.ctx, LevelInfo, m.msg+" completed", m.pc, []slog.Attr{durationMS(elapsed)}, nil)
		}
	case m.logger.enabled(LevelError):
		attrs, _ := errorAttrs(err, here())
		m.failed(elapsed, attrs)
	}
}

// unlessReturned logs a function that did not return: it panicked, or ended its
// goroutine. It must be deferred itself.
func (m *measurement) unlessReturned() {
	if m.over {
		return
	}
	value := recover()
	elapsed := time.Since(m.start)
	if m.logger.enabled(LevelError) {
		attrs := []slog.Attr{slog.String(errorKey, "the function ended its goroutine (runtime.Goexit)")}
		if value != nil {
			attrs, _ = panicAttrs(value, here())
		}
		m.failed(elapsed, attrs)
	}
	again(value)
}

func (m *measurement) failed(elapsed time.Duration, attrs []slog.Attr) {
	m.logger.logOwn(m.ctx, LevelError, m.msg+" failed", m.pc, append(attrs, durationMS(elapsed)), nil)
}
