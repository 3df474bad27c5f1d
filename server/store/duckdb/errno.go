//go:build unix || windows

package duckdb

import (
	"errors"
	"io/fs"
	"syscall"
)

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

func isFile(err error) bool { return errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrExist) }
