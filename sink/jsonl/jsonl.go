// Package jsonl writes records as JSON lines: one object a line, as docs/wire.md
// describes it and as `weir` reads it.
//
// [New] makes the sink, for any io.Writer. It does not open, rotate or close files,
// and it writes what was logged: an attribute that was given twice is there twice,
// and who reads the lines decides (Weir keeps the last and says so).
package jsonl

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// writeSize is how much text is collected for one Write: a batch, unless its
// records are large. At 256 KiB a system call costs nothing beside the encoding.
const writeSize = 256 << 10

// Sink writes records as JSON lines.
type Sink struct {
	w   io.Writer
	buf []byte
}

var (
	_ weir.LineSink  = (*Sink)(nil)
	_ weir.SelfNamed = (*Sink)(nil)
)

// New makes a sink that writes to w. A batch is one Write of whole lines, or
// several of about 256 KiB.
func New(w io.Writer) *Sink { return &Sink{w: w} }

// SinkName implements weir.SelfNamed: "json lines", and the file's name if the writer is one.
func (s *Sink) SinkName() string {
	if f, ok := s.w.(*os.File); ok && f != nil {
		return "json lines " + f.Name()
	}
	return "json lines"
}

// WriteBatch implements weir.Sink. After an error the rest of the batch is not
// written, so that the output does not go on in the middle of a line.
func (s *Sink) WriteBatch(_ context.Context, batch []record.Record) error {
	b := s.buf[:0]
	for i := range batch {
		b = record.AppendJSON(b, &batch[i])
		b = append(b, '\n')
		if len(b) >= writeSize || i == len(batch)-1 {
			if _, err := s.w.Write(b); err != nil {
				return fmt.Errorf("write JSON lines: %w", err)
			}
			b = b[:0]
		}
	}
	if cap(b) <= 2*writeSize {
		s.buf = b
	} else {
		s.buf = nil
	}
	return nil
}

// AcceptsLines implements weir.LineSink.
func (s *Sink) AcceptsLines() bool { return true }

// WriteLines implements weir.LineSink.
func (s *Sink) WriteLines(_ context.Context, lines []byte, _ int) error {
	if _, err := s.w.Write(lines); err != nil {
		return fmt.Errorf("write JSON lines: %w", err)
	}
	return nil
}

// Close implements weir.Sink. It leaves the writer open.
func (s *Sink) Close() error { return nil }
