//go:build unix && !linux

package file

import "os"

// identity names a file on the disk. macOS does not use a number again.
func identity(_ string, info os.FileInfo) (string, error) { return inode(info) }

// identityOf does the same for an open file.
func identityOf(_ *os.File, info os.FileInfo) (string, error) { return inode(info) }
