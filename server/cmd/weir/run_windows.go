package main

import (
	"os"
	"syscall"
)

// passedOn are the signals that end run once its program has ended.
func passedOn() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }
