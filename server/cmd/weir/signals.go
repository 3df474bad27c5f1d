package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// withSignals runs with a context that the first SIGINT or SIGTERM ends. From
// then on signals do what they do by default, so a second one ends the process
// at once.
func withSignals(parent context.Context, run func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx)
}
