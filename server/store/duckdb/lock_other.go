//go:build !unix && !windows

package duckdb

import (
	"errors"
	"os"
)

func tryLock(*os.File) error { return errors.ErrUnsupported }
