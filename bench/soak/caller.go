package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
)

// levels are how many there are in Stats.
const levels = 6

// caller is a goroutine that logs. It knows what was let through: an attribute tells it,
// whose value is only asked for then.
type caller struct {
	round  *round
	id     int
	random *rand.Rand
	logs   []*weir.Logger
	slogs  []*slog.Logger

	sent    atomic.Uint64
	byLevel [levels]atomic.Uint64
	full    atomic.Uint64 // calls of TryLog that were told ErrQueueFull
	closed  atomic.Uint64 // and ErrClosed
	tries   atomic.Uint64 // calls of TryLog that were let through
}

// number is the attribute. Weir resolves it in the call, once.
type number struct {
	caller *caller
	level  slog.Level
}

// LogValue implements slog.LogValuer.
func (n number) LogValue() slog.Value {
	return slog.Uint64Value(n.caller.count(n.level))
}

// count notes that a record was let through, and returns its number.
func (c *caller) count(level slog.Level) uint64 {
	c.byLevel[(level+8)/4].Add(1)
	return c.sent.Add(1)
}

func newCaller(r *round, id int) *caller {
	c := &caller{round: r, id: id, random: rand.New(rand.NewPCG(r.seed, uint64(id)+100))}
	for _, name := range names {
		l := r.log.Lookup(name)
		c.logs = append(c.logs, l)
		c.slogs = append(c.slogs, l.Slog())
	}
	return c
}

// run logs until stop is closed, resting while gate is held by others.
func (c *caller) run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		c.round.gate.RLock()
		c.burst(context.Background(), 1+c.random.IntN(40))
		if c.random.IntN(150) == 0 {
			c.tapped()
		}
		c.round.gate.RUnlock()
		if c.random.IntN(4) == 0 {
			time.Sleep(time.Duration(c.random.IntN(600)) * time.Microsecond)
		}
	}
}

func (c *caller) burst(ctx context.Context, n int) {
	for range n {
		c.log(ctx)
	}
}

// log makes one call, of one kind or another.
func (c *caller) log(ctx context.Context) {
	next := mark{c.round.number, c.id, c.sent.Load() + 1}
	text := next.String()
	level := slog.Level(4*c.random.IntN(levels) - 8)
	at := c.random.IntN(len(c.logs))
	l := c.logs[at]
	n := slog.Any("n", number{c, level})
	pad := slog.String("padding", next.padding(c.size()))
	kind := c.random.IntN(7)
	if c.round.plan.tries {
		kind = 0
	}
	switch kind {
	case 0:
		c.try(ctx, l, level, text, n, pad)
	case 1:
		l.LogAttrs(ctx, level, text, n, pad)
	case 2:
		c.slogs[at].LogAttrs(ctx, level, text, pad, n)
	case 3:
		l.Log(ctx, level, text, "n", number{c, level}, "padding", pad.Value.String())
	case 4:
		l.With("request", 7).LogAttrs(ctx, level, text, n, pad)
	case 5:
		l.WithContext(weir.With(weir.Tag(ctx, "soak"), "user", c.id)).LogAttrs(ctx, level, text, n, pad)
	default:
		// ERROR is let through at all times, so this one is counted here.
		c.count(slog.LevelError)
		l.ErrorFast(text)
	}
}

// size is that of the padding: small as a rule, and now and then too large.
func (c *caller) size() int {
	switch c.random.IntN(1500) {
	case 0:
		return 1000 + c.random.IntN(60_000)
	case 1, 2, 3, 4, 5, 6, 7, 8:
		return c.random.IntN(3000)
	}
	return c.random.IntN(120)
}

func (c *caller) try(ctx context.Context, l *weir.Logger, level slog.Level, text string, args ...any) {
	before := c.sent.Load()
	err := l.TryLog(ctx, level, text, args...)
	if c.sent.Load() == before {
		if err != nil {
			c.round.wrong("TryLog of a level that is not enabled: %v", err)
		}
		return
	}
	c.tries.Add(1)
	switch {
	case errors.Is(err, weir.ErrQueueFull):
		c.full.Add(1)
	case errors.Is(err, weir.ErrClosed):
		c.closed.Add(1)
	case err != nil:
		c.round.wrong("TryLog: %v", err)
	}
}

// tapped logs with a tap, which gets nothing else.
func (c *caller) tapped() {
	p := c.round.newProbe("tap", steady())
	ctx, stop, err := c.logs[0].Tap(context.Background(), p)
	if errors.Is(err, weir.ErrClosed) {
		return
	}
	if err != nil {
		c.round.wrong("tap: %v", err)
		return
	}
	before := c.sent.Load()
	c.burst(ctx, 1+c.random.IntN(60))
	sent := c.sent.Load() - before
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := stop(limit); err != nil && limit.Err() != nil {
		c.round.wrong("a tap did not stop for %v", patience)
	}
	c.round.totals.taps.Add(1)
	if got := p.counts(); got.records-got.added > sent {
		c.round.wrong("a tap got %d records of %d", got.records-got.added, sent)
	}
	if first := p.firstOf(c.id); first != 0 && first <= before {
		c.round.wrong("a tap got record %d, which was logged before it, up to %d", first, before)
	}
}
