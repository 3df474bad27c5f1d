package behaviour_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/weirtest"
)

// TestA3BrowserOpensAtATerminal: with a terminal and a display, a browser is started with the
// page's address. (The browser is a script that writes it into a pipe.)
func TestA3BrowserOpensAtATerminal(t *testing.T) {
	withPage(t)
	for _, name := range []string{"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"} {
		t.Setenv(name, "")
	}
	dir := t.TempDir()
	opened := filepath.Join(dir, "opened")
	mustDo(t, syscall.Mkfifo(opened, 0o600))
	mustDo(t, os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" > "+opened+"\n"), 0o700)) //nolint:gosec // it is to be run
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("DISPLAY", ":0")
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	mustDo(t, err)
	defer terminal.Close()
	pipe, err := os.OpenFile(opened, os.O_RDWR, 0) // both ways, so that nobody waits for the other end
	mustDo(t, err)
	defer pipe.Close()
	weirtest.New(t, weir.WithErrorOutput(terminal), dashboard.Auto(dashboard.Address("127.0.0.1:0")))
	mustDo(t, pipe.SetReadDeadline(time.Now().Add(10*time.Second)))
	if url, err := bufio.NewReader(pipe).ReadString('\n'); err != nil || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Errorf("the browser was given %q: %v", url, err)
	}
}
