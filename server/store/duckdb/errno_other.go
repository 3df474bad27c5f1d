//go:build !unix && !windows

package duckdb

import (
	"errors"
	"io/fs"
)

func isFull(error) bool { return false }

func isFile(err error) bool { return errors.Is(err, fs.ErrExist) }
