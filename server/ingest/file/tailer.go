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
	packed  bool          // it is compressed

	// For the follower when run has ended.
	err     error
	removed bool
	stamp   stamp
}

// errEnded ends a tailer without an error.
var errEnded = errors.New("ended")

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
	t.begin(ctx)
	var err error
	if t.packed {
		err = t.readGzip(ctx)
	} else {
		err = t.follow(ctx)
	}
	if err != nil && !errors.Is(err, errEnded) && !errors.Is(err, errRefused) && ctx.Err() == nil {
		t.err = err
	}
	t.removed = isRemoved(t.file)
	if info, failed := t.file.Stat(); failed == nil {
		t.stamp = stamp{info.Size(), info.ModTime()}
		if t.offset < info.Size() && !errors.Is(err, errRefused) {
			t.stamp = stamp{} // it has more to read
		} else if errors.Is(err, errEnded) && (t.replaced.Load() || t.packed) {
			t.f.places.done(t.id)
		}
	}
	_ = t.file.Close()
	t.drain()
}

// begin makes the stream of what follows the offset.
func (t *tailer) begin(ctx context.Context) {
	opts := t.f.opts.Text(t.path)
	if !t.packed {
		t.base = t.offset
	}
	t.stream = text.NewStream(opts, func(batch []record.Record) error {
		if err := t.f.accept(ctx, t.path, batch); err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
		t.note(t.base + t.stream.Settled())
		return nil
	})
	t.wait = t.stream.Options().JoinWait
}

// note keeps the place up to which records were accepted.
func (t *tailer) note(offset int64) {
	p := place{Path: t.path, ID: t.id, Offset: offset, Head: markOf(t.head), head: t.head}
	if !t.packed {
		// Of what was read, not of what the file has now: it may have been emptied since.
		end := len(t.window) - int(t.offset-offset)
		start := max(0, end-tailBytes)
		p.Tail = markOf(t.window[start:end])
		if start > readBytes {
			t.window = append(t.window[:0], t.window[start:]...)
		}
	}
	t.f.places.note(p)
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
	select {
	case <-t.drained:
	default:
		close(t.drained)
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
		n, err := t.read(ctx, buffer)
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
		if err := t.rest(replaced); err != nil {
			return err
		}
		t.sleep(ctx)
	}
	return ctx.Err()
}

// read takes the next bytes. The bytes before them are read again with them: when
// they are others than before, or missing, the file was written anew.
func (t *tailer) read(ctx context.Context, buffer []byte) (int, error) {
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

// anew begins with the start of a file that was emptied or written anew. What came
// before is complete.
func (t *tailer) anew(ctx context.Context) error {
	if err := t.stream.End(); err != nil {
		return err
	}
	t.f.places.former(t.id)
	t.f.opts.Counts.Truncated.Add(1)
	t.f.notice(t.path, EventTruncated, nil)
	t.offset, t.window, t.head, t.started = 0, t.window[:0], nil, false
	t.begin(ctx)
	return nil
}

// rest decides what becomes of what waits at the end of the file.
func (t *tailer) rest(replaced bool) error {
	idle := time.Since(t.grown)
	switch {
	case t.once:
		if err := t.stream.End(); err != nil {
			return err
		}
		return errEnded
	case replaced && !t.kept.Load() && idle >= t.f.opts.Linger:
		if err := t.stream.End(); err != nil {
			return err
		}
		return errEnded
	case t.stream.Partial() && idle >= t.f.opts.PartialWait:
		return t.stream.End()
	case t.stream.Waiting() && time.Since(t.lined) >= t.wait:
		return t.stream.Release()
	case t.park.Load() && !t.stream.Waiting() && !t.stream.Partial():
		return errEnded
	}
	return nil
}

// sleep waits until there may be something to do.
func (t *tailer) sleep(ctx context.Context) {
	until := t.f.opts.Poll
	if t.stream.Waiting() {
		until = min(until, t.wait-time.Since(t.lined))
	}
	if t.stream.Partial() {
		until = min(until, t.f.opts.PartialWait-time.Since(t.grown))
	}
	timer := time.NewTimer(max(until, time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-t.wake:
	case <-timer.C:
	}
}
