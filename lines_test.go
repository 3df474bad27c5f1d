package weir_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/jsonl"
)

// gated is a writer that waits until it is opened.
type gated struct {
	open chan struct{}
	mu   sync.Mutex
	buf  bytes.Buffer
}

func (g *gated) Write(p []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.buf.Write(p)
}

// parsed are the records of JSON lines, in their order.
func parsed(t *testing.T, text string) []record.Record {
	t.Helper()
	var list []record.Record
	for line := range strings.Lines(text) {
		r, repairs, err := record.ParseJSON([]byte(line), record.ParseOptions{})
		if err != nil || len(repairs) > 0 {
			t.Fatalf("%v, %v in %q", err, repairs, line)
		}
		list = append(list, r)
	}
	return list
}

// TestCallsEncodeWhenTheQueueFills: with sinks that take lines, a full queue makes the
// calls encode their own records; what is written is the same, in order, each once.
func TestCallsEncodeWhenTheQueueFills(t *testing.T) {
	for _, change := range []bool{false, true} {
		g := &gated{open: make(chan struct{})}
		var other capture
		l := weir.New("app", weir.WithSink(jsonl.New(g)), weir.WithMemoryLimit(512<<10), weir.WithOverflow(weir.Fail))
		bound := l.With("part", "x").Named("db")
		l.Info("first")
		if err := waitForLines(l); err != nil {
			t.Fatal(err)
		}
		n := 1
		for ; ; n++ {
			var err error
			switch n % 4 {
			case 0:
				err = bound.TryLog(context.Background(), weir.LevelInfo, "m", "n", n, "path", "/a", "took", 1.5)
			case 1: // not a usual record
				err = l.TryLog(context.Background(), weir.LevelInfo, "m", "n", n, slog.Group("g", "a", 1))
			default:
				err = l.TryLog(context.Background(), weir.LevelInfo, "m", "n", n)
			}
			if errors.Is(err, weir.ErrQueueFull) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if l.Stats().EncodedAtCall == 0 {
			t.Error("no call has encoded its record")
		}
		if change { // a sink that takes records and not lines
			if err := l.AddSink(&other); err != nil {
				t.Fatal(err)
			}
		}
		close(g.open)
		if err := l.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		l.Info("last")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if change && (len(other.records) != 1 || other.records[0].Message != "last") {
			t.Errorf("the sink that was added has %q", messages(other.records))
		}
		records := parsed(t, g.buf.String())
		if len(records) != n+1 {
			t.Fatalf("%d of %d records", len(records), n+1)
		}
		for i := range records {
			r := &records[i]
			if r.Seq != uint64(i+1) || r.Time.IsZero() || r.Resource.Service != "app" || r.SourceID == "" {
				t.Fatalf("record %d: %+v", i, r)
			}
			if i > 0 && r.Time.Before(records[i-1].Time) {
				t.Fatalf("record %d is older than the one before", i)
			}
			if v, ok := attr(*r, "n"); ok && v.Int64() != int64(i) {
				t.Fatalf("record %d is number %v", i, v)
			}
			if _, ok := attr(*r, "line_number"); !ok {
				t.Fatalf("record %d has no place: %+v", i, r.Attrs)
			}
			if i%4 == 0 && i > 0 && i < n {
				if part, _ := attr(*r, "part"); part.String() != "x" || r.Logger != "app.db" {
					t.Fatalf("record %d: %+v", i, r)
				}
			}
		}
	}
}

// waitForLines gives the worker the time to see what its sinks take.
func waitForLines(l *weir.Logger) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Flush(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	for l.Stats().QueueBytes > 0 { // the worker takes the record within its poll interval
	}
	return nil
}

func TestLinesOfClosedLogger(t *testing.T) {
	var out bytes.Buffer
	l := weir.New("app", weir.WithSink(jsonl.New(&out)), weir.WithErrorOutput(io.Discard))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.Info("too late")
	balance(t, l)
	if out.Len() != 0 {
		t.Errorf("%q", out.String())
	}
}
