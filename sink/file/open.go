package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// dirPerm is the mode of directories that are made, less the umask.
const dirPerm = 0o755

// appending: the system puts each write at the file's end, so several writers never
// overwrite each other, and a file that was truncated by others begins at its start.
const appending = os.O_WRONLY | os.O_APPEND | os.O_CREATE

// open opens the file; at the first time as its mode says.
func (t *target) open(now time.Time) error {
	f, info, path, err := t.openAs()
	if err != nil {
		t.opening.failed(now)
		t.openErr = failure("Failed to open the file at path", path, err)
		t.counters.openErrors.Add(1)
		t.counters.note(t.openErr)
		return t.openErr
	}
	t.path = path
	t.counters.path.Store(&path)
	t.adopt(f, info, now)
	if !t.opened {
		t.opened = true
		t.tidy(now)
	}
	return nil
}

// adopt makes f the file.
func (t *target) adopt(f *os.File, info fs.FileInfo, now time.Time) {
	t.f, t.info, t.checked = f, info, now
	t.regular = info.Mode().IsRegular()
	t.setSize(0)
	if !t.regular {
		return
	}
	t.setSize(info.Size())
	if t.interval > 0 {
		// Every record is written in the period of its file, and the last one at the
		// time of the last change.
		written := now
		if t.size > 0 {
			written = info.ModTime()
		}
		t.period = periodOf(written, t.interval, t.location)
	}
	t.torn = t.size > 0 && endsInLine(t.path, t.size)
}

// endsInLine says that the last byte is none of a newline: who wrote it died there.
func endsInLine(path string, size int64) bool {
	f, err := os.Open(path)
	if err != nil {
		return false // a file may be writable only
	}
	defer f.Close()
	var last [1]byte
	if _, err := f.ReadAt(last[:], size-1); err != nil {
		return false
	}
	return last[0] != '\n'
}

// openAs opens the file and returns the path that it has.
func (t *target) openAs() (*os.File, fs.FileInfo, string, error) {
	flags := appending
	switch {
	case t.opened:
	case t.mode == NewName:
		return t.openNew()
	case t.mode == Truncate:
		flags |= os.O_TRUNC
	}
	f, info, err := openAt(t.path, flags, t.perm)
	return f, info, t.path, err
}

// openAt opens a file, and makes its directory if there is none.
func openAt(path string, flags int, perm fs.FileMode) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, flags|openFlags, perm)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), dirPerm); err != nil {
			return nil, nil, fmt.Errorf("make its directory: %w", err)
		}
		f, err = os.OpenFile(path, flags|openFlags, perm)
	}
	if err != nil {
		return nil, nil, cause(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.Join(cause(err), f.Close())
	}
	return f, info, nil
}

// cause takes the path out of an error that is told with it anyway.
func cause(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// openNew makes the first file of name, name.0001, name.0002 … that is not there.
func (t *target) openNew() (*os.File, fs.FileInfo, string, error) {
	for n := range MaxMaxFiles + 1 {
		path := t.given
		if n > 0 {
			path = backupPath(t.given, n, false)
			if _, err := os.Lstat(path + gzipSuffix); err == nil {
				continue
			}
		}
		if !files.claim(path, t) {
			continue
		}
		f, info, err := openAt(path, appending|os.O_EXCL, t.perm)
		if err == nil {
			return f, info, path, nil
		}
		files.unclaim(t)
		if !errors.Is(err, fs.ErrExist) {
			return nil, nil, path, err
		}
	}
	return nil, nil, t.given, fmt.Errorf("its %d other names are taken; move old files away: %w", MaxMaxFiles, fs.ErrExist)
}
