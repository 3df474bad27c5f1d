//go:build !windows

package checkpoint

import (
	"errors"
	"os"
	"syscall"
)

// rename puts a file in the place of another in one step.
func rename(from, to string) error { return os.Rename(from, to) }

// syncDir makes what changed in a folder outlast a loss of power. A file system
// that cannot do so says EINVAL or ENOTSUP; there is nothing better to do there.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
