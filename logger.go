package weir

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// Logger logs. It is safe for concurrent use. Loggers made by With and WithGroup
// share the queue, the sinks and Close with the one they come from.
type Logger struct {
	core  *core
	scope scope
}

// New makes a logger and starts its worker. name is what records carry as logger
// and, unless Options.Resource says otherwise, as service. Trouble with a sink is
// printed to Options.ErrorOutput; the logger works without that sink.
//
// Close ends the worker; a logger that is not closed loses what its worker has not
// written when the program ends.
func New(name string, opts ...Option) *Logger {
	var o Options
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	o.complete(name)
	c := newCore(name, &o)
	l := &Logger{core: c}
	for _, s := range o.Sinks {
		if err := l.AddSink(s); err != nil {
			c.report("%s; the logger goes on without it", strings.TrimPrefix(err.Error(), "weir: "))
		}
	}
	go c.worker.run()
	return l
}

// Name returns the logger's name.
func (l *Logger) Name() string { return l.core.name }

// Enabled reports whether records of the level are logged.
func (l *Logger) Enabled(_ context.Context, level slog.Level) bool { return l.core.enabled(level) }

// With returns a logger that adds attributes to each record. They are resolved now.
func (l *Logger) With(args ...any) *Logger {
	if len(args) == 0 {
		return l
	}
	return &Logger{core: l.core, scope: l.scope.withArgs(l.core, args)}
}

// WithGroup returns a logger whose further attributes lie in a group.
func (l *Logger) WithGroup(name string) *Logger {
	if name == "" {
		return l
	}
	return &Logger{core: l.core, scope: l.scope.withGroup(name)}
}

// Handler returns the slog.Handler that logs as l does.
func (l *Logger) Handler() *Handler { return &Handler{core: l.core, scope: l.scope} }

// Slog returns a *slog.Logger that logs as l does.
func (l *Logger) Slog() *slog.Logger { return slog.New(l.Handler()) }

// place returns where the exported method that calls it was called, 0 when nobody
// wants to know. It must be called by that method itself: each frame to unwind
// costs a tenth of the call.
func (c *core) place() uintptr {
	var pcs [1]uintptr
	if c.source {
		runtime.Callers(3, pcs[:]) // past Callers, place, and the exported method
	}
	return pcs[0]
}

// Log logs at any level. Args are keys and values in turn, or slog.Attrs. ctx ends
// the waiting under Block.
func (l *Logger) Log(ctx context.Context, level slog.Level, msg string, args ...any) {
	if l.core.enabled(level) {
		_ = l.core.emitArgs(ctx, &l.scope, level, msg, l.core.place(), args)
	}
}

// LogAttrs is the fast form of Log: up to five attributes of simple types cost no
// allocation.
func (l *Logger) LogAttrs(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
	if l.core.enabled(level) {
		_ = l.core.emitAttrs(ctx, &l.scope, level, msg, l.core.place(), attrs)
	}
}

// TryLog is Log that tells whether the record was accepted. Its errors are
// ErrQueueFull and ErrClosed; a level that is not enabled is no error.
func (l *Logger) TryLog(ctx context.Context, level slog.Level, msg string, args ...any) error {
	if !l.core.enabled(level) {
		return nil
	}
	return l.core.emitArgs(ctx, &l.scope, level, msg, l.core.place(), args)
}

// Divider puts a line with a label between the records, at any level.
func (l *Logger) Divider(text string) {
	l.core.emitMessage(&scope{}, record.KindDivider, LevelInfo, text)
}

// Flush waits until the sinks have been given all records that were accepted
// before. Its error is ctx's, or that of a sink that failed since the last Flush.
func (l *Logger) Flush(ctx context.Context) error { return l.core.flush(ctx) }

// Close refuses further records, writes those that wait, and closes the sinks. It
// gives up after CloseTimeout; what is not written then is counted as dropped. It
// may be called more than once and concurrently with log calls.
func (l *Logger) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), l.core.closeTimeout)
	defer cancel()
	return l.core.close(ctx)
}

// Shutdown is Close that gives up when ctx ends.
func (l *Logger) Shutdown(ctx context.Context) error { return l.core.close(ctx) }

// AddSink adds a sink while the logger runs. A sink that is a Starter is started
// first. After Close it returns ErrClosed and does not use the sink.
func (l *Logger) AddSink(s Sink) error { return l.core.outlets.add(l, s) }

// ErrorOutput returns the writer for what people should know about the logging
// itself. It may be used concurrently.
func (l *Logger) ErrorOutput() io.Writer { return l.core.errors }

// Stats returns the logger's counters.
func (l *Logger) Stats() Stats { return l.core.stats() }

// Started returns when the logger was made.
func (l *Logger) Started() time.Time { return l.core.started }
