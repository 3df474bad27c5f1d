package checkpoint

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// A file that somebody reads at the moment cannot be replaced there: readers take
// milliseconds, a scanner for viruses somewhat longer.
const (
	renameTries = 20
	renamePause = 10 * time.Millisecond
)

// rename puts a file in the place of another in one step.
func rename(from, to string) error {
	for try := 1; ; try++ {
		err := os.Rename(from, to)
		if err == nil || try == renameTries || !errors.Is(err, fs.ErrPermission) {
			return err
		}
		time.Sleep(renamePause)
	}
}

// syncDir does nothing: Windows writes a folder's changes through itself.
func syncDir(string) error { return nil }
