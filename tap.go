package weir

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// tap follows the records of one context with the loggers of one New.
type tap struct {
	core   *core
	id     uint32 // among the core's
	outer  *tap   // of the context that this one's was made from; may be nil, or another core's
	closed atomic.Bool
}

// of returns the id of the innermost open tap of a core, 0 when there is none.
func (t *tap) of(c *core) uint32 {
	for ; t != nil; t = t.outer {
		if t.core == c && !t.closed.Load() {
			return t.id
		}
	}
	return 0
}

// taps are those that are open.
type taps struct {
	mu   sync.RWMutex
	last uint32
	open map[uint32]*tap
}

func (ts *taps) add(c *core, outer *tap) *tap {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.open == nil {
		ts.open = map[uint32]*tap{}
	}
	for ts.last++; ts.last == 0 || ts.open[ts.last] != nil; ts.last++ { // after 2^32 taps
	}
	t := &tap{core: c, id: ts.last, outer: outer}
	ts.open[t.id] = t
	return t
}

// remove closes a tap. Its records may still be on their way to outer ones, so it is
// known until they are closed as well.
func (ts *taps) remove(t *tap) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t.closed.Store(true)
	for id, known := range ts.open {
		if known.of(known.core) == 0 {
			delete(ts.open, id)
		}
	}
}

// follows reports whether the record of a tap's context is for t: its own, or one
// that lies inside it.
func (ts *taps) follows(id uint32, t *tap) bool {
	if id == 0 {
		return false
	}
	if id == t.id {
		return true
	}
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	for at := ts.open[id]; at != nil; at = at.outer {
		if at == t {
			return true
		}
	}
	return false
}

// Tap returns a context whose records, besides going their usual way, go to s, until
// stop is called. Stop waits until s has been given what was logged before, or its own
// ctx ends; then s is closed. A tap that is slower than the others misses records, which Dropped
// of its SinkStats counts: it never holds them up. Contexts made from the tapped one are
// tapped as well, also by an inner Tap.
func (l *Logger) Tap(ctx context.Context, s Sink) (tapped context.Context, stop func(context.Context) error, err error) {
	c := l.node.core
	v := contextValue{}
	if outer := contextValueOf(ctx); outer != nil {
		v = *outer
	}
	if s == nil {
		return ctx, nil, errors.New("weir: tap: the sink is nil")
	}
	o := newOutlet(c, s)
	if o.sink == nil {
		return ctx, nil, errors.New("weir: tap: the configured sink is nil")
	}
	t := c.taps.add(c, v.tap)
	if err := c.outlets.start(l, o, at{tap: t}); err != nil {
		c.taps.remove(t)
		return ctx, nil, err
	}
	v.tap = t
	stop = func(ctx context.Context) error {
		err := c.outlets.remove(ctx, o)
		c.taps.remove(t)
		return err
	}
	return context.WithValue(ctx, contextKey{}, &v), stop, nil
}
