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
	if l.enabled(LevelTrace) {
		_ = l.emitArgs(context.Background(), LevelTrace, msg, l.place(), args)
	}
}

// TraceContext logs at TRACE.
func (l *Logger) TraceContext(ctx context.Context, msg string, args ...any) {
	if l.enabled(LevelTrace) {
		_ = l.emitArgs(ctx, LevelTrace, msg, l.place(), args)
	}
}

// TraceFast logs a message at TRACE, without attributes or source.
func (l *Logger) TraceFast(msg string) {
	if l.enabled(LevelTrace) {
		l.emitMessage(record.KindLog, LevelTrace, msg)
	}
}

// Debug logs at DEBUG.
func (l *Logger) Debug(msg string, args ...any) {
	if l.enabled(LevelDebug) {
		_ = l.emitArgs(context.Background(), LevelDebug, msg, l.place(), args)
	}
}

// DebugContext logs at DEBUG.
func (l *Logger) DebugContext(ctx context.Context, msg string, args ...any) {
	if l.enabled(LevelDebug) {
		_ = l.emitArgs(ctx, LevelDebug, msg, l.place(), args)
	}
}

// DebugFast logs a message at DEBUG, without attributes or source.
func (l *Logger) DebugFast(msg string) {
	if l.enabled(LevelDebug) {
		l.emitMessage(record.KindLog, LevelDebug, msg)
	}
}

// Info logs at INFO.
func (l *Logger) Info(msg string, args ...any) {
	if l.enabled(LevelInfo) {
		_ = l.emitArgs(context.Background(), LevelInfo, msg, l.place(), args)
	}
}

// InfoContext logs at INFO.
func (l *Logger) InfoContext(ctx context.Context, msg string, args ...any) {
	if l.enabled(LevelInfo) {
		_ = l.emitArgs(ctx, LevelInfo, msg, l.place(), args)
	}
}

// InfoFast logs a message at INFO, without attributes or source.
func (l *Logger) InfoFast(msg string) {
	if l.enabled(LevelInfo) {
		l.emitMessage(record.KindLog, LevelInfo, msg)
	}
}

// Warn logs at WARN.
func (l *Logger) Warn(msg string, args ...any) {
	if l.enabled(LevelWarn) {
		_ = l.emitArgs(context.Background(), LevelWarn, msg, l.place(), args)
	}
}

// WarnContext logs at WARN.
func (l *Logger) WarnContext(ctx context.Context, msg string, args ...any) {
	if l.enabled(LevelWarn) {
		_ = l.emitArgs(ctx, LevelWarn, msg, l.place(), args)
	}
}

// WarnFast logs a message at WARN, without attributes or source.
func (l *Logger) WarnFast(msg string) {
	if l.enabled(LevelWarn) {
		l.emitMessage(record.KindLog, LevelWarn, msg)
	}
}

// Error logs at ERROR.
func (l *Logger) Error(msg string, args ...any) {
	if l.enabled(LevelError) {
		_ = l.emitArgs(context.Background(), LevelError, msg, l.place(), args)
	}
}

// ErrorContext logs at ERROR.
func (l *Logger) ErrorContext(ctx context.Context, msg string, args ...any) {
	if l.enabled(LevelError) {
		_ = l.emitArgs(ctx, LevelError, msg, l.place(), args)
	}
}

// ErrorFast logs a message at ERROR, without attributes or source.
func (l *Logger) ErrorFast(msg string) {
	if l.enabled(LevelError) {
		l.emitMessage(record.KindLog, LevelError, msg)
	}
}

// Critical logs at FATAL. It returns: FATAL is a level, never an exit.
func (l *Logger) Critical(msg string, args ...any) {
	if l.enabled(LevelFatal) {
		_ = l.emitArgs(context.Background(), LevelFatal, msg, l.place(), args)
	}
}

// CriticalContext logs at FATAL.
func (l *Logger) CriticalContext(ctx context.Context, msg string, args ...any) {
	if l.enabled(LevelFatal) {
		_ = l.emitArgs(ctx, LevelFatal, msg, l.place(), args)
	}
}

// CriticalFast logs a message at FATAL, without attributes or source.
func (l *Logger) CriticalFast(msg string) {
	if l.enabled(LevelFatal) {
		l.emitMessage(record.KindLog, LevelFatal, msg)
	}
}
