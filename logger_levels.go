package weir

import (
	"context"

	"github.com/weirlog/weir/record"
)

// The methods of each level. Args are keys and values in turn, or slog.Attrs. The
// Context variants take a context that ends the waiting under Block. The Fast ones
// log a message alone, without the place of the call. Errors of emitArgs are left
// alone: they say that the record was dropped, which is counted.

// Trace logs at TRACE.
func (l *Logger) Trace(msg string, args ...any) {
	if l.core.enabled(LevelTrace) {
		_ = l.core.emitArgs(context.Background(), &l.scope, LevelTrace, msg, l.core.place(), args)
	}
}

// TraceContext logs at TRACE.
func (l *Logger) TraceContext(ctx context.Context, msg string, args ...any) {
	if l.core.enabled(LevelTrace) {
		_ = l.core.emitArgs(ctx, &l.scope, LevelTrace, msg, l.core.place(), args)
	}
}

// TraceFast logs a message at TRACE, without attributes or source.
func (l *Logger) TraceFast(msg string) {
	if l.core.enabled(LevelTrace) {
		l.core.emitMessage(&l.scope, record.KindLog, LevelTrace, msg)
	}
}

// Debug logs at DEBUG.
func (l *Logger) Debug(msg string, args ...any) {
	if l.core.enabled(LevelDebug) {
		_ = l.core.emitArgs(context.Background(), &l.scope, LevelDebug, msg, l.core.place(), args)
	}
}

// DebugContext logs at DEBUG.
func (l *Logger) DebugContext(ctx context.Context, msg string, args ...any) {
	if l.core.enabled(LevelDebug) {
		_ = l.core.emitArgs(ctx, &l.scope, LevelDebug, msg, l.core.place(), args)
	}
}

// DebugFast logs a message at DEBUG, without attributes or source.
func (l *Logger) DebugFast(msg string) {
	if l.core.enabled(LevelDebug) {
		l.core.emitMessage(&l.scope, record.KindLog, LevelDebug, msg)
	}
}

// Info logs at INFO.
func (l *Logger) Info(msg string, args ...any) {
	if l.core.enabled(LevelInfo) {
		_ = l.core.emitArgs(context.Background(), &l.scope, LevelInfo, msg, l.core.place(), args)
	}
}

// InfoContext logs at INFO.
func (l *Logger) InfoContext(ctx context.Context, msg string, args ...any) {
	if l.core.enabled(LevelInfo) {
		_ = l.core.emitArgs(ctx, &l.scope, LevelInfo, msg, l.core.place(), args)
	}
}

// InfoFast logs a message at INFO, without attributes or source.
func (l *Logger) InfoFast(msg string) {
	if l.core.enabled(LevelInfo) {
		l.core.emitMessage(&l.scope, record.KindLog, LevelInfo, msg)
	}
}

// Warn logs at WARN.
func (l *Logger) Warn(msg string, args ...any) {
	if l.core.enabled(LevelWarn) {
		_ = l.core.emitArgs(context.Background(), &l.scope, LevelWarn, msg, l.core.place(), args)
	}
}

// WarnContext logs at WARN.
func (l *Logger) WarnContext(ctx context.Context, msg string, args ...any) {
	if l.core.enabled(LevelWarn) {
		_ = l.core.emitArgs(ctx, &l.scope, LevelWarn, msg, l.core.place(), args)
	}
}

// WarnFast logs a message at WARN, without attributes or source.
func (l *Logger) WarnFast(msg string) {
	if l.core.enabled(LevelWarn) {
		l.core.emitMessage(&l.scope, record.KindLog, LevelWarn, msg)
	}
}

// Error logs at ERROR.
func (l *Logger) Error(msg string, args ...any) {
	if l.core.enabled(LevelError) {
		_ = l.core.emitArgs(context.Background(), &l.scope, LevelError, msg, l.core.place(), args)
	}
}

// ErrorContext logs at ERROR.
func (l *Logger) ErrorContext(ctx context.Context, msg string, args ...any) {
	if l.core.enabled(LevelError) {
		_ = l.core.emitArgs(ctx, &l.scope, LevelError, msg, l.core.place(), args)
	}
}

// ErrorFast logs a message at ERROR, without attributes or source.
func (l *Logger) ErrorFast(msg string) {
	if l.core.enabled(LevelError) {
		l.core.emitMessage(&l.scope, record.KindLog, LevelError, msg)
	}
}

// Critical logs at FATAL. It returns: FATAL is a level, never an exit.
func (l *Logger) Critical(msg string, args ...any) {
	if l.core.enabled(LevelFatal) {
		_ = l.core.emitArgs(context.Background(), &l.scope, LevelFatal, msg, l.core.place(), args)
	}
}

// CriticalContext logs at FATAL.
func (l *Logger) CriticalContext(ctx context.Context, msg string, args ...any) {
	if l.core.enabled(LevelFatal) {
		_ = l.core.emitArgs(ctx, &l.scope, LevelFatal, msg, l.core.place(), args)
	}
}

// CriticalFast logs a message at FATAL, without attributes or source.
func (l *Logger) CriticalFast(msg string) {
	if l.core.enabled(LevelFatal) {
		l.core.emitMessage(&l.scope, record.KindLog, LevelFatal, msg)
	}
}
