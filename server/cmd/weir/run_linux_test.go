package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// terminalPair opens a terminal: what is written to the first is typed at the second.
func terminalPair(t *testing.T) (keyboard, tty *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	if err := unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return keyboard, tty
}

// TestRunInATerminal types Ctrl-C: the terminal sends it to weir and the program, and
// weir does not send it again. What only weir gets is passed on.
func TestRunInATerminal(t *testing.T) {
	keyboard, tty := terminalPair(t)
	p := startAs(t, func(c *exec.Cmd) {
		c.Stdin = tty
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	}, "run", "--listen", "127.0.0.1:0", "--", "sh", "-c",
		`trap 'echo got INT' INT; trap 'echo got TERM; exit 5' TERM; read line; echo "read $line"; while :; do sleep 0.02; done`)
	if _, err := keyboard.WriteString("typed\n"); err != nil {
		t.Fatal(err)
	}
	untilSaid(t, p.output, "read typed")
	if _, err := keyboard.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	untilSaid(t, p.output, "got INT")
	if code := p.stop(syscall.SIGTERM); code != 5 || strings.Count(p.output(), "got INT") != 1 {
		t.Errorf("ended with %d and said %q\n%s", code, p.output(), p.errors())
	}
}

// TestRunIsInterruptedInATerminal: Ctrl-C ends a program that does not care about it,
// and weir after it.
func TestRunIsInterruptedInATerminal(t *testing.T) {
	keyboard, tty := terminalPair(t)
	data := t.TempDir()
	p := startAs(t, func(c *exec.Cmd) {
		c.Stdin = tty
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	}, "run", "--listen", "127.0.0.1:0", "--data", data, "--", "sh", "-c", "echo ready; sleep 60")
	untilSaid(t, p.output, "ready")
	if _, err := keyboard.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(); code != 130 {
		t.Errorf("ended with %d\n%s", code, p.errors())
	}
	if got := len(kept(t, data, "")); got != 1 {
		t.Errorf("%d records are stored", got)
	}
}
