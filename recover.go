package weir

import (
	"context"
	"log/slog"
)

// Recover ends a panic of the goroutine, logs it at ERROR and waits, CloseTimeout at
// most, until the sinks have been given it and what was logged before. The function
// that deferred it then returns to its caller; the program goes on. It is to be
// deferred itself:
//
//	go func() {
//		defer log.Recover()
//		work()
//	}()
//
// The record's message is "panic: " with the text of the panic's value; its
// attributes are those of [Logger.Err], with panic true, and its function, file and
// line are those that panicked. Without a panic, and for runtime.Goexit, it does
// nothing.
func (l *Logger) Recover() {
	if value := recover(); value != nil {
		l.lastWords(LevelError, value, here())
	}
}

// Repanic logs a panic as [Logger.Recover] does, at FATAL, and lets it go on with the
// same value, so that a program that dies of it leaves its last records. It is to be
// deferred itself, in main and in goroutines.
func (l *Logger) Repanic() {
	if value := recover(); value != nil {
		l.lastWords(LevelFatal, value, here())
		panic(value)
	}
}

// lastWords logs a panic and flushes.
func (l *Logger) lastWords(level slog.Level, value any, pcs []uintptr) {
	ctx, cancel := context.WithTimeout(context.Background(), l.node.core.closeTimeout)
	defer cancel()
	if l.enabled(level) {
		attrs, pc := panicAttrs(value, pcs)
		l.logOwn(ctx, level, "panic: "+textOf(value), l.placeOr(pc), attrs, nil)
	}
	// What went wrong with a sink is counted and told; there is nobody to return it to.
	_ = l.Flush(ctx)
}
