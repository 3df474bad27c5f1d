package weir

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/weirlog/weir/record"
)

// Logger logs. It is safe for concurrent use. Loggers made by With, Named and the
// like share the queue, the sinks and Close with the one they come from.
type Logger struct{ emitter }

// New makes a logger and starts its worker. name is what records carry as logger
// and, unless Options.Resource says otherwise, as service. Trouble with a sink is
// printed to Options.ErrorOutput; the logger works without that sink.
//
// What the options leave open is read from the environment: WEIR_LEVEL, WEIR_LEVELS,
// WEIR_OVERFLOW and others, see [Options].
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
	problems := o.complete(name)
	c := newCore(name, &o)
	l := c.names.root.bare
	for _, err := range problems {
		c.diagnose(err)
	}
	c.attachAll(l, &o)
	c.errors.wait(context.Background())
	go c.worker.run()
	l.watchSignals(o.handleSignals)
	return l
}

// Name returns the logger's dotted name.
func (l *Logger) Name() string { return l.node.name }

// Enabled reports whether records of the level are logged.
func (l *Logger) Enabled(_ context.Context, level slog.Level) bool { return l.enabled(level) }

// With returns a logger that adds attributes to each record. They are resolved now.
func (l *Logger) With(args ...any) *Logger {
	if len(args) == 0 {
		return l
	}
	c := l.derived()
	c.scope = l.scope.withArgs(l.node.core, args)
	return c
}

// WithGroup returns a logger whose further attributes lie in a group.
func (l *Logger) WithGroup(name string) *Logger {
	if name == "" {
		return l
	}
	c := l.derived()
	c.scope = l.scope.withGroup(name)
	return c
}

// Handler returns the slog.Handler that logs as l does.
func (l *Logger) Handler() *Handler { return &Handler{l.emitter} }

// Slog returns a *slog.Logger that logs as l does.
func (l *Logger) Slog() *slog.Logger { return slog.New(l.Handler()) }

// place returns where the exported method that calls it was called, 0 when nobody
// wants to know. It must be called by that method itself: each frame to unwind
// costs a tenth of the call.
func (e *emitter) place() uintptr {
	var pcs [1]uintptr
	if e.source {
		runtime.Callers(3, pcs[:]) // past Callers, place, and the exported method
	}
	return pcs[0]
}

// Log logs at any level. Args are keys and values in turn, or slog.Attrs. The record
// gets what ctx has (see the function With), and ctx ends the waiting under Block.
func (l *Logger) Log(ctx context.Context, level slog.Level, msg string, args ...any) {
	if l.enabled(level) {
		_ = l.emitArgs(ctx, level, msg, l.place(), args)
	}
}

// LogAttrs is the fast form of Log: up to five attributes of simple types cost no
// allocation.
func (l *Logger) LogAttrs(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
	if l.enabled(level) {
		_ = l.emitAttrs(ctx, level, msg, l.place(), attrs)
	}
}

// TryLog is Log that tells whether the record was accepted. Its errors are
// ErrQueueFull and ErrClosed; a level that is not enabled is no error.
func (l *Logger) TryLog(ctx context.Context, level slog.Level, msg string, args ...any) error {
	if !l.enabled(level) {
		return nil
	}
	return l.emitArgs(ctx, level, msg, l.place(), args)
}

// logAt is the entry for the other files of this package: a record of any kind, whose
// place was found by the exported method. The level is not checked.
func (l *Logger) logAt(ctx context.Context, level slog.Level, kind record.Kind, msg string, pc uintptr, args []any) error {
	return l.emitKind(ctx, kind, level, msg, pc, args)
}

// Divider puts a line with a label between the records, at any level.
func (l *Logger) Divider(text string) {
	bare := emitter{node: l.node, sync: l.sync}
	bare.emitMessage(record.KindDivider, LevelInfo, text)
}

// Flush waits until the sinks have been given all records that were accepted
// before, and what processors held back. Its error is ctx's, or that of a sink that failed since the last Flush.
func (l *Logger) Flush(ctx context.Context) error { return l.node.core.flush(ctx, false) }

// Close refuses further records, writes those that wait, and closes the sinks. It
// gives up after CloseTimeout; what is not written then is counted as dropped. It
// may be called more than once and concurrently with log calls.
func (l *Logger) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), l.node.core.closeTimeout)
	defer cancel()
	return l.node.core.close(ctx)
}

// Shutdown is Close that gives up when ctx ends.
func (l *Logger) Shutdown(ctx context.Context) error { return l.node.core.close(ctx) }

// ErrorOutput returns the writer for what people should know about the logging
// itself. It may be used concurrently. A Write waits a tenth of a second at most for an
// output that does not take it.
func (l *Logger) ErrorOutput() io.Writer { return patientOutput{l.node.core.errors} }

// Report tells about trouble with the logging itself, for sinks and whoever else works
// for this logger: Options.Diagnostics gets it, else it is a line of ErrorOutput. It is
// not for the program's own errors, and not to be called for each record.
func (l *Logger) Report(err error) { l.node.core.diagnose(err) }

// Stats returns the counters of all loggers of one New.
func (l *Logger) Stats() Stats { return l.node.core.stats() }

// Started returns when the logger was made.
func (l *Logger) Started() time.Time { return l.node.core.started }
