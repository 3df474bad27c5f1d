//go:build purego

package flat

// view copies bytes into a string.
func view(b []byte) string { return string(b) }
