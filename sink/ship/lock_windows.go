package ship

import (
	"errors"
	"os"
	"syscall"
)

// errSharingViolation is Windows' word for a file that somebody has open.
const errSharingViolation = syscall.Errno(32)

// lockFile opens a file that nobody else can open until it is closed or the process
// ends, however it does. It returns errHeld when somebody else has it.
func lockFile(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const shareNothing = 0
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, shareNothing, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharingViolation) {
		return nil, errHeld
	}
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

// syncDir does nothing: Windows writes names with the files.
func syncDir(string) error { return nil }
