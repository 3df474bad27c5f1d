package pipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
)

// chunkSize is what one read takes: the size of a Linux pipe.
const chunkSize = 64 << 10

// chunksAhead is how many chunks are read while a batch is being accepted.
const chunksAhead = 4

// Read reads a stream to its end and hands its lines over as records, in order, in
// batches: what is there now, so that a live pipe shows at once, and up to
// Options.MaxBatch records, so that a big file goes fast. accept is called from one
// goroutine and owns the batch; its first error ends Read.
//
// At the end of the stream the last line counts even without a line ending. When
// ctx ends, what has been read is handed over before Read returns the context's
// error; a read that is still waiting ends only when the owner of r closes it.
func Read(ctx context.Context, r io.Reader, opts Options, accept func([]record.Record) error) error {
	p := NewParser(opts)
	b := &batcher{opts: p.opts, parser: p, accept: accept, lines: lines{max: p.opts.MaxLine}}
	stop := make(chan struct{})
	defer close(stop)
	chunks, free := make(chan chunk, chunksAhead), make(chan []byte, chunksAhead+2)
	var reads atomic.Uint64
	go fill(r, chunks, free, stop, &reads)
	for taken := uint64(0); ; {
		c, ok := next(chunks)
		if !ok {
			if err := b.flush(); err != nil {
				return err
			}
			select {
			case c, ok = <-chunks:
			case <-ctx.Done():
			}
		}
		if ok {
			taken++
			if err := b.take(c.data); err != nil {
				return err
			}
			if errors.Is(c.err, io.EOF) {
				return b.finish()
			}
			if c.err != nil {
				return errors.Join(fmt.Errorf("read lines: %w", c.err), b.finish())
			}
			select {
			case free <- c.data[:cap(c.data)]:
			default:
			}
		}
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), b.drain(chunks, reads.Load()-taken))
		}
	}
}

// chunk is what one read gave; err comes with the last one.
type chunk struct {
	data []byte
	err  error
}

func next(chunks <-chan chunk) (chunk, bool) {
	select {
	case c := <-chunks:
		return c, true
	default:
		return chunk{}, false
	}
}

// fill reads until the stream ends, or until stop is closed and the read that
// waits has returned. It counts in reads the chunks that it is about to send.
func fill(r io.Reader, chunks chan<- chunk, free <-chan []byte, stop <-chan struct{}, reads *atomic.Uint64) {
	for {
		var buffer []byte
		select {
		case buffer = <-free:
		default:
			buffer = make([]byte, chunkSize)
		}
		n, err := r.Read(buffer)
		reads.Add(1)
		select {
		case chunks <- chunk{buffer[:n], err}:
		case <-stop:
			return
		}
		if err != nil {
			return
		}
	}
}

// batcher makes batches of lines.
type batcher struct {
	opts   Options
	parser *Parser
	accept func([]record.Record) error
	lines  lines

	batch []record.Record
	since time.Time // when the first record of the batch was made
}

func (b *batcher) take(data []byte) error {
	if err := b.lines.feed(data, b.add); err != nil {
		return err
	}
	if len(b.batch) > 0 && b.opts.Clock().Sub(b.since) >= b.opts.MaxDelay {
		return b.flush()
	}
	return nil
}

// drain takes the n chunks that were read and not taken, and ends.
func (b *batcher) drain(chunks <-chan chunk, n uint64) error {
	for range n {
		if err := b.take((<-chunks).data); err != nil {
			return err
		}
	}
	return b.finish()
}

func (b *batcher) finish() error {
	if err := b.lines.end(b.add); err != nil {
		return err
	}
	return b.flush()
}

func (b *batcher) add(line []byte, part int) error {
	if len(b.batch) == 0 {
		b.since = b.opts.Clock()
	}
	var r record.Record
	if part <= 1 {
		r = b.parser.Parse(line)
	} else {
		r = b.parser.piece(line)
	}
	if part > 0 {
		r.Attrs = append(r.Attrs[:len(r.Attrs):len(r.Attrs)], slog.Int("_part", part))
		record.MarkRepaired(&r, []record.Repair{{
			Field:  "message",
			Reason: fmt.Sprintf("the line is longer than %d bytes and was split, this is part %d", b.opts.MaxLine, part),
		}})
	}
	b.batch = append(b.batch, r)
	if len(b.batch) >= b.opts.MaxBatch {
		return b.flush()
	}
	return nil
}

func (b *batcher) flush() error {
	if len(b.batch) == 0 {
		return nil
	}
	batch := b.batch
	b.batch = make([]record.Record, 0, min(len(batch), b.opts.MaxBatch))
	if err := b.accept(batch); err != nil {
		return fmt.Errorf("accept %d records: %w", len(batch), err)
	}
	return nil
}

// piece makes a record of a later piece of a split line: its text, with the time
// of what it goes on from.
func (p *Parser) piece(text []byte) record.Record {
	r := record.Record{Message: string(text), Time: p.headTime}
	if p.headSeq > 0 {
		r.Attrs = []slog.Attr{slog.Uint64(continuesKey, p.headSeq)}
	}
	p.complete(&r)
	return r
}
