//go:build unix

package file

import (
	"fmt"
	"os"
	"syscall"
)

// inode names a file on the disk, whatever its path is. Numbers of files that are gone
// are used again.
func inode(info os.FileInfo) (string, error) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("the file system does not tell the identity of %s", info.Name())
	}
	return fmt.Sprintf("%d:%d", s.Dev, s.Ino), nil
}

// isRemoved tells an open file that has no name any more.
func isRemoved(f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink == 0
}

// openShared opens a file so that others may rename and remove it.
func openShared(path string) (*os.File, error) {
	// O_NONBLOCK: something that took the file's place and has no writer must not hang.
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
