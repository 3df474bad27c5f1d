//go:build unix && !freebsd && !dragonfly

package file_test

import "syscall"

func setLimit(l *syscall.Rlimit, bytes uint64) { l.Cur = bytes }
