package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// copyWait is how long a file that may be a copy in the making must have been left
// alone before it is taken for another one: copies are written without a pause.
const copyWait = time.Second

func errLimit(most, waiting int) error {
	return fmt.Errorf("more than %d files: %d wait until others have nothing new", most, waiting)
}

// open opens a file and finds where to begin. It returns nil when there is nothing to
// do, or not yet.
func (f *follower) open(c candidate, after <-chan struct{}) *tailer {
	file, err := openShared(c.open)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.notice(c.path, EventUnreadable, err)
		}
		return nil
	}
	t := &tailer{
		f: f, file: file, id: c.id, path: c.path, real: c.path,
		wake: make(chan struct{}, 1), after: after, drained: make(chan struct{}),
	}
	if !f.prepare(t, c) {
		_ = file.Close()
		return nil
	}
	if real, err := filepath.EvalSymlinks(c.open); err == nil {
		t.real = real
	}
	f.opened++
	t.number = f.opened
	f.readable(c.path)
	f.opts.Counts.Open.Add(1)
	f.opts.Counts.Opened.Add(1)
	return t
}

// prepare finds out where in its file a tailer begins; ok is false when it need not.
func (f *follower) prepare(t *tailer, c candidate) (ok bool) {
	info, err := t.file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	if now, err := identityOf(t.file, info); err != nil || now != c.id {
		return false // another one has taken the path since; the next look finds it
	}
	t.readHead()
	t.grown = time.Now()
	t.idle.Store(t.grown.UnixNano())
	if t.packed = isGzip(t.head); t.packed {
		return (c.named || c.fresh) && f.startPacked(t, c, info)
	}
	offset, begin := f.start(t, c, info)
	if !begin {
		return false
	}
	t.setOffset(offset)
	t.note(t.offset) // a kill from now on loses nothing
	if !c.named && offset >= info.Size() {
		f.places.done(c.id)
		f.looked[c.id] = stamp{info.Size(), info.ModTime()}
		return false
	}
	return true
}

// setOffset sets where to begin.
func (t *tailer) setOffset(offset int64) {
	t.window = make([]byte, min(offset, tailBytes))
	if n, _ := t.file.ReadAt(t.window, offset-int64(len(t.window))); n < len(t.window) {
		t.window, offset = t.window[:0], 0 // it was emptied just now
	}
	t.offset, t.started = offset, offset > 0
}

// start returns the offset at which to begin: where reading ended, else by what the
// file is. begin is false for one that is not to be read, or not yet.
func (f *follower) start(t *tailer, c candidate, info os.FileInfo) (offset int64, begin bool) {
	if p, ok := f.places.of(c.id, t.file, info.Size()); ok {
		return p.Offset, true
	}
	had := f.places.had[c.path]
	rewritten := f.places.has(c.id)
	offset, is := f.copyOf(t, c, info)
	switch {
	case is == undecided:
		return 0, false
	case !c.named && !c.fresh && is != copied:
		return 0, false // of somebody else
	case rewritten:
		f.places.former(c.id)
		return offset, true
	case is == copied:
		return offset, true
	case f.places.copying(c.id, c.open, t.head) && time.Since(info.ModTime()) < copyWait:
		return 0, false
	}
	f.tellDoubled(c.open, f.places.originals(c.id, c.open), c.id, t.file)
	switch {
	case !f.first, !c.named, had, f.opts.Lines == AllLines:
		return 0, true
	case f.opts.Lines == NoLines:
		return info.Size(), true
	}
	return lastLines(t.file, info.Size(), f.opts.Lines), true
}

// isReading reports whether a file is open that was not read to its end after another
// took its place: its place is not final.
func (f *follower) isReading(id string) bool {
	t := f.active[id]
	return t != nil && !t.hasDrained()
}
