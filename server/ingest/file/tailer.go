package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/text"
)

// readBytes is what one read takes.
const readBytes = 64 << 10

// tailer reads one open file. run belongs to one goroutine; what the follower may
// touch meanwhile says so.
type tailer struct {
	f      *follower
	file   *os.File
	id     string
	path   string // under which it is followed; does not change
	real   string // the path without links
	number int    // in the order of opening
	once   bool

	wake     chan struct{} // room for one: look again
	after    <-chan struct{}
	drained  chan struct{} // closed by run when the file was read to its end after it was replaced
	turns    atomic.Uint32 // how often the file was written anew; set by run
	replaced atomic.Bool   // set by the follower: path is now another file, or none
	kept     atomic.Bool   // set by the follower: the file still has a name that is followed
	park     atomic.Bool   // set by the follower: end when there is nothing to do
	idle     atomic.Int64  // when it last grew, in nanoseconds; for the follower

	stream  *text.Stream
	wait    time.Duration // the stream's JoinWait
	base    int64         // where in the file the stream began
	offset  int64         // read up to here
	window  []byte        // the bytes before the offset, from tailBytes before the noted place on
	head    []byte        // the first bytes of the file, at most headBytes
	grown   time.Time     // when bytes came last, or the file was replaced
	lined   time.Time     // when the end of a line did
	started bool          // the file's first bytes were looked at, or were before
	held    *held         // the beginning of a line that the file has no more; nil: none

	packed    bool               // it is compressed; what is counted is its text
	raw       int64              // how much of the compressed file was read
	onlyKnown bool               // it is to be read only when its text was read in part
	rivals    map[string]*tailer // by identity: those whose files it may be a copy of

	// For the follower when run has ended.
	err     error
	removed bool
	stamp   stamp
}

// errEnded ends a tailer without an error.
var errEnded = errors.New("ended")

// errSkipped ends one whose file is not to be read.
var errSkipped = errors.New("skipped")

// errParked ends one that has more to read, to make room.
var errParked = errors.New("parked")

func (t *tailer) poke() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// run reads until the file is gone, the context ends or accepting fails.
func (t *tailer) run(ctx context.Context) {
	if t.after != nil {
		select {
		case <-t.after:
		case <-ctx.Done():
		}
	}
	t.grown = time.Now()
	err := t.read(ctx)
	if failed := t.letGo(ctx, err); failed != nil {
		err = failed
	}
	if !isEnd(ctx, err) {
		t.err = err
	}
	t.removed = isRemoved(t.file)
	if info, failed := t.file.Stat(); failed == nil {
		t.stamp = stamp{info.Size(), info.ModTime()}
		had := t.offset
		if t.packed {
			had = t.raw
		}
		if had < info.Size() && !errors.Is(err, errRefused) && !errors.Is(err, errSkipped) {
			t.stamp = stamp{} // it has more to read
		} else if errors.Is(err, errEnded) && (t.replaced.Load() || t.packed) {
			t.f.places.done(t.id)
		}
	}
	_ = t.file.Close()
	t.drain()
}

// read reads all.
func (t *tailer) read(ctx context.Context) error {
	if !t.packed {
		t.begin(ctx)
		return t.follow(ctx)
	}
	if err := t.locate(ctx); err != nil {
		return err
	}
	t.begin(ctx)
	return t.readGzip(ctx)
}

// isEnd tells the orderly ends of a tailer from errors. What accept returns for the
// context's sake is the context's error.
func isEnd(ctx context.Context, err error) bool {
	for _, end := range []error{nil, errEnded, errParked, errSkipped, errRefused} {
		if errors.Is(err, end) {
			return true
		}
	}
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// begin makes the stream of what follows the offset.
func (t *tailer) begin(ctx context.Context) {
	opts := t.f.opts.Text(t.path)
	t.base = t.offset
	var stream *text.Stream
	stream = text.NewStream(opts, func(batch []record.Record) error {
		if err := t.f.accept(ctx, t.path, batch); err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
		if stream == t.stream { // not of what the file had before
			t.note(t.base + stream.Settled())
		}
		return nil
	})
	t.stream = stream
	t.wait = t.stream.Options().JoinWait
}

// note keeps the place up to which records were accepted.
func (t *tailer) note(offset int64) {
	t.f.places.note(t.placeAt(offset))
	if start := len(t.window) - int(t.offset-offset) - tailBytes; start > readBytes {
		t.window = append(t.window[:0], t.window[start:]...)
	}
}

// placeAt returns the place at an offset, of what was read: what the file has now may
// be something else.
func (t *tailer) placeAt(offset int64) place {
	end := len(t.window) - int(t.offset-offset)
	return place{
		Path: t.path, ID: t.id, Offset: offset, head: t.head,
		Head: markOf(t.head), Tail: markOf(t.window[max(0, end-tailBytes):end]),
	}
}

// readHead reads the first bytes of the file.
func (t *tailer) readHead() {
	head := make([]byte, headBytes)
	n, _ := t.file.ReadAt(head, 0)
	t.head = head[:n:n]
}

// keep remembers what was read.
func (t *tailer) keep(data []byte) {
	if have := int64(len(t.head)); have < headBytes && t.offset <= have {
		data := data[min(have-t.offset, int64(len(data))):]
		t.head = append(t.head[:have:have], data[:min(len(data), headBytes-int(have))]...)
	}
	t.window = append(t.window, data...)
	t.offset += int64(len(data))
}

func (t *tailer) drain() {
	if !t.hasDrained() {
		close(t.drained)
	}
}

// hasDrained reports whether all is read of a file that was replaced, or the tailer
// has ended. It may be called concurrently.
func (t *tailer) hasDrained() bool {
	select {
	case <-t.drained:
		return true
	default:
		return false
	}
}

// follow reads what is there, then waits for more.
func (t *tailer) follow(ctx context.Context) error {
	buffer := make([]byte, tailBytes+readBytes)
	known := false
	for ctx.Err() == nil {
		replaced := t.replaced.Load() // before the read that finds the end
		if replaced && !known {
			t.grown = time.Now() // from now on it lingers
		}
		known = replaced
		n, err := t.next(ctx, buffer)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if err := t.stream.Flush(); err != nil {
			return err
		}
		if replaced {
			// Another file follows: what waits is complete, and its place is known.
			if err := t.stream.Release(); err != nil {
				return err
			}
			t.drain()
			if !t.stream.Partial() {
				t.f.places.done(t.id)
			}
		}
		if err := t.rest(ctx, replaced); err != nil {
			return err
		}
		t.sleep(ctx)
	}
	return ctx.Err()
}

// next takes the next bytes. The bytes before them are read again with them: when
// they are others than before, or missing, the file was written anew.
func (t *tailer) next(ctx context.Context, buffer []byte) (int, error) {
	last := t.window[max(0, len(t.window)-tailBytes):]
	overlap := len(last)
	n, err := t.file.ReadAt(buffer[:overlap+readBytes], t.offset-int64(overlap))
	if err != nil && !errors.Is(err, io.EOF) {
		t.f.notice(t.path, EventUnreadable, err)
		return 0, nil
	}
	if n < overlap || !bytes.Equal(buffer[:overlap], last) {
		return 1, t.anew(ctx)
	}
	data := buffer[overlap:n]
	if len(data) == 0 {
		return 0, nil
	}
	t.keep(data)
	t.grown = time.Now()
	if !t.started {
		if data, err = t.first(data); err != nil {
			return 0, err
		}
	}
	if bytes.IndexByte(data, '\n') >= 0 {
		t.lined = t.grown
	}
	t.idle.Store(t.grown.UnixNano())
	t.f.opts.Counts.Bytes.Add(uint64(len(data)))
	return 1, t.stream.Feed(data)
}
