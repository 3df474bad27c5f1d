//go:build unix

package weir_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// diedOf checks that a process was killed by a signal.
func diedOf(t *testing.T, state *os.ProcessState, s syscall.Signal) {
	t.Helper()
	if status, ok := state.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != s {
		t.Errorf("the process ended with %v, want by %v", state, s)
	}
}

// A15: the last records are written at SIGTERM; the program then dies of it, as its
// parent sees.
func TestHandleSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		state, stdout, stderr := start(t, "signal", s)
		diedOf(t, state, s)
		if stderr != "" {
			t.Errorf("printed to people: %s", stderr)
		}
		contains(t, stdout, `"working"`, `"level":"WARN"`, `"signal received"`)
		contains(t, stdout, `"signal":"`+s.String()+`"`)
	}
}

func TestHandleSignalsDoesNotWaitForEver(t *testing.T) {
	state, _, stderr := start(t, "signal with a stuck sink", syscall.SIGTERM)
	diedOf(t, state, syscall.SIGTERM)
	contains(t, stderr, "weir: close: context deadline exceeded")
}

// TestNoSignalIsHandledUnasked: without the option, after Close, and for other
// signals, the default action happens at once.
func TestNoSignalIsHandledUnasked(t *testing.T) {
	for _, child := range []string{"signal without the option", "signal after close", "another signal than asked for"} {
		state, stdout, _ := start(t, child, syscall.SIGTERM)
		diedOf(t, state, syscall.SIGTERM)
		if strings.Contains(stdout, "signal received") {
			t.Errorf("%s: Weir handled it:\n%s", child, stdout)
		}
	}
}

// TestAProgramThatHandlesSignalsDecidesItself: it gets the signal, again when the
// records are written, and lives on.
func TestAProgramThatHandlesSignalsDecidesItself(t *testing.T) {
	state, stdout, _ := start(t, "signal in a program that handles it", syscall.SIGTERM)
	if state.ExitCode() != 5 {
		t.Errorf("the program ended with %v, want its own exit code", state)
	}
	contains(t, stdout, `"signal received"`)
	if n := strings.Count(stdout, "own: terminated"); n != 2 {
		t.Errorf("the program's handler heard it %d times:\n%s", n, stdout)
	}
}
