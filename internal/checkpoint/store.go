package checkpoint

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// tempPrefix begins the names of files that are being written.
	tempPrefix = ".saving-"
	// staleAfter is when a file that was being written was left behind by a process
	// that was killed: no write takes so long.
	staleAfter = time.Hour

	dirMode = 0o755
)

// Store is a folder of checkpoints. It is safe for concurrent use, also by several
// processes on one folder.
type Store struct {
	dir   string
	sweep sync.Once
}

// Open returns the store of a folder, which is made when the first checkpoint is
// saved. Nothing is read or written yet.
func Open(dir string) *Store { return &Store{dir: dir} }

// Dir returns the folder.
func (s *Store) Dir() string { return s.dir }

// Save writes c so that it is there, whole, after the machine loses power once Save
// has returned. It takes the place of an older one of the name. An ErrInvalid names
// the rule that c breaks; any other error is of the disk, and the older one is still there.
func (s *Store) Save(c *Checkpoint) error {
	if err := c.Check(); err != nil {
		return err
	}
	b, err := encode(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, dirMode); err != nil {
		return fmt.Errorf("make the folder of checkpoints: %w", err)
	}
	s.sweep.Do(s.removeStale)
	if err := s.replace(filepath.Join(s.dir, FileName(c.Name)), b); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// replace puts a file with the content b in the place of path, in one step.
func (s *Store) replace(path string, b []byte) (err error) {
	f, err := os.CreateTemp(s.dir, tempPrefix+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// The first error is the one to tell.
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(b); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// removeStale removes what killed processes left half written. What cannot be
// removed is tried again by the next process.
func (s *Store) removeStale() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), tempPrefix) {
			continue
		}
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > staleAfter {
			_ = os.Remove(filepath.Join(s.dir, entry.Name()))
		}
	}
}

// Load reads the checkpoint of a name. The error is ErrNotFound, ErrDamaged,
// ErrInvalid for a name that none can have, or of the disk.
func (s *Store) Load(name string) (*Checkpoint, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	c, err := s.read(FileName(name))
	if err != nil {
		return nil, err
	}
	if c.Name != name {
		return nil, fmt.Errorf("%w: it belongs to %q", ErrDamaged, c.Name)
	}
	return c, nil
}

func (s *Store) read(file string) (*Checkpoint, error) {
	path := filepath.Join(s.dir, file)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("read checkpoint: %w", err)
	case !info.Mode().IsRegular(): // to open a pipe would wait for its writer
		return nil, fmt.Errorf("%w: %s is not a plain file", ErrDamaged, path)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	c, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// List reads all checkpoints, the one saved last first. bad has an error for each
// file that cannot be understood; they are left out. A folder that is not there is empty.
func (s *Store) List() (list []Checkpoint, bad []error, err error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("list checkpoints: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, suffix) || strings.HasPrefix(name, ".") {
			continue
		}
		c, err := s.read(name)
		switch {
		case errors.Is(err, ErrNotFound): // deleted meanwhile
		case err != nil:
			bad = append(bad, err)
		case FileName(c.Name) != name:
			bad = append(bad, fmt.Errorf("%s: %w: it is a copy of the checkpoint %q", filepath.Join(s.dir, name), ErrDamaged, c.Name))
		default:
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(a, b Checkpoint) int {
		return cmp.Or(b.Saved.Compare(a.Saved), cmp.Compare(a.Name, b.Name))
	})
	return list, bad, nil
}

// Delete removes the checkpoint of a name, damaged or not. The error is ErrNotFound,
// ErrInvalid for a name that none can have, or of the disk.
func (s *Store) Delete(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	err := os.Remove(filepath.Join(s.dir, FileName(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	if err == nil {
		err = syncDir(s.dir)
	}
	if err != nil {
		return fmt.Errorf("delete checkpoint: %w", err)
	}
	return nil
}
