package weirtest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

// Name is the name of the logger that New makes.
const Name = "test"

// flushTimeout is how long Capture waits for the logger; a logger that needs longer
// hangs.
const flushTimeout = 10 * time.Second

// New makes a logger for a test, at level TRACE unless an option says otherwise, with a
// capture of all its records. The end of the test closes it. What the logger has to say
// about itself stands in the test's output.
func New(t testing.TB, opts ...weir.Option) (*weir.Logger, *Capture) {
	t.Helper()
	c := &Capture{t: t}
	all := append([]weir.Option{weir.WithLevel(weir.LevelTrace), weir.WithErrorOutput(t.Output())}, opts...)
	log := weir.New(Name, append(all, weir.WithSink(c))...)
	c.log = log
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Errorf("weirtest: close the logger: %v", err)
		}
	})
	return log, c
}

// Attach captures what the logger of a full dotted name, and those below it, log from
// now on; "" is all. Their records go their usual way as well. The end of the test detaches it.
func Attach(t testing.TB, log *weir.Logger, name string) *Capture {
	t.Helper()
	c := &Capture{t: t, log: log}
	if err := log.AddSinkTo(name, c); err != nil {
		t.Fatalf("weirtest: attach a capture to %q: %v", name, err)
	}
	c.detach = func() {
		ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
		defer cancel()
		if err := log.RemoveSink(ctx, c); err != nil && !errors.Is(err, weir.ErrClosed) {
			t.Errorf("weirtest: detach the capture of %q: %v", name, err)
		}
	}
	t.Cleanup(c.Detach)
	return c
}

// Capture is a sink that keeps records. Its methods may be called concurrently. Those that
// tell what was logged flush the logger that it belongs to first, so that nothing that
// was logged before is missing. The zero value is a capture for a logger of one's own, which
// one flushes oneself.
type Capture struct {
	t      testing.TB
	log    *weir.Logger
	detach func()
	once   sync.Once

	mu      sync.Mutex
	records []record.Record
}

var _ weir.Immediate = (*Capture)(nil)

// WriteBatch implements weir.Sink.
func (c *Capture) WriteBatch(_ context.Context, batch []record.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range batch {
		c.records = append(c.records, batch[i].Clone())
	}
	return nil
}

// Close implements weir.Sink. What was captured stays.
func (c *Capture) Close() error { return nil }

// Immediate implements weir.Immediate.
func (c *Capture) Immediate() {}

// Detach ends what Attach began, after what was logged before has been captured. It may be
// called more than once.
func (c *Capture) Detach() {
	if c.detach != nil {
		c.once.Do(c.detach)
	}
}

// Records returns what was captured, in its order. The records must not be changed.
func (c *Capture) Records() []record.Record {
	c.flush()
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]record.Record(nil), c.records...)
}

// Messages returns the messages of the records.
func (c *Capture) Messages() []string {
	records := c.Records()
	out := make([]string, len(records))
	for i := range records {
		out[i] = records[i].Message
	}
	return out
}

// Len returns how many records there are.
func (c *Capture) Len() int { return len(c.Records()) }

// Reset forgets the records.
func (c *Capture) Reset() {
	c.flush()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records = nil
}

// Text returns the records in a form of package format; nil is JSON lines.
func (c *Capture) Text(f format.Formatter) string {
	if f == nil {
		f = format.JSON(format.JSONOptions{})
	}
	var b []byte
	for _, r := range c.Records() {
		b = f.Append(b, &r)
	}
	return string(b)
}

// flush waits for what was logged. Errors of other sinks are their tests' concern.
func (c *Capture) flush() {
	if c.log == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := c.log.Flush(ctx); errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		c.t.Errorf("weirtest: the logger was not flushed in %v: does a sink hang?", flushTimeout)
	}
}
