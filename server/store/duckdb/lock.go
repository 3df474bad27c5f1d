package duckdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/weirlog/weir/server/store"
)

// errHeld is what tryLock returns when another process has the lock.
var errHeld = errors.New("held")

// dirLock is the ownership of a data directory. It is an operating system's lock
// on a file, so it ends with the process however that ends; the file stays, and
// its text says who has, or last had, the lock.
type dirLock struct{ file *os.File }

func lockDir(dir, address string) (*dirLock, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w%s", err, hintFor(err))
	}
	if err := tryLock(f); err != nil {
		defer f.Close()
		if errors.Is(err, errHeld) {
			return nil, fmt.Errorf("%s: %w: %s; stop it, use it, or choose another directory with --data", dir, store.ErrLocked, holder(path))
		}
		return nil, fmt.Errorf("lock %s: %w (network file systems may not have locks: choose a local directory)", path, err)
	}
	text := fmt.Sprintf("pid %d\n", os.Getpid())
	if address != "" {
		text += "address " + address + "\n"
	}
	if err := rewrite(f, text); err != nil {
		f.Close()
		return nil, fmt.Errorf("write %s: %w%s", path, err, hintFor(err))
	}
	return &dirLock{file: f}, nil
}

func rewrite(f *os.File, text string) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// holder describes the process that has the lock, as well as the file tells.
func holder(path string) string {
	data, err := os.ReadFile(path)
	text := strings.Join(strings.Fields(string(data)), " ")
	if err != nil || text == "" {
		return "the process did not say who it is"
	}
	if pid, address, ok := strings.Cut(text, " address "); ok {
		return "held by " + pid + ", at " + address
	}
	return "held by " + text
}

// release gives the directory up. The file is not removed: another process may
// have it open already and would then hold a lock that nobody else sees.
func (l *dirLock) release() error {
	return errors.Join(rewrite(l.file, ""), l.file.Close())
}
