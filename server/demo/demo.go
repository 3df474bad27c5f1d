// Package demo makes a lively feed that looks like a small shop's: requests that
// cross services under one trace, jobs, a training run, errors with stack traces,
// bursts and quiet moments.
//
// [Run] hands the records over as they happen, after a back-history of the last
// hour. Everything follows from a seed. The package neither stores nor shows
// anything, and nobody in it is real.
package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/weirlog/weir/record"
)

// Options shape a feed; zero fields take the defaults.
type Options struct {
	Rate    int    // records a second on average; default DefaultRate
	History int    // records of the hour before the start, about; default DefaultHistory, negative: none
	Seed    uint64 // the same seed and start make the same feed
	Clock   func() time.Time
}

// Defaults of a feed.
const (
	DefaultRate    = 30    // lively, and still readable while it scrolls
	DefaultHistory = 6_000 // enough for a histogram with a shape, and stored in a moment
)

// MaxRate bounds Options.Rate: a demo is to be looked at, not to measure with.
const MaxRate = 10_000

const (
	historySpan  = time.Hour
	historyBatch = 1_000
	tick         = 100 * time.Millisecond // how often what has happened is handed over
)

// Run hands over the history in batches and then, until ctx ends, what happens.
// accept is called from one goroutine and owns the batch; its first error ends Run.
// Run returns nil when ctx ends.
func Run(ctx context.Context, accept func([]record.Record) error, opts Options) error {
	if opts.Rate <= 0 {
		opts.Rate = DefaultRate
	}
	opts.Rate = min(opts.Rate, MaxRate)
	if opts.History == 0 {
		opts.History = DefaultHistory
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	start := opts.Clock()
	if opts.History > 0 {
		past := newFeed(opts.Seed, float64(opts.History)/historySpan.Seconds(), start.Add(-historySpan))
		if err := replay(ctx, past, start, accept); err != nil || ctx.Err() != nil {
			return err
		}
	}
	live := newFeed(opts.Seed+1, float64(opts.Rate), start)
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if batch := live.until(opts.Clock()); len(batch) > 0 {
			if err := accept(batch); err != nil {
				return fmt.Errorf("accept demo records: %w", err)
			}
		}
	}
}

// replay hands over everything before end.
func replay(ctx context.Context, f *feed, end time.Time, accept func([]record.Record) error) error {
	records := f.until(end)
	for len(records) > 0 && ctx.Err() == nil {
		n := min(historyBatch, len(records))
		if err := accept(records[:n:n]); err != nil {
			return fmt.Errorf("accept demo history: %w", err)
		}
		records = records[n:]
	}
	return nil
}
