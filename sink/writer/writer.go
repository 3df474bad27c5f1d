// Package writer writes records to any io.Writer, in any form of package format: to a
// network connection, a compressor, a buffer in a test.
//
// [New] makes the sink. It opens, rotates and reopens nothing: for files there is
// sink/file, for terminals sink/console.
package writer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

// maxWrite is how much text is collected for one Write: a batch, unless its records
// are large. At 256 KiB a system call costs nothing beside the formatting.
const maxWrite = 256 << 10

// Sink writes records to an io.Writer.
type Sink struct {
	w       io.Writer
	format  format.Formatter
	lines   bool // the format is a line of JSON, as calls may make it themselves
	close   bool
	sync    bool
	noFlush bool
	torn    bool // the last Write ended inside a line
	buf     []byte
}

var (
	_ weir.LineSink  = (*Sink)(nil)
	_ weir.SelfNamed = (*Sink)(nil)
)

// Option changes a Sink that New makes.
type Option func(*Sink)

// WithClose lets Close close the writer, if it has a method Close.
func WithClose() Option { return func(s *Sink) { s.close = true } }

// WithSync calls the writer's method Sync after each batch, if it has one, as files
// have: records then survive a failure of the machine, at the cost of waiting for the
// disk.
func WithSync() Option { return func(s *Sink) { s.sync = true } }

// WithoutFlush leaves it to the writer when to pass on what it holds: a compressor
// that is flushed after each batch compresses less. Close flushes in any case.
func WithoutFlush() Option { return func(s *Sink) { s.noFlush = true } }

// New makes a sink that writes to w in the form f; nil is format.JSON, one object a
// line. A batch is one Write of whole records, or several of about 256 KiB. A writer
// with a method Flush, as bufio's and gzip's, is flushed after each batch.
//
// The writer is used by one goroutine at a time. A Write that waits holds up this
// sink alone.
func New(w io.Writer, f format.Formatter, opts ...Option) *Sink {
	s := &Sink{w: w, format: f, lines: f == nil}
	if s.lines {
		s.format = format.JSON(format.JSONOptions{})
	}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// SinkName implements weir.SelfNamed: "writer" and the file's name, or the writer's type.
func (s *Sink) SinkName() string {
	if f, ok := s.w.(*os.File); ok && f != nil {
		return "writer " + f.Name()
	}
	return fmt.Sprintf("writer %T", s.w)
}

// WriteBatch implements weir.Sink. After an error the rest of the batch is not
// written; when the writer took a part of a line, the next batch begins with a new
// one.
func (s *Sink) WriteBatch(_ context.Context, batch []record.Record) error {
	b := s.buf[:0]
	if s.torn {
		b = append(b, '\n')
	}
	for i := range batch {
		b = s.format.Append(b, &batch[i])
		if len(b) >= maxWrite || i == len(batch)-1 {
			if err := s.write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	if s.buf = b; cap(b) > 2*maxWrite {
		s.buf = nil // a rare large batch should not hold its memory for ever
	}
	return s.passOn(s.noFlush, s.sync)
}

// AcceptsLines implements weir.LineSink: it does without a form of its own.
func (s *Sink) AcceptsLines() bool { return s.lines }

// WriteLines implements weir.LineSink.
func (s *Sink) WriteLines(_ context.Context, lines []byte, _ int) error {
	if s.torn {
		if err := s.write([]byte{'\n'}); err != nil {
			return err
		}
	}
	if err := s.write(lines); err != nil {
		return err
	}
	return s.passOn(s.noFlush, s.sync)
}

func (s *Sink) write(b []byte) error {
	n, err := s.w.Write(b)
	if n > 0 && n <= len(b) {
		s.torn = b[n-1] != '\n'
	}
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	return nil
}

// passOn flushes and syncs the writer.
func (s *Sink) passOn(noFlush, sync bool) error {
	if !noFlush {
		switch w := s.w.(type) {
		case interface{ Flush() error }:
			if err := w.Flush(); err != nil {
				return fmt.Errorf("flush records: %w", err)
			}
		case interface{ Flush() }: // as http.ResponseWriter has
			w.Flush()
		}
	}
	if w, ok := s.w.(interface{ Sync() error }); ok && sync {
		if err := w.Sync(); err != nil {
			return fmt.Errorf("sync records: %w", err)
		}
	}
	return nil
}

// Close implements weir.Sink. It flushes the writer and leaves it open, unless
// WithClose was given.
func (s *Sink) Close() error {
	err := s.passOn(false, s.sync)
	if c, ok := s.w.(io.Closer); ok && s.close {
		if closing := c.Close(); closing != nil {
			err = errors.Join(err, fmt.Errorf("close writer: %w", closing))
		}
	}
	return err
}
