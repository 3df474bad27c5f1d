//go:build !unix

package file

import (
	"io/fs"
	"os"
)

// closeToRename: an open file cannot be renamed on Windows.
const closeToRename = true

const openFlags = 0

// notifyHangup: there is no such signal.
func notifyHangup(chan<- os.Signal) {}

// inherit: rights come from the directory.
func inherit(*os.File, fs.FileInfo) {}
