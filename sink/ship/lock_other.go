//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package ship

import (
	"errors"
	"os"
)

func lockFile(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func syncDir(string) error { return nil }
