//go:build unix

package file

import (
	"path/filepath"
	"syscall"
	"testing"
)

// TestFifo: a pipe with a name is refused, and opening it does not hang.
func TestFifo(t *testing.T) {
	dir := t.TempDir()
	must(t, syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o644))
	r := start(t, dir, Options{Patterns: []string{"*"}})
	r.wantNotice("fifo refused it is not a regular file")
	r.write("app.log", "x\n")
	r.want("x")
}
