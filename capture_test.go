package weir_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// capture keeps what it is given.
type capture struct {
	mu      sync.Mutex
	records []record.Record
	batches int
	closed  int
	before  func() error // called by WriteBatch
}

func (c *capture) WriteBatch(_ context.Context, batch []record.Record) error {
	if len(batch) == 0 {
		return errors.New("an empty batch")
	}
	if c.before != nil {
		if err := c.before(); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches++
	for i := range batch {
		c.records = append(c.records, batch[i].Clone())
	}
	return nil
}

func (c *capture) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
	return nil
}

func (c *capture) all() []record.Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.records
}

// attr finds a top-level attribute.
func attr(r record.Record, key string) (v slog.Value, ok bool) {
	for _, a := range r.Attrs {
		if a.Key == key {
			v, ok = a.Value, true
		}
	}
	return v, ok
}

// logOnce returns the records that use logs.
func logOnce(t *testing.T, use func(l *weir.Logger), opts ...weir.Option) []record.Record {
	t.Helper()
	var c capture
	l := weir.New("app", append([]weir.Option{weir.WithSink(&c), weir.WithErrorOutput(io.Discard)}, opts...)...)
	use(l)
	if err := l.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	balance(t, l)
	return c.records
}

// balance checks the counters of a logger at rest.
func balance(t *testing.T, l *weir.Logger) {
	t.Helper()
	s := l.Stats()
	if s.Emitted != s.Written+s.Dropped.Total() || s.Waiting != 0 {
		t.Errorf("emitted %d, written %d + dropped %d, waiting %d: %+v", s.Emitted, s.Written, s.Dropped.Total(), s.Waiting, s)
	}
	var written, dropped uint64
	for _, level := range s.Levels {
		written += level.Written
		dropped += level.Dropped.Total()
	}
	if written != s.Written || dropped != s.Dropped.Total() {
		t.Errorf("by level: written %d of %d, dropped %d of %d", written, s.Written, dropped, s.Dropped.Total())
	}
}
