//go:build unix

package app

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Signals and terminals. With a terminal the program stays in our process group, so
// that job control works as without us: Ctrl-Z stops both, and what the terminal sends
// (Ctrl-C) reaches both at once, so it must not be passed on. Without one the program
// gets a group of its own, so that a supervisor that signals our group does not reach it
// twice.

// hasTerminal reports whether a terminal controls us.
func hasTerminal() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	return tty.Close() == nil
}

// ownGroup makes a program the leader of a process group.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// sharedByTerminal reports whether a signal comes from the terminal, which sends it to
// the program too: it is one of the terminal's, and we are in its foreground. Who then sends
// SIGINT to us alone is not told apart; SIGTERM always is passed on.
func sharedByTerminal(sig os.Signal) bool {
	switch sig {
	case unix.SIGINT, unix.SIGQUIT, unix.SIGWINCH:
	default:
		return false
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	foreground, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && foreground == unix.Getpgrp()
}

// asksForEnd reports whether a signal is one that ends a program that knows nothing of
// it.
func asksForEnd(sig os.Signal) bool {
	return sig == unix.SIGINT || sig == unix.SIGTERM || sig == unix.SIGHUP || sig == unix.SIGQUIT
}

// endingSignal is the number of the signal that ended a program, 0 when it ended by
// itself.
func endingSignal(state *os.ProcessState) int {
	if state == nil {
		return 0
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return int(status.Signal())
	}
	return 0
}

// describeEnd says what a shell would say of a program that a signal ended.
func describeEnd(state *os.ProcessState) string {
	switch sig := syscall.Signal(endingSignal(state)); sig {
	case 0, unix.SIGINT, unix.SIGPIPE:
		return ""
	default:
		return fmt.Sprintf("was ended by signal %d (%s)", int(sig), sig)
	}
}

// isNoProgram reports whether a file is nothing that the system can run.
func isNoProgram(err error) bool { return errors.Is(err, unix.ENOEXEC) }

// buffered is how many bytes wait in a pipe.
func buffered(pipe *os.File) (n int) {
	conn, err := pipe.SyscallConn()
	if err != nil {
		return 0
	}
	_ = conn.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), fionread) }) // 0 when it cannot tell
	return n
}
