// Package terminal tells whether a person is at the other end of a stream.
package terminal

import "os"

// Is reports whether v, usually an io.Reader or io.Writer, is a file that is a
// character device other than the null device, which is what services get.
func Is(v any) bool {
	f, ok := v.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
