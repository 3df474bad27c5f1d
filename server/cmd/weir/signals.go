package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// echo is how soon a second signal is still the first one: timeout(1) sends one to the
// process and one to its group.
const echo = 200 * time.Millisecond

// withSignals runs with a context that the first SIGINT, SIGTERM or SIGHUP ends (the
// last unless it is ignored, as under nohup). A second one ends the process at once.
func withSignals(parent context.Context, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	defer signal.Stop(signals)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		var first time.Time
		for {
			select {
			case <-signals:
				switch {
				case first.IsZero():
					first = time.Now()
					cancel()
				case time.Since(first) > echo:
					os.Exit(exitFailed)
				}
			case <-ended:
				return
			}
		}
	}()
	return run(ctx)
}
