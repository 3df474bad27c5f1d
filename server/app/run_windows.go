package app

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// The console sends Ctrl-C to all of its programs: there is nothing to pass on.

func hasTerminal() bool { return true }

func ownGroup(*exec.Cmd) {}

func sharedByTerminal(os.Signal) bool { return true }

func asksForEnd(sig os.Signal) bool { return sig == os.Interrupt || sig == syscall.SIGTERM }

func endingSignal(*os.ProcessState) int { return 0 }

func describeEnd(*os.ProcessState) string { return "" }

// isNoProgram reports whether a file is nothing that the system can run:
// ERROR_BAD_EXE_FORMAT.
func isNoProgram(err error) bool { return errors.Is(err, syscall.Errno(193)) }

func buffered(*os.File) int { return 0 }
