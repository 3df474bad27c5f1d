//go:build !purego

package flat

import "unsafe"

// view looks at bytes as a string; it must not outlive a change of the bytes. It is
// the package's only unsafe code: the copy that the tag purego makes instead is an
// allocation for each record that a call encodes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
