package weir_test

import (
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// number returns a numeric attribute, NaN when there is none.
func number(r record.Record, key string) float64 {
	v, ok := attr(r, key)
	if !ok {
		return math.NaN()
	}
	switch n := v.Any().(type) {
	case int64:
		return float64(n)
	case float64:
		return n
	case time.Duration:
		return n.Seconds()
	}
	return math.NaN()
}

func text(r record.Record, key string) string {
	v, _ := attr(r, key)
	return v.String()
}

// 1,000 updates a second become two records a second.
func TestProgressLogsAtMostOnceInAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := logOnce(t, func(l *weir.Logger) {
			p := l.Progress("epoch 3", 10_000)
			for range 5_000 {
				time.Sleep(time.Millisecond)
				p.Add(1)
			}
			p.Note("half way")
			for range 5_000 {
				time.Sleep(time.Millisecond)
				p.Add(1)
			}
			p.Done()
			p.Add(5)
			p.Done()
			p.Fail(nil)
		})
		if len(records) < 20 || len(records) > 22 {
			t.Fatalf("%d records in 10 s", len(records))
		}
		for i, r := range records {
			if r.Kind != record.KindCheckpoint || r.Message != "epoch 3" || text(r, "checkpoint") != "epoch 3" || number(r, "total") != 10_000 {
				t.Errorf("record %d: %+v", i, r)
			}
			if i > 0 && i < len(records)-1 && r.Time.Sub(records[i-1].Time) < weir.DefaultProgressInterval {
				t.Errorf("record %d comes %v after the one before", i, r.Time.Sub(records[i-1].Time))
			}
		}
		first, middle, last := records[0], records[11], records[len(records)-1]
		if text(first, "status") != "IN_PROGRESS" || number(first, "done") != 0 || number(first, "progress") != 0 {
			t.Errorf("first: %+v", first)
		}
		if rate := number(middle, "rate"); rate < 990 || rate > 1010 {
			t.Errorf("rate: %v a second", rate)
		}
		if done, eta := number(middle, "done"), number(middle, "eta"); math.Abs(eta-(10_000-done)/1000) > 0.2 {
			t.Errorf("%v s left at %v", eta, done)
		}
		if text(middle, "note") != "half way" || math.Abs(number(middle, "progress")-number(middle, "done")/100) > 0.01 {
			t.Errorf("middle: %+v", middle)
		}
		if text(last, "status") != "DONE" || number(last, "done") != 10_000 || number(last, "progress") != 100 || number(last, "duration_ms") != 10_000 || number(last, "rate") != 1000 {
			t.Errorf("last: %+v", last)
		}
		if _, ok := attr(last, "eta"); ok {
			t.Error("nothing is left to do")
		}
	})
}

func TestProgressFollowsARateThatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := logOnce(t, func(l *weir.Logger) {
			p := l.Progress("copy", 1<<40, weir.ProgressInterval(time.Second))
			for i := range 60 {
				time.Sleep(time.Second)
				if i < 30 {
					p.Add(1000)
				} else {
					p.Add(100)
				}
			}
			p.SetTotal(0)
			time.Sleep(time.Second)
			p.Set(7)
			p.Fail(errors.New("disk full"))
		})
		if rate := number(records[30], "rate"); rate != 1000 {
			t.Errorf("at first: %v", rate)
		}
		if rate := number(records[32], "rate"); rate < 300 || rate > 900 {
			t.Errorf("soon after the change: %v", rate)
		}
		if rate := number(records[60], "rate"); rate < 100 || rate > 105 {
			t.Errorf("in the end: %v", rate)
		}
		last := records[len(records)-1]
		if text(last, "status") != "FAILED" || last.LevelText() != "ERROR" || number(last, "done") != 7 {
			t.Errorf("last: %+v", last)
		}
		if _, ok := attr(last, "total"); ok {
			t.Error("the total is not known any more")
		}
		if line := string(record.AppendJSON(nil, &last)); !strings.Contains(line, "disk full") {
			t.Errorf("the error: %s", line)
		}
	})
}

func TestProgressOfASlowLoopIsNeverBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := logOnce(t, func(l *weir.Logger) {
			p := l.Progress("slow", 0)
			for range 5 {
				time.Sleep(10 * time.Second)
				p.Add(1)
			}
			p.Done()
		})
		if len(records) != 7 {
			t.Errorf("%d records", len(records))
		}
		if _, ok := attr(records[3], "progress"); ok || number(records[3], "done") != 3 || number(records[3], "rate") != 0.1 {
			t.Errorf("%+v", records[3])
		}
		if number(records[6], "progress") != 100 {
			t.Errorf("the end: %+v", records[6])
		}
	})
}

// A loop that was fast and becomes slow is behind by some calls, once.
func TestProgressLooksAtTheClockAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := logOnce(t, func(l *weir.Logger) {
			p := l.Progress("x", 0)
			for range 1_000_000 {
				p.Add(1) // no time passes
			}
			for range 20 {
				time.Sleep(time.Second)
				p.Add(1)
			}
			p.Done()
		})
		if len(records) < 6 {
			t.Errorf("%d records", len(records))
		}
	})
}

func TestProgressFromManyGoroutines(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		p := l.Progress("shared", 80_000, weir.ProgressInterval(time.Microsecond))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 10_000 {
					p.Add(1)
					if i%1000 == 0 {
						p.Note("busy")
						p.SetTotal(80_000)
					}
				}
			})
		}
		wg.Wait()
		p.Done()
	})
	last := records[len(records)-1]
	if number(last, "done") != 80_000 || text(last, "status") != "DONE" {
		t.Errorf("%+v", last)
	}
	before := -1.0
	for i, r := range records {
		if n := number(r, "done"); n < before {
			t.Errorf("record %d goes back to %v", i, n)
		} else {
			before = n
		}
	}
}

func TestTrack(t *testing.T) {
	sum := 0
	records := logOnce(t, func(l *weir.Logger) {
		for i := range weir.Track(l, "all", 10) {
			sum += i
		}
		for i := range weir.Track(l, "some", 10) {
			if i == 3 {
				break
			}
		}
		func() {
			defer func() { _ = recover() }()
			for range weir.Track(l, "none", 10) {
				panic("in the body")
			}
		}()
	})
	var ends []string
	for _, r := range records {
		if s := text(r, "status"); s != "IN_PROGRESS" {
			ends = append(ends, r.Message+" "+s)
		}
	}
	if got := strings.Join(ends, ", "); sum != 45 || got != "all DONE, some SKIPPED, none FAILED" {
		t.Errorf("sum %d, %s", sum, got)
	}
}

// Nothing runs between the calls.
func TestProgressHasNoGoroutine(t *testing.T) {
	l := weir.New("app", weir.WithSink(&capture{}), weir.WithErrorOutput(io.Discard))
	defer l.Close()
	before := runtime.NumGoroutine()
	p := l.Progress("x", 10)
	p.Add(1)
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, before %d", after, before)
	}
}

func BenchmarkProgressAdd(b *testing.B) {
	l := weir.New("app", weir.WithSink(&capture{}), weir.WithErrorOutput(io.Discard))
	defer l.Close()
	p := l.Progress("x", int64(b.N))
	for b.Loop() {
		p.Add(1)
	}
}

func BenchmarkProgressAddParallel(b *testing.B) {
	l := weir.New("app", weir.WithSink(&capture{}), weir.WithErrorOutput(io.Discard))
	defer l.Close()
	p := l.Progress("x", int64(b.N))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p.Add(1)
		}
	})
}

func TestAllocProgress(t *testing.T) {
	l := weir.New("app", weir.WithSink(&capture{}), weir.WithErrorOutput(io.Discard))
	defer l.Close()
	p := l.Progress("x", 10, weir.ProgressInterval(time.Hour))
	if n := testing.AllocsPerRun(1000, func() { p.Add(1); p.Set(3) }); n != 0 {
		t.Errorf("%v allocations a call", n)
	}
}
