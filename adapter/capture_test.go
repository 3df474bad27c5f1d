package adapter_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// capture keeps what it is given.
type capture struct {
	mu      sync.Mutex
	records []record.Record
}

func (c *capture) WriteBatch(_ context.Context, batch []record.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range batch {
		c.records = append(c.records, batch[i].Clone())
	}
	return nil
}

func (c *capture) Close() error { return nil }

func (c *capture) all() []record.Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.records
}

// logged returns the records that use logs.
func logged(t *testing.T, use func(l *weir.Logger), opts ...weir.Option) []record.Record {
	t.Helper()
	var c capture
	l := weir.New("app", append([]weir.Option{weir.WithSink(&c), weir.WithErrorOutput(io.Discard)}, opts...)...)
	use(l)
	if err := l.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	return c.all()
}

// text returns a field or attribute as text.
func text(r record.Record, name string) string {
	v, ok := r.Lookup(name)
	if !ok {
		return ""
	}
	return record.ValueText(v)
}

// jsonOf returns a record's JSON without what differs from run to run.
func jsonOf(r record.Record) string {
	r.Seq, r.SourceID, r.Resource = 0, "", nil
	return strings.TrimSpace(string(record.AppendJSON(nil, &r)))
}
