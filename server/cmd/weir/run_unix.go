//go:build unix

package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// passedOn are the signals that a program gets that run has started. One that we were
// started to ignore, as by nohup, stays ignored by both.
func passedOn() []os.Signal {
	all := []os.Signal{
		syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
		syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH,
	}
	return slices.DeleteFunc(all, signal.Ignored)
}
