package adapter

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// The defaults and bounds of a JSONWriter.
const (
	// DefaultMaxLine lets a stack trace through, and bounds what a writer that never
	// ends its line can make the program hold.
	DefaultMaxLine = 1 << 20
	// DefaultSyncTimeout is how long Sync waits: loggers call it when the program
	// ends.
	DefaultSyncTimeout = 5 * time.Second
	// maxNames is how many logger names become loggers of their own: a program has
	// few, and one that names them by request would fill the list of levels. Those of
	// further ones are the attribute logger_name.
	maxNames = 256
)

// JSONOptions configure a JSONWriter. The zero value is a good default.
type JSONOptions struct {
	// Level is that of lines that have none, JSON or not. Default INFO.
	Level slog.Level
	// MaxLine is the longest line in bytes that is read as JSON. A longer one is kept
	// as text, in records of this size. Default DefaultMaxLine.
	MaxLine int
	// SyncTimeout bounds Sync. Default DefaultSyncTimeout.
	SyncTimeout time.Duration
}

// JSONWriter turns lines of JSON into records. It is safe for concurrent use; a
// line that is written in pieces must be written by one goroutine at a time.
type JSONWriter struct {
	log *weir.Logger
	o   JSONOptions

	mu   sync.Mutex
	held []byte // a line that has no end yet
	long bool   // held is the rest of a line that is too long

	names sync.Map // from a logger's name to its *weir.Handler
	count counts
}

var _ io.WriteCloser = (*JSONWriter)(nil)

// NewJSONWriter returns a writer for loggers that write a JSON object a line: zap,
// zerolog, logrus, and the others whose names for time, level, message, logger, error
// and caller docs/wire.md lists. Time, level, message, place and attributes are kept; a
// logger's name is taken as one below l's, with its level. What is not a JSON object is
// a record with the line as its message.
func NewJSONWriter(l *weir.Logger, o JSONOptions) *JSONWriter {
	if o.MaxLine <= 0 {
		o.MaxLine = DefaultMaxLine
	}
	if o.SyncTimeout <= 0 {
		o.SyncTimeout = DefaultSyncTimeout
	}
	return &JSONWriter{log: l, o: o}
}

// Write takes whole or partial lines. It keeps nothing of p. The error is that of
// weir.Logger.TryLog for the first record that was not accepted; all of p is taken
// nevertheless.
func (w *JSONWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	if len(w.held) == 0 && !w.long && bytes.IndexByte(p, '\n') == len(p)-1 && len(p) > 0 && len(p) <= w.o.MaxLine {
		w.mu.Unlock() // one whole line, as loggers write it
		return len(p), w.line(p[:len(p)-1])
	}
	defer w.mu.Unlock()
	var first error
	for rest := p; len(rest) > 0; {
		piece, after, ended := bytes.Cut(rest, []byte{'\n'})
		room := w.o.MaxLine - len(w.held)
		over := len(piece) > room
		if over {
			n := wholeCharacters(piece, room)
			if n == 0 && len(w.held) == 0 {
				n = room
			}
			piece, after, ended = piece[:n], rest[n:], false
		}
		rest = after
		w.held = append(w.held, piece...)
		if ended || over {
			first = firstOf(first, w.take(ended))
		}
	}
	return len(p), first
}

// wholeCharacters returns how much of the first n bytes of s is whole characters.
func wholeCharacters(s []byte, n int) int {
	for back := 0; back < utf8.UTFMax && n-back > 0; back++ {
		if utf8.RuneStart(s[n-back]) {
			return n - back
		}
	}
	return n
}

// take logs what is held: a line, or a piece of one that is too long.
func (w *JSONWriter) take(ended bool) error {
	line := w.held
	w.held = w.held[:0]
	if cap(w.held) > maxHeld {
		w.held = nil
	}
	long := w.long || !ended
	w.long = !ended
	if !long {
		return w.line(line)
	}
	if len(line) == 0 {
		return nil
	}
	if ended {
		w.count.long.Add(1)
	}
	return w.text(line, fmt.Sprintf("the line is longer than %d bytes: kept as text", w.o.MaxLine))
}

// maxHeld is how much memory is kept between lines.
const maxHeld = 64 << 10

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// line logs a whole line.
func (w *JSONWriter) line(line []byte) error {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return nil
	}
	if line[0] != '{' {
		w.count.text.Add(1)
		return w.text(line, "")
	}
	r, repairs, err := record.ParseJSON(line, record.ParseOptions{Aliases: true})
	if err != nil {
		w.count.text.Add(1)
		return w.text(line, err.Error())
	}
	record.MarkRepaired(&r, repairs)
	w.count.records.Add(1)
	return w.emit(&r)
}

// text logs a line as it came; reason says why, if it should have been more.
func (w *JSONWriter) text(line []byte, reason string) error {
	r := record.Record{Message: string(line)}
	if reason != "" {
		record.MarkRepaired(&r, []record.Repair{{Field: "message", Reason: reason}})
	}
	return w.emit(&r)
}

// Sync waits until the sinks have been given what was written, as zap's loggers do
// before the program ends.
func (w *JSONWriter) Sync() error {
	ctx, cancel := context.WithTimeout(context.Background(), w.o.SyncTimeout)
	defer cancel()
	return w.log.Flush(ctx)
}

// Close logs a last line that has no end, and waits as Sync does. It leaves the
// logger open, and so the writer can be used further.
func (w *JSONWriter) Close() error {
	w.mu.Lock()
	var err error
	if len(w.held) > 0 || w.long {
		err = w.take(true)
	}
	w.mu.Unlock()
	return firstOf(err, w.Sync())
}
