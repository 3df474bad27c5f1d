// Package console writes records as lines for people: to a terminal in colour, to
// anything else as plain text.
//
// [New] makes the sink. Its lines are those of format.Console unless Options.Format
// says otherwise. Nothing in a record can forge a line or move the terminal: control
// characters are escaped and further lines are indented. For machines there is
// sink/jsonl.
package console

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

// Color says when to write colours.
type Color = format.Color

// When to write colours.
const (
	// ColorAuto asks the environment and the writer: NO_COLOR turns colours off,
	// FORCE_COLOR on (0 and false: off), TERM=dumb off; otherwise a terminal has
	// them.
	ColorAuto   = format.ColorAuto
	ColorAlways = format.ColorAlways
	ColorNever  = format.ColorNever
)

// Options configure a Sink. The zero value is a good default.
type Options struct {
	Color Color
	// Location is the zone of times. Default time.Local. Format has its own.
	Location *time.Location
	// Format is the form of the lines. Default: format.Console. One that is
	// format.Colorable is told what Color comes to.
	Format format.Formatter
	// ProgressInterval is how often the progress of a running job is a line. Default
	// DefaultProgressInterval; negative: every update is.
	ProgressInterval time.Duration
}

// Sink writes records as text. It does not close its writer.
type Sink struct {
	w        io.Writer
	format   format.Formatter
	progress progress
	buf      []byte
}

// maxBuffer is how much memory is kept between batches.
const maxBuffer = 1 << 20

// New makes a sink that writes to w, each batch in one Write.
func New(w io.Writer, o Options) *Sink {
	f := o.Format
	if f == nil {
		f = format.Console(format.ConsoleOptions{Location: o.Location})
	}
	if c, ok := f.(format.Colorable); ok {
		f = c.InColor(o.Color == ColorAlways || o.Color == ColorAuto && wantsColor(w, os.LookupEnv))
	}
	if o.ProgressInterval == 0 {
		o.ProgressInterval = DefaultProgressInterval
	}
	return &Sink{w: w, format: f, progress: progress{every: o.ProgressInterval}}
}

// SinkName implements weir.SelfNamed.
func (s *Sink) SinkName() string { return "console" }

// WriteBatch implements weir.Sink.
func (s *Sink) WriteBatch(_ context.Context, batch []record.Record) error {
	b := s.buf[:0]
	for i := range batch {
		if !s.progress.skip(&batch[i]) {
			b = s.format.Append(b, &batch[i])
		}
	}
	if len(b) == 0 {
		return nil
	}
	if cap(b) <= maxBuffer {
		s.buf = b
	} else {
		s.buf = nil
	}
	if _, err := s.w.Write(b); err != nil {
		return fmt.Errorf("write to console: %w", err)
	}
	return nil
}

// Close implements weir.Sink. It leaves the writer open.
func (s *Sink) Close() error { return nil }
