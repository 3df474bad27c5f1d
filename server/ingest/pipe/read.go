// Package pipe reads a stream of text, such as a program's output, while it comes.
//
// [Read] hands over its lines as records. How lines become records is told in
// package text; this package waits for the stream and for the time. It does not
// start programs or follow files.
package pipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/text"
)

// Options say what is known about a stream.
type Options = text.Options

// Counts tell what was read; see Options.
type Counts = text.Counts

// chunkSize is what one read takes: the size of a Linux pipe.
const chunkSize = 64 << 10

// chunksAhead is how many chunks are read while a batch is being accepted.
const chunksAhead = 4

// Read reads a stream to its end and hands its lines over as records, in order, in
// batches: what is there now, so that a live pipe shows at once, and up to
// Options.MaxBatch records, so that a big file goes fast. A line that others may
// belong to waits for Options.JoinWait when none come. accept is called from one
// goroutine and owns the batch; its first error ends Read.
//
// At the end of the stream the last line counts even without a line ending. When
// ctx ends, what has been read is handed over before Read returns the context's
// error; a read that is still waiting ends only when the owner of r closes it.
func Read(ctx context.Context, r io.Reader, opts Options, accept func([]record.Record) error) error {
	s := text.NewStream(opts, accept)
	stop := make(chan struct{})
	defer close(stop)
	f := &filler{chunks: make(chan chunk, chunksAhead), free: make(chan []byte, chunksAhead+2), stop: stop}
	go f.fill(r)
	wait := &joinWait{wait: s.Options().JoinWait, timer: time.NewTimer(time.Hour)}
	defer wait.timer.Stop()
	for taken := uint64(0); ; {
		c, ok := f.next()
		if !ok {
			if err := s.Flush(); err != nil {
				return err
			}
			select {
			case c, ok = <-f.chunks:
			case <-wait.over(s.Waiting()):
				if err := s.Release(); err != nil {
					return err
				}
			case <-ctx.Done():
			}
		}
		if ok {
			taken++
			if err := s.Feed(c.data); err != nil {
				return err
			}
			wait.fed(c.data)
			if errors.Is(c.err, io.EOF) {
				return s.End()
			}
			if c.err != nil {
				return errors.Join(fmt.Errorf("read lines: %w", c.err), s.End())
			}
			f.reuse(c.data)
		}
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), f.drain(s, taken))
		}
	}
}

// filler reads a stream ahead.
type filler struct {
	chunks chan chunk
	free   chan []byte
	stop   <-chan struct{}
	reads  atomic.Uint64 // the chunks that were sent or are about to be
}

// chunk is what one read gave; err comes with the last one.
type chunk struct {
	data []byte
	err  error
}

// fill reads until the stream ends, or until stop is closed and the read that
// waits has returned.
func (f *filler) fill(r io.Reader) {
	for {
		var buffer []byte
		select {
		case buffer = <-f.free:
		default:
			buffer = make([]byte, chunkSize)
		}
		n, err := r.Read(buffer)
		f.reads.Add(1)
		select {
		case f.chunks <- chunk{buffer[:n], err}:
		case <-f.stop:
			return
		}
		if err != nil {
			return
		}
	}
}

func (f *filler) next() (chunk, bool) {
	select {
	case c := <-f.chunks:
		return c, true
	default:
		return chunk{}, false
	}
}

func (f *filler) reuse(buffer []byte) {
	select {
	case f.free <- buffer[:cap(buffer)]:
	default:
	}
}

// drain takes the chunks that were read and not taken, and ends the stream.
func (f *filler) drain(s *text.Stream, taken uint64) error {
	for range f.reads.Load() - taken {
		if err := s.Feed((<-f.chunks).data); err != nil {
			return err
		}
	}
	return s.End()
}
