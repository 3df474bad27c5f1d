package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Writing the positions costs a flush of the disk, some milliseconds. The pause after
// it is savePause and so many times as long as the writing took: a kill repeats at most
// the records of that time, and at most a tenth of the time goes there.
const (
	savePause = 20 * time.Millisecond
	saveShare = 10
)

// retryPause is the pause after positions could not be written: a disk that is full or
// away is not back at once.
const retryPause = time.Second

// keepSaved writes the positions when they have changed, until ctx ends. Saved is told
// how each writing went.
func (ps *places) keepSaved(ctx context.Context, saved func(error)) {
	if ps.path == "" {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ps.changed:
		}
		began := time.Now()
		err := ps.save()
		saved(err)
		pause := savePause
		if err != nil {
			pause = retryPause
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(pause, saveShare*time.Since(began))):
		}
	}
}

// change has the positions written soon.
func (ps *places) change() {
	select {
	case ps.changed <- struct{}{}:
	default:
	}
}

// save writes the positions in one step: the file is the old one or the new one.
func (ps *places) save() error {
	if ps.path == "" {
		return nil
	}
	ps.saving.Lock()
	defer ps.saving.Unlock()
	data, err := ps.encode()
	if err == nil {
		err = replaceFile(ps.path, data)
	}
	if err != nil {
		ps.change()
		return fmt.Errorf("write the positions to %s: %w", ps.path, withoutPath(err))
	}
	return nil
}

// withoutPath takes the path out of an error: that of the temporary file is another
// one each time, and helps nobody.
func withoutPath(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

func replaceFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
