package file

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// verdict is what a file is that may be a copy of another.
type verdict int

const (
	another   verdict = iota // it has lines of its own
	copied                   // it has what was read
	undecided                // it has what is being read: it may be a copy, of which the rest will be needed
)

// copyOf finds out whether a file is a copy of one that was read, and from where on it
// has what was not read. In doubt it is not: lines that come twice are better than
// lines that do not come.
func (f *follower) copyOf(t *tailer, c candidate, info os.FileInfo) (offset int64, v verdict) {
	for _, o := range f.places.originals(c.id, c.open) {
		switch f.compare(&o.place, t.file, c, info) {
		case undecided:
			return 0, undecided
		case copied:
			offset, ok := f.places.claim(o)
			if !ok {
				return 0, undecided
			}
			return min(offset, info.Size()), copied
		case another:
		}
	}
	return 0, another
}

func (f *follower) compare(p *place, r io.ReaderAt, c candidate, info os.FileInfo) verdict {
	size := info.Size()
	if size == 0 {
		return another
	}
	if filepath.Base(p.Path) == filepath.Base(c.open) {
		return f.compareNamesake(p, r, c, info)
	}
	whole := p.matches(r, size)
	of, ofSize, done := f.original(p)
	defer done()
	switch {
	case of == nil && (whole || p.endsIn(r, size)):
		return copied
	case of == nil:
		return another
	case !p.matches(of, ofSize): // it was written anew
		switch {
		case f.active[p.ID] != nil && size >= int64(p.Head.Bytes) && sameMark(r, 0, p.Head):
			return undecided // until its reader has seen it
		case whole:
			return copied
		}
		return another
	case f.opts.Once || size > ofSize || !isBeginning(r, size, of):
		return another // it has more than the original, or something else
	case f.isReading(p.ID):
		if time.Since(info.ModTime()) > copyWait {
			f.notice(c.open, EventSkipped, fmt.Errorf("all that it has is in %s too: it is taken for a copy until it goes on otherwise", p.Path))
		}
		return undecided
	}
	return copied
}

// compareNamesake does it for a file that has the very name of one that was read. That
// is another file, and be it of the same text. Only after a restart it may be the same
// one: a disk can have another number then.
func (f *follower) compareNamesake(p *place, r io.ReaderAt, c candidate, info os.FileInfo) verdict {
	_, there := f.there[p.ID]
	again := info.Size() == p.Offset && info.ModTime().After(p.Seen) // the same text, written since
	if !f.first || p.ID == "" || there || again || !p.matches(r, info.Size()) {
		return another
	}
	f.notice(c.open, EventSkipped, fmt.Errorf("its first %d bytes are those of the file that was read before: they are not read again", p.Offset))
	return copied
}

// original opens the file of a place; r is nil when it is gone, or a former content.
func (f *follower) original(p *place) (r io.ReaderAt, size int64, done func()) {
	nothing := func() {}
	if t := f.active[p.ID]; t != nil {
		if info, err := t.file.Stat(); err == nil {
			return t.file, info.Size(), nothing
		}
	}
	path, ok := f.there[p.ID]
	if !ok || p.ID == "" {
		return nil, 0, nothing
	}
	file, err := openShared(path)
	if err != nil {
		return nil, 0, nothing
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, nothing
	}
	return file, info.Size(), func() { _ = file.Close() }
}

// isBeginning reports whether a file's first and last bytes stand at the same places
// in another.
func isBeginning(r io.ReaderAt, size int64, of io.ReaderAt) bool {
	for _, at := range []struct{ from, n int64 }{{0, min(size, headBytes)}, {max(0, size-tailBytes), min(size, tailBytes)}} {
		a, b := make([]byte, at.n), make([]byte, at.n)
		n, _ := r.ReadAt(a, at.from)
		m, _ := of.ReadAt(b, at.from)
		if int64(n) < at.n || int64(m) < at.n || !bytes.Equal(a, b) {
			return false
		}
	}
	return true
}

// tellDoubled tells that a file is read from its start that begins as another.
func (f *follower) tellDoubled(path string, like []original, own string, r io.ReaderAt) {
	for _, o := range like {
		if o.key != own && o.Head.Bytes == headBytes && filepath.Base(o.Path) != filepath.Base(path) && sameMark(r, 0, o.Head) {
			f.notice(path, EventDoubled, fmt.Errorf("it begins as what was read as %s, and goes on otherwise: it is read from its start, and if it is an older copy lines come twice", o.Path))
			return
		}
	}
}
