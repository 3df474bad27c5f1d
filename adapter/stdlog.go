package adapter

import (
	"context"
	"io"
	"log" //nolint:depguard // this package is where the standard log comes in
	"log/slog"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// AttrPrefix is the attribute that a standard logger's prefix becomes, without
// spaces and colons around it.
const AttrPrefix = "prefix"

// fatalFlush is how long log.Fatal and log.Panic wait for the sinks: the program is
// about to end, and with it what waits in the queue.
const fatalFlush = time.Second

// StdLog returns a standard logger whose messages are records of the level, with the
// place of the call. Those of Fatal and Panic are FATAL; they wait up to a second
// until the sinks have been given them, because the program may end.
func StdLog(l *weir.Logger, level slog.Level) *log.Logger {
	std := log.New(io.Discard, "", 0)
	std.SetOutput(NewLogWriter(l, std, level))
	return std
}

// NewLogWriter returns a writer for from.SetOutput, where from is a standard logger,
// nil the package's own. Its messages become records of l as StdLog says. The date
// and time that it writes are left out, because a record has its own; its prefix
// becomes the attribute "prefix", and file and line the place of the call. Flags and
// prefix may change at any time.
//
// The writer's errors are those of weir.Logger.TryLog.
func NewLogWriter(l *weir.Logger, from *log.Logger, level slog.Level) io.Writer {
	if from == nil {
		from = log.Default()
	}
	return &logWriter{h: l.Handler(), from: from, level: level}
}

// logWriter may be used concurrently, though a log.Logger calls it in turn.
type logWriter struct {
	h     *weir.Handler
	from  *log.Logger
	level slog.Level
}

// Write takes one message, which log.Logger hands over in one call.
func (w *logWriter) Write(p []byte) (int, error) {
	ctx := context.Background()
	// The level of a Fatal or Panic is known by its call; asking for the highest
	// first spares everything when nothing is logged at all.
	if !w.h.Enabled(ctx, max(w.level, weir.LevelFatal)) {
		return len(p), nil
	}
	m := parseMessage(string(p), w.from.Flags(), w.from.Prefix())
	at := findCall(m)
	level := w.level
	if at.fatal || at.panics {
		level = max(level, weir.LevelFatal)
	}
	if !w.h.Enabled(ctx, level) {
		return len(p), nil
	}
	r := slog.NewRecord(time.Now(), level, m.text, at.pc)
	if at.pc == 0 && m.file != "" {
		r.AddAttrs(slog.String(nameOf(record.FieldFilePath), m.file), slog.Int(nameOf(record.FieldLineNumber), m.line))
	}
	if m.prefix != "" {
		r.AddAttrs(slog.String(AttrPrefix, m.prefix))
	}
	if at.stack != "" {
		r.AddAttrs(slog.String(nameOf(record.FieldStackTrace), at.stack))
	}
	if err := w.h.Handle(ctx, r); err != nil {
		return len(p), err
	}
	if at.fatal || at.panics {
		ctx, cancel := context.WithTimeout(ctx, fatalFlush)
		defer cancel()
		// A sink's trouble is in Stats, and nobody is left to tell.
		_ = w.h.Flush(ctx)
	}
	return len(p), nil
}

func nameOf(id record.FieldID) string { return record.Fields[id].Name }
