package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// makeRoom rotates the file. It returns false when that failed, or failed a moment ago:
// the file is as it was. An error means that there is no file any more.
func (t *target) makeRoom(now time.Time) (made bool, err error) {
	if !t.regular || !t.rotation.due(now) {
		return false, nil
	}
	// What is at the path may not be ours, and then it is not ours to rename.
	before, f := t.size, t.f
	if err := t.check(now); err != nil {
		return false, err
	}
	if t.f != f || t.size < before {
		return true, nil
	}
	if err := t.rotate(now); err != nil {
		if t.f == nil {
			return false, err
		}
		return false, nil
	}
	return true, nil
}

// rotate makes the file the first backup and opens a new one. When it fails the file
// stays open and at its path.
func (t *target) rotate(now time.Time) error {
	err := t.replace(now)
	if err != nil {
		e := failure("Failed to rotate the file at path", t.path, err)
		t.rotation.failed(now)
		t.tell(now, e)
		return e
	}
	t.rotation.succeeded()
	t.counters.rotated.Add(1)
	t.prune(now)
	if t.compress {
		t.compressor.wake()
	}
	return nil
}

// replace is rotate without what comes after.
func (t *target) replace(now time.Time) error {
	old, before := t.f, t.info
	var syncErr error
	if t.sync != SyncNever {
		syncErr = old.Sync()
	}
	if closeToRename {
		syncErr = errors.Join(syncErr, t.closeFile())
	}
	f, info, err := t.exchange()
	if err != nil {
		if closeToRename {
			err = errors.Join(err, t.open(now))
		}
		return err
	}
	inherit(f, before)
	t.adopt(f, info, now)
	if !closeToRename {
		syncErr = errors.Join(syncErr, old.Close())
	}
	if syncErr != nil {
		t.tell(now, failure("Failed to close the file at path", backupPath(t.path, 1, false), syncErr))
	}
	return nil
}

// exchange does what is to be done with names: all of it, or nothing but that backups
// have other numbers.
func (t *target) exchange() (*os.File, fs.FileInfo, error) {
	t.compressor.names.Lock()
	defer t.compressor.names.Unlock()
	if err := shift(t.path); err != nil {
		return nil, nil, fmt.Errorf("number its backups: %w", err)
	}
	first := backupPath(t.path, 1, false)
	if err := os.Rename(t.path, first); err != nil {
		return nil, nil, err
	}
	f, info, err := openAt(t.path, appending, t.perm)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the next: %w", err), os.Rename(first, t.path))
	}
	return f, info, nil
}

// tidy cleans up after earlier runs of the program.
func (t *target) tidy(now time.Time) {
	if !t.rotates() || !t.regular {
		return
	}
	if err := os.Remove(t.path + temporarySuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.tell(now, failure("Failed to remove what is left of a compression at path", t.path+temporarySuffix, cause(err)))
	}
	t.prune(now)
	if t.compress {
		t.compressor.wake()
	}
}
