// Package console writes records as lines for people: to a terminal in colour, to
// anything else as plain text.
//
// [New] makes the sink; [AppendText] is one record's text. Nothing in a record can
// forge a line or move the terminal: control characters are escaped and further
// lines are indented. For machines there is sink/jsonl.
package console

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/weirlog/weir/record"
)

// Color says when to write colours.
type Color uint8

// When to write colours.
const (
	// ColorAuto asks the environment and the writer: NO_COLOR turns colours off,
	// FORCE_COLOR on (0 and false: off), TERM=dumb off; otherwise a terminal has
	// them.
	ColorAuto Color = iota
	ColorAlways
	ColorNever
)

// Options configure a Sink. The zero value is a good default.
type Options struct {
	Color Color
	// Location is the zone of times. Default time.Local.
	Location *time.Location
}

// Sink writes records as text. It does not close its writer.
type Sink struct {
	w      io.Writer
	format Format
	buf    []byte
}

// maxBuffer is how much memory is kept between batches.
const maxBuffer = 1 << 20

// New makes a sink that writes to w, each batch in one Write.
func New(w io.Writer, o Options) *Sink {
	f := Format{Color: o.Color == ColorAlways, Location: o.Location}
	if o.Color == ColorAuto {
		f.Color = wantsColor(w, os.LookupEnv)
	}
	return &Sink{w: w, format: f}
}

// WriteBatch implements weir.Sink.
func (s *Sink) WriteBatch(_ context.Context, batch []record.Record) error {
	b := s.buf[:0]
	for i := range batch {
		b = AppendText(b, &batch[i], s.format)
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
