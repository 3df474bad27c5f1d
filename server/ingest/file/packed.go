package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/klauspost/compress/gzip"
)

func isGzip(b []byte) bool { return bytes.HasPrefix(b, []byte("\x1f\x8b\x08")) }

// fromStart reads a tailer's file from its start.
type fromStart struct{ t *tailer }

func (r *fromStart) Read(b []byte) (int, error) {
	n, err := r.t.file.ReadAt(b, r.t.raw)
	r.t.raw += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

// gzipHead returns the first bytes of what a compressed file contains.
func gzipHead(r io.ReaderAt) []byte {
	z, err := gzip.NewReader(io.NewSectionReader(r, 0, 1<<62))
	if err != nil {
		return nil
	}
	head := make([]byte, headBytes)
	n, _ := io.ReadFull(z, head)
	return head[:n:n]
}

// startPacked decides whether a compressed file is read; where it begins takes long to
// find out, and is found out by locate.
func (f *follower) startPacked(t *tailer, c candidate, info os.FileInfo) (begin bool) {
	t.head = gzipHead(t.file)
	known := f.places.unpacked(c.id, c.open, t.head)
	t.onlyKnown = f.first && !f.opts.Once && f.opts.Lines != AllLines
	if t.onlyKnown && len(known) == 0 {
		f.skipPacked(c.path)
		f.looked[c.id] = stamp{info.Size(), info.ModTime()}
		return false
	}
	t.rivals = map[string]*tailer{}
	for id, other := range f.active {
		if !other.packed && isNear(c.open, other.path) {
			t.rivals[id] = other
		}
	}
	for _, o := range known {
		if o.key == c.id {
			t.onlyKnown = false
			return true
		}
	}
	f.places.former(c.id)
	if !t.onlyKnown {
		t.note(0) // a kill from now on loses nothing
	}
	return true
}

func (f *follower) skipPacked(path string) {
	f.notice(path, EventSkipped, errors.New("it is compressed, and only the last lines were asked for"))
}

// locate finds out where to begin in the text of a compressed file. It waits while the
// text is that of a file which is still being read, and for a file that is being made.
func (t *tailer) locate(ctx context.Context) error {
	for ctx.Err() == nil {
		info, err := t.file.Stat()
		if err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
		made := t.once || time.Since(info.ModTime()) > copyWait
		t.head = gzipHead(t.file)
		known := t.f.places.unpacked(t.id, t.path, t.head)
		if rival := t.rival(ctx, &known); rival != nil {
			if err := t.awaitRival(ctx, rival, info, made); err != nil {
				return err
			}
			continue
		}
		last, complete := t.verify(ctx, known)
		if complete || made {
			if located, err := t.locateAt(known, last); located || err != nil {
				return err
			}
		}
		if t.park.Load() {
			return errParked
		}
		t.pause(ctx, min(t.f.opts.Poll, copyWait), nil)
	}
	return ctx.Err()
}

// locateAt begins behind the last of the known places that the text has.
func (t *tailer) locateAt(known []original, last int) (located bool, err error) {
	switch {
	case last >= 0 && known[last].Offset > 0:
		offset, ok := t.f.places.claim(known[last])
		t.offset = offset
		return ok, nil
	case t.onlyKnown:
		t.f.skipPacked(t.path)
		return false, errSkipped
	}
	t.f.tellDoubled(t.path, known, t.id, bytes.NewReader(t.head))
	t.offset = 0
	return true, nil
}

// rival returns a tailer that is still reading what the text is of. Known places that
// are of one which reads something else are taken out.
func (t *tailer) rival(ctx context.Context, known *[]original) *tailer {
	for id, other := range t.rivals {
		if other.hasDrained() {
			delete(t.rivals, id)
			continue
		}
		if t.isTextOf(ctx, other.file) {
			return other
		}
		for i, o := range *known {
			if o.key != id {
				continue
			}
			if info, err := other.file.Stat(); err != nil || !o.matches(other.file, info.Size()) {
				return other // it was written anew, which its reader will see
			}
			*known = append((*known)[:i:i], (*known)[i+1:]...)
			break
		}
	}
	return nil
}

// awaitRival returns when the rival has read its file, or either has other content.
func (t *tailer) awaitRival(ctx context.Context, rival *tailer, was os.FileInfo, made bool) error {
	if made && !rival.replaced.Load() {
		t.f.notice(t.path, EventSkipped, fmt.Errorf("all that it has is in %s too: it is taken for a copy until that goes on otherwise", rival.path))
	}
	turns := rival.turns.Load()
	for !rival.hasDrained() && rival.turns.Load() == turns {
		if t.park.Load() {
			return errParked
		}
		t.pause(ctx, t.f.opts.Poll, rival.drained)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if now, err := t.file.Stat(); err != nil || now.Size() != was.Size() || now.ModTime() != was.ModTime() {
			return nil
		}
	}
	return nil
}

// isTextOf reports whether all that a compressed file contains is the beginning of
// another file.
func (t *tailer) isTextOf(ctx context.Context, of io.ReaderAt) bool {
	at := int64(0)
	other := make([]byte, readBytes)
	same := true
	t.eachBlock(ctx, func(block []byte) bool {
		n, _ := of.ReadAt(other[:len(block)], at)
		at += int64(len(block))
		same = bytes.Equal(block, other[:n])
		return same
	})
	return same && at > 0
}

// eachBlock yields the text of a compressed file in blocks of at most readBytes, until
// yield returns false. It reports whether the text has been read to its end.
func (t *tailer) eachBlock(ctx context.Context, yield func(block []byte) bool) (complete bool) {
	z, err := gzip.NewReader(io.NewSectionReader(t.file, 0, 1<<62))
	block := make([]byte, readBytes)
	for err == nil && ctx.Err() == nil {
		var n int
		n, err = z.Read(block)
		if n > 0 && !yield(block[:n]) {
			return false
		}
	}
	return errors.Is(err, io.EOF)
}

// verify returns the last of the places, which are in order, whose last bytes stand in
// the text too; -1: none. It is complete when the text has been read far enough.
func (t *tailer) verify(ctx context.Context, known []original) (last int, complete bool) {
	last = -1
	next, at := 0, int64(0)
	var window []byte // the bytes before at
	reach := func(data []byte) {
		for ; next < len(known) && known[next].Offset <= at+int64(len(data)); next++ {
			o := &known[next]
			have := append(window[:len(window):len(window)], data[:o.Offset-at]...)
			if n := o.Tail.Bytes; n <= len(have) && (n == 0) == (o.Offset == 0) && (n == 0 || markOf(have[len(have)-n:]) == o.Tail) {
				last = next
			}
		}
	}
	reach(nil)
	if next == len(known) && len(t.head) == headBytes {
		return last, true
	}
	ended := t.eachBlock(ctx, func(data []byte) bool {
		reach(data)
		window = append(window, data...)
		window = append(window[:0], window[max(0, len(window)-tailBytes):]...)
		at += int64(len(data))
		return next < len(known) || len(t.head) < headBytes
	})
	return last, ended || next == len(known) && len(t.head) == headBytes
}

// readGzip reads a compressed file to its end. Its places count in its text.
func (t *tailer) readGzip(ctx context.Context) error {
	t.raw = 0
	z, err := gzip.NewReader(&fromStart{t})
	buffer := make([]byte, readBytes)
	from := t.offset
	t.offset = 0
	for err == nil && ctx.Err() == nil {
		room := int64(readBytes)
		if t.offset < from {
			room = min(room, from-t.offset)
		}
		var n int
		n, err = z.Read(buffer[:room])
		skip := t.offset < from
		t.keep(buffer[:n])
		if skip {
			t.window = append(t.window[:0], t.window[max(0, len(t.window)-tailBytes):]...)
			if t.offset == from && err == nil {
				t.note(from)
			}
			continue
		}
		if n > 0 {
			t.f.opts.Counts.Bytes.Add(uint64(n))
			t.grown = time.Now()
			if failed := t.stream.Feed(buffer[:n]); failed != nil {
				return failed
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !errors.Is(err, io.EOF) {
		t.f.notice(t.path, EventUnreadable, fmt.Errorf("decompress it: %w", err))
		err = t.stream.Release() // a line may be cut
	} else {
		err = t.stream.End()
	}
	if err != nil {
		return err
	}
	return errEnded
}
