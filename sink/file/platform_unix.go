//go:build unix

package file

import (
	"io/fs"
	"os"
	"os/signal"
	"syscall"
)

// closeToRename: an open file can be renamed.
const closeToRename = false

// openFlags keep the opening of a pipe that nobody reads from waiting for a reader.
const openFlags = syscall.O_NONBLOCK

func notifyHangup(c chan<- os.Signal) { signal.Notify(c, syscall.SIGHUP) }

// inherit gives f the mode and the owner of the file before it. Only root may give
// files away; for others, and where it fails, the file stays theirs.
func inherit(f *os.File, before fs.FileInfo) {
	_ = f.Chmod(before.Mode().Perm())
	if stat, ok := before.Sys().(*syscall.Stat_t); ok && (int(stat.Uid) != os.Geteuid() || int(stat.Gid) != os.Getegid()) {
		_ = f.Chown(int(stat.Uid), int(stat.Gid))
	}
}
