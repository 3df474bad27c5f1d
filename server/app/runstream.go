package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/pipe"
	"github.com/weirlog/weir/server/intake"
)

// What is read of a program's stream after its end. What it wrote itself is in the
// pipe then; somebody that it started may hold the other end for ever.
const (
	lingerQuiet = 300 * time.Millisecond // nothing came for so long: the pipe is empty
	lingerMost  = time.Second            // somebody goes on writing: it is not waited for
)

// stream is one of a program's streams. It has one reader.
type stream struct {
	name  string
	file  *os.File
	ended atomic.Bool // the program has
	cut   atomic.Bool // it was left while its other end was still open

	seen time.Time // when the reader learned of the program's end
	owed int       // bytes that were in the pipe then and are not read yet
}

// writerEnded lets the reader go on to the end of what was written.
func (s *stream) writerEnded() {
	// The deadline wakes the reader. It comes before the flag: one that the reader sets
	// later must stand.
	if s.file.SetReadDeadline(time.Now()) != nil {
		time.AfterFunc(2*lingerMost, func() { _ = s.file.Close() }) // of a pipe without deadlines
	}
	s.ended.Store(true)
}

// Read implements io.Reader. After the program's end it reads what was in the pipe, and
// does not wait for long for more.
func (s *stream) Read(b []byte) (int, error) {
	for {
		ended := s.ended.Load()
		if ended && s.lingers() {
			s.cut.Store(true)
			return 0, io.EOF
		}
		n, err := s.file.Read(b)
		switch {
		case ended:
			s.owed -= n
		case errors.Is(err, os.ErrDeadlineExceeded):
			continue // the program has ended just now
		}
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, os.ErrClosed) {
			s.cut.Store(true)
			err = io.EOF
		}
		return n, err
	}
}

// lingers reports whether all that the program wrote is read, and the stream goes on for
// too long. It bounds the next read.
func (s *stream) lingers() bool {
	now := time.Now()
	if s.seen.IsZero() {
		s.seen, s.owed = now, buffered(s.file)
	}
	_ = s.file.SetReadDeadline(now.Add(lingerQuiet)) // see writerEnded
	return s.owed <= 0 && now.Sub(s.seen) > lingerMost
}

// read takes the program's streams to their end, and waits for the program. It returns
// what was wrong with that.
func (p *program) read(ctx, storing context.Context, f *feed, opts RunOptions) error {
	ended := make(chan error, len(p.streams))
	for i, s := range p.streams {
		out := &outflow{name: s.name, notice: f.notice}
		if !opts.Quiet {
			out.to = []io.Writer{opts.Out, opts.Err}[i]
		}
		go func() { ended <- p.readStream(ctx, storing, f, s, out) }()
	}
	errs := []error{p.wait()}
	for range p.streams {
		errs = append(errs, <-ended)
	}
	p.closeStreams()
	for _, s := range p.streams {
		if s.cut.Load() {
			f.notice("%s has ended; what it started and still writes to its output is not waited for (app 2>&1 | weir waits)", p.name)
			break
		}
	}
	return errors.Join(errs...)
}

// readStream passes a stream on and stores it. When storing has failed for good the
// stream is still passed on, so that the program does not notice.
func (p *program) readStream(ctx, storing context.Context, f *feed, s *stream, out *outflow) error {
	source := intake.Source{Protocol: "run", Sender: p.name}
	in := &passing{ctx: ctx, in: s, out: out}
	err := pipe.Read(ctx, in, pipe.Options{
		Resource: f.resource(p.name),
		Attrs:    []slog.Attr{slog.String("stream", s.name)},
		MaxLine:  f.maxLine(),
	}, func(batch []record.Record) error { return f.dest.keep(storing, source, batch) })
	if err != nil && ctx.Err() == nil {
		f.notice("nothing of %s's %s is stored any more: %v", p.name, s.name, err)
		_, _ = io.Copy(io.Discard, in) // passing tells
	}
	return readFailure(p.name+"'s "+s.name, err)
}
