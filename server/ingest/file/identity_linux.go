package file

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// identity names a file on the disk, whatever its path is: by its number, and by when
// it was made, where the file system tells. Numbers of files that are gone are used
// again at once, and a new file may have the very text of the one before.
func identity(path string, info os.FileInfo) (string, error) {
	return statx(unix.AT_FDCWD, path, 0, info)
}

// identityOf does the same for an open file.
func identityOf(f *os.File, info os.FileInfo) (string, error) {
	return statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, info)
}

func statx(fd int, path string, flags int, info os.FileInfo) (string, error) {
	var s unix.Statx_t
	err := unix.Statx(fd, path, flags, unix.STATX_INO|unix.STATX_BTIME, &s)
	if err != nil || s.Mask&unix.STATX_INO == 0 || s.Mask&unix.STATX_BTIME == 0 {
		return inode(info)
	}
	return fmt.Sprintf("%d:%d:%x.%x", unix.Mkdev(s.Dev_major, s.Dev_minor), s.Ino, s.Btime.Sec, s.Btime.Nsec), nil
}
