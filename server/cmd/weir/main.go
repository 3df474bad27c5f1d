// Command weir shows, keeps and searches log records. See `weir --help`.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/weirlog/weir/server/app"
)

// version is set when the command is built for a release.
var version = "devel"

// Exit codes, as the README documents them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run())
}

func run() int {
	err := newRoot().Execute()
	if err == nil {
		return exitDone
	}
	var ended *app.ExitError
	if errors.As(err, &ended) {
		if ended.Err != nil {
			fmt.Fprintln(os.Stderr, "weir:", err)
		}
		return ended.Code
	}
	fmt.Fprintln(os.Stderr, "weir:", err)
	var usage *usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(os.Stderr, "Try: %s --help\n", usage.command)
		return exitUsage
	}
	return exitFailed
}

// usageError is an error in how a command was called.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
