package duckdb

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockedByte is far behind the text: Windows does not let others read what is
// locked, and they shall read who holds the lock.
const lockedByte = 1 << 30

func tryLock(f *os.File) error {
	at := &windows.Overlapped{Offset: lockedByte}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}
