package file

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/weirlog/weir"
)

// service is the sink's name in errors.
const service = "FileSink"

// errClosed is the cause of a write after Close.
var errClosed = fmt.Errorf("the sink is closed: %w", fs.ErrClosed)

// failure makes an error of the disk: the call may succeed later.
func failure(message, path string, err error) *weir.Error {
	return &weir.Error{
		Layer: weir.LayerSink, Service: service, Category: weir.CategoryIO, Severity: weir.SeverityError,
		Recoverable: true,
		Message:     message + " `" + path + "`",
		UserMessage: hint(err),
		Context:     map[string]any{"path": path},
		Err:         err,
	}
}

// refusal makes an error of New that stays until the program or its settings change.
func refusal(message, path string, err error) *weir.Error {
	e := failure(message, path, err)
	e.Category, e.Recoverable = weir.CategoryValidation, false
	return e
}

// hint says what to do about an error.
func hint(err error) string {
	switch {
	case isFull(err):
		return "the disk is full or the quota used up: free some space; writing goes on by itself then"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "let the program's user write there, or choose another path"
	case errors.Is(err, syscall.EBUSY):
		return "a file that is mounted by itself, as into a container, cannot be renamed: mount its directory"
	case errors.Is(err, syscall.EISDIR):
		return "the path is a directory: name a file in it"
	case errors.Is(err, syscall.ENOTDIR):
		return "a part of the path is a file where a directory must be"
	}
	return ""
}

// isFull says that the file is all right and its disk has no room: no reason to open
// it again.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
