package duckdb

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		g := newGate(2)
		for range 2 {
			if err := g.enter(ctx); err != nil {
				t.Fatal(err)
			}
		}
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if err := g.enter(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a third statement: got %v", err)
		}
		// A checkpoint that gives up leaves the gate as it was.
		patience, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if err := g.clear(patience); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("clear: got %v", err)
		}
		g.leave()
		if err := g.enter(ctx); err != nil {
			t.Fatal(err)
		}
		// One that waits keeps newcomers out until it is done.
		cleared := make(chan error, 1)
		go func() { cleared <- g.clear(ctx) }()
		synctest.Wait()
		entered := make(chan error, 1)
		go func() { entered <- g.enter(ctx) }()
		synctest.Wait()
		g.leave()
		synctest.Wait()
		if len(cleared)+len(entered) != 0 {
			t.Fatal("somebody did not wait for the second statement")
		}
		g.leave()
		if err := <-cleared; err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(entered) != 0 {
			t.Fatal("a statement is in beside the checkpoint")
		}
		g.reopen()
		if err := <-entered; err != nil {
			t.Fatal(err)
		}
		g.leave()
	})
}
