package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// saveEvery bounds how often the positions are written, which costs a flush of the
// disk: what a kill may repeat is at most the records of so long.
const saveEvery = 250 * time.Millisecond

// keepSaved writes the positions when they have changed, until ctx ends.
func (ps *places) keepSaved(ctx context.Context, failed func(error)) {
	if ps.path == "" {
		return
	}
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ps.changed:
		}
		if err := ps.save(); err != nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
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
		return fmt.Errorf("write the positions to %s: %w", ps.path, err)
	}
	return nil
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
