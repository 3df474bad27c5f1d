package weir_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

func TestFlush(t *testing.T) {
	var c capture
	l := weir.New("app", weir.WithSink(&c))
	defer l.Close()
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 50 {
				l.Info("m")
				before := l.Stats().Emitted
				if err := l.Flush(context.Background()); err != nil {
					t.Errorf("flush: %v", err)
				}
				if n := len(c.all()); uint64(n) < before && n < 4*50 {
					// Stats may count a call that has not returned yet; at most the other three.
					if before-uint64(n) > 3 {
						t.Errorf("%d records written after a flush of %d", n, before)
					}
				}
			}
		})
	}
	writers.Wait()
	if err := l.Flush(context.Background()); err != nil || len(c.all()) != 200 {
		t.Errorf("%d records after the last flush: %v", len(c.all()), err)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Flush(canceled); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("flush with a cancelled context: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Errorf("flush after everything was written: %v", err)
	}
}

func TestSinksAreGuarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		failing := &capture{before: func() error { return errors.New("disk full") }}
		panicking := &capture{before: func() error { panic("boom") }}
		var good capture
		l := weir.New("app", weir.WithSink(failing, panicking, &good), weir.WithErrorOutput(&out))
		for range 5 {
			l.Info("m")
			if err := l.Flush(context.Background()); err == nil || !strings.Contains(err.Error(), "disk full") {
				t.Errorf("flush with a failing sink: %v", err)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		balance(t, l)
		if len(good.records) != 5 || failing.closed != 1 || panicking.closed != 1 || good.closed != 1 {
			t.Errorf("%d records beside failing sinks; closed %d %d %d", len(good.records), failing.closed, panicking.closed, good.closed)
		}
		s := l.Stats()
		if s.Sinks[0].Errors != 5 || s.Sinks[0].Failed != 5 || s.Sinks[1].Errors != 5 || s.Sinks[2].Errors != 0 || s.Written != 5 {
			t.Errorf("stats %+v", s)
		}
		if lines := strings.Count(out.String(), "\n"); lines != 4 {
			t.Errorf("%d lines for ten errors at one moment, want one a sink and one at the end:\n%s", lines, out.String())
		}
	})
}

// starter notes that it was started before its first batch.
type starter struct {
	capture
	started *weir.Logger
	err     error
}

func (s *starter) Start(l *weir.Logger) error {
	s.started = l
	s.before = func() error {
		if s.started == nil {
			return errors.New("a batch before Start")
		}
		return nil
	}
	return s.err
}

func TestStarter(t *testing.T) {
	var out bytes.Buffer
	good, bad := &starter{}, &starter{err: errors.New("port taken")}
	l := weir.New("app", weir.WithSink(good, bad), weir.WithErrorOutput(&out))
	l.Info("m")
	late := &starter{}
	if err := l.AddSink(late); err != nil {
		t.Fatal(err)
	}
	l.Info("for all")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if good.started == nil || good.started.Name() != "app" || len(good.records) != 2 {
		t.Errorf("started with %v, %d records", good.started, len(good.records))
	}
	if len(late.records) == 0 || late.records[len(late.records)-1].Message != "for all" || late.closed != 1 {
		t.Errorf("added later: %v", late.records)
	}
	if len(bad.records) != 0 || !strings.Contains(out.String(), "port taken") {
		t.Errorf("a sink that did not start: %d records, told %q", len(bad.records), out.String())
	}
	if err := l.AddSink(&starter{}); !errors.Is(err, weir.ErrClosed) {
		t.Errorf("a sink added after Close: %v", err)
	}
}

func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hanging := &capture{before: func() error { <-release; return nil }}
		l := weir.New("app", weir.WithSink(hanging), weir.WithCloseTimeout(time.Second), weir.WithErrorOutput(io.Discard))
		l.Info("one")
		synctest.Wait()
		time.Sleep(10 * time.Millisecond) // of the bubble's clock: the worker is in the sink now
		for range 9 {
			l.Info("more")
		}
		start := time.Now()
		err := l.Close()
		if d := time.Since(start); d != time.Second {
			t.Errorf("close took %v, want 1s", d)
		}
		if err == nil || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "10 records") {
			t.Errorf("close: %v", err)
		}
		if s := l.Stats(); s.Dropped.Abandoned != 10 {
			t.Errorf("%d abandoned, want 10", s.Dropped.Abandoned)
		}
		balance(t, l)
		l.Info("too late")
		if s := l.Stats(); s.Dropped.Closed != 1 {
			t.Errorf("%d dropped after Close, want 1", s.Dropped.Closed)
		}
		if err := l.Flush(context.Background()); !errors.Is(err, weir.ErrClosed) {
			t.Errorf("a flush of what was given up: %v", err)
		}
		close(release)
		synctest.Wait()
		balance(t, l)
		if hanging.closed != 1 {
			t.Errorf("the sink was closed %d times once it came back", hanging.closed)
		}
		if err := l.Close(); err == nil {
			t.Error("a later Close forgets that records were given up")
		}
	})
}

func TestCloseHonoursContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := &contextual{}
		l := weir.New("app", weir.WithSink(waits), weir.WithErrorOutput(io.Discard))
		l.Info("m")
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if err := l.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("shutdown: %v", err)
		}
		synctest.Wait()
		if waits.ended != 1 {
			t.Error("the sink's context did not end with the shutdown's")
		}
	})
}

// contextual waits for its context.
type contextual struct{ ended int }

func (c *contextual) WriteBatch(ctx context.Context, _ []record.Record) error {
	<-ctx.Done()
	c.ended++
	return ctx.Err()
}
func (c *contextual) Close() error { return nil }

// TestCloseRaces closes a logger under the hands of its users, with every policy:
// each record is written or dropped with a reason.
func TestCloseRaces(t *testing.T) {
	for _, policy := range []weir.Overflow{weir.DropOldest, weir.DropNewest, weir.Block, weir.Fail} {
		t.Run(policy.String(), func(t *testing.T) {
			const goroutines, each = 8, 1000
			var c capture
			l := weir.New("app", weir.WithSink(&c), weir.WithOverflow(policy), weir.WithMemoryLimit(weir.MinMemoryLimit),
				weir.WithBlockTimeout(10*time.Millisecond), weir.WithErrorOutput(io.Discard), weir.WithoutSource())
			var writers sync.WaitGroup
			var sent, refused atomic.Uint64
			for g := range goroutines {
				writers.Go(func() {
					for i := range each {
						if err := l.TryLog(context.Background(), weir.LevelInfo, "message of some length", "g", g, "i", i); err != nil {
							if !errors.Is(err, weir.ErrClosed) && !errors.Is(err, weir.ErrQueueFull) {
								t.Errorf("TryLog: %v", err)
							}
							refused.Add(1)
						}
						if sent.Add(1) == goroutines*each/2 {
							go l.Close()
						}
					}
				})
			}
			writers.Wait()
			if err := l.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
			if err := l.TryLog(context.Background(), weir.LevelInfo, "late"); !errors.Is(err, weir.ErrClosed) {
				t.Errorf("a call after Close: %v", err)
			}
			refused.Add(1)
			balance(t, l)
			s := l.Stats()
			if s.Emitted != goroutines*each+1 || s.Written != uint64(len(c.records)) {
				t.Errorf("emitted %d of %d, written %d of %d", s.Emitted, goroutines*each+1, s.Written, len(c.records))
			}
			if told := s.Dropped.Total() - s.Dropped.OverflowOldest; told != refused.Load() {
				t.Errorf("%d refusals counted, %d callers told", told, refused.Load())
			}
			if c.closed != 1 {
				t.Errorf("the sink was closed %d times", c.closed)
			}
			next := [goroutines]int64{}
			for _, r := range c.records {
				g, _ := attr(r, "g")
				i, _ := attr(r, "i")
				if i.Int64() < next[g.Int64()] {
					t.Fatalf("goroutine %d: record %d came after %d", g.Int64(), i.Int64(), next[g.Int64()]-1)
				}
				next[g.Int64()] = i.Int64() + 1
			}
		})
	}
}

func TestFailTellsTheCaller(t *testing.T) {
	release := make(chan struct{})
	c := &capture{before: func() error { <-release; return nil }}
	l := weir.New("app", weir.WithSink(c), weir.WithOverflow(weir.Fail), weir.WithMemoryLimit(weir.MinMemoryLimit), weir.WithErrorOutput(io.Discard))
	var err error
	sent := 0
	for ; err == nil && sent < 10_000; sent++ {
		err = l.TryLog(context.Background(), weir.LevelInfo, "a message", "i", sent)
	}
	close(release)
	if !errors.Is(err, weir.ErrQueueFull) {
		t.Errorf("after %d records: %v, want ErrQueueFull", sent, err)
	}
	if err := l.TryLog(context.Background(), weir.LevelDebug, "not enabled"); err != nil {
		t.Errorf("a level that is not enabled: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	balance(t, l)
	if s := l.Stats(); s.Dropped.Fail == 0 || s.Emitted != uint64(sent) {
		t.Errorf("stats %+v after %d records", s, sent)
	}
}

func TestDropsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		slow := &capture{before: func() error { time.Sleep(time.Second); return nil }}
		l := weir.New("app", weir.WithSink(slow), weir.WithMemoryLimit(weir.MinMemoryLimit), weir.WithErrorOutput(&out))
		for i := range 5000 {
			l.Info("a message", "i", i)
		}
		if err := l.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := l.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
		var told, lines uint64
		for line := range strings.Lines(out.String()) {
			var n uint64
			if _, err := fmt.Sscanf(line, "weir: %d record", &n); err != nil {
				t.Errorf("%v in %q", err, line)
			}
			told += n
			lines++
		}
		if s := l.Stats(); s.Dropped.OverflowOldest == 0 || told != s.Dropped.OverflowOldest || lines > 3 {
			t.Errorf("%d dropped, %d told in %d lines", s.Dropped.OverflowOldest, told, lines)
		}
	})
}

func TestIdleWorkerSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c capture
		l := weir.New("app", weir.WithSink(&c))
		defer l.Close()
		l.Info("m")
		time.Sleep(time.Second) // of the bubble's clock
		synctest.Wait()
		quiet := weir.Rounds(l)
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := weir.Rounds(l) - quiet; n != 0 {
			t.Errorf("%d looks at the queue in a quiet hour", n)
		}
		start := time.Now()
		l.Info("wakes")
		for len(c.all()) < 2 {
			time.Sleep(10 * time.Microsecond)
		}
		if d := time.Since(start); d > time.Millisecond {
			t.Errorf("the first record after a quiet hour took %v", d)
		}
		// With a record every 20 ms the worker looks at most every 0.2 to 5 ms.
		synctest.Wait()
		before := weir.Rounds(l)
		for range 50 {
			l.Info("trickle")
			time.Sleep(20 * time.Millisecond)
		}
		synctest.Wait()
		if n := weir.Rounds(l) - before; n > 500 {
			t.Errorf("%d looks in a second with 50 records", n)
		}
	})
}
