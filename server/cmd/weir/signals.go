package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// withSignals runs with a context that the first SIGINT or SIGTERM ends. A second
// one ends the process at once.
func withSignals(parent context.Context, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case <-signals:
				if ctx.Err() != nil {
					os.Exit(exitFailed)
				}
				cancel()
			case <-ended:
				return
			}
		}
	}()
	return run(ctx)
}
