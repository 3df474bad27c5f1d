//go:build unix

package weir

import (
	"os"
	"syscall"
)

// raise sends the program a signal that Weir no longer handles.
func raise(s os.Signal) {
	if number, ok := s.(syscall.Signal); ok {
		// It cannot fail: the process exists, and is ours.
		_ = syscall.Kill(syscall.Getpid(), number)
	}
}
