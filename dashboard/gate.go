package dashboard

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// gate lets a bounded number of searches run at once, however many viewers there
// are; the others wait a bounded time and are then refused, and counted.
type gate struct {
	places  chan struct{}
	refused atomic.Uint64
}

func newGate(places int) *gate { return &gate{places: make(chan struct{}, places)} }

// enter takes a place; the caller calls leave when it returned nil.
func (g *gate) enter(ctx context.Context, wait time.Duration) error {
	select {
	case g.places <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case g.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		g.refused.Add(1)
		return errBusy
	}
}

func (g *gate) leave() { <-g.places }

// gated is a backend whose searches go through the gate and end at a deadline.
type gated struct {
	view.Backend
	gate     *gate
	wait     time.Duration
	deadline time.Duration
}

var _ view.Backend = (*gated)(nil)

// Unwrap returns the backend itself, for view.As.
func (b *gated) Unwrap() any { return b.Backend }

// Search searches when it is its turn. The time it waited does not count.
func (b *gated) Search(ctx context.Context, q view.Query) (view.Page, error) {
	if err := b.gate.enter(ctx, b.wait); err != nil {
		return view.Page{}, err
	}
	defer b.gate.leave()
	ctx, cancel := context.WithTimeout(ctx, b.deadline)
	defer cancel()
	return b.Backend.Search(ctx, q)
}

// Record finds a record; it is as heavy as a search where there is no index.
func (b *gated) Record(ctx context.Context, id record.Position) (record.Record, error) {
	if err := b.gate.enter(ctx, b.wait); err != nil {
		return record.Record{}, err
	}
	defer b.gate.leave()
	ctx, cancel := context.WithTimeout(ctx, b.deadline)
	defer cancel()
	return b.Backend.Record(ctx, id)
}
