//go:build freebsd || dragonfly

package file_test

import "syscall"

func setLimit(l *syscall.Rlimit, bytes uint64) { l.Cur = int64(bytes) }
