package behaviour_test

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/writer"
	"github.com/weirlog/weir/weirtest"
)

// TestA4LevelsAndExtras: each level, with structured extras.
func TestA4LevelsAndExtras(t *testing.T) {
	log, c := weirtest.New(t)
	log.Debug("m", "n", 1)
	log.Info("request handled", "user_id", 42, "latency_ms", 12, "status", 200)
	log.Warn("m", "lr", 0.1)
	log.Error("m", "why", "disk")
	log.Critical("m", "ok", false)
	weirtest.AssertLogged(t, c, weir.LevelDebug, "m", slog.Int("n", 1))
	weirtest.AssertLogged(t, c, weir.LevelInfo, "request handled", slog.String("user_id", "42"), slog.Int("latency_ms", 12), slog.Int("status", 200))
	weirtest.AssertLogged(t, c, weir.LevelWarn, "m", slog.Float64("lr", 0.1))
	weirtest.AssertLogged(t, c, weir.LevelError, "m", slog.String("why", "disk"))
	weirtest.AssertLogged(t, c, weir.LevelFatal, "m", slog.Bool("ok", false))
}

// TestA7NeverBlocks: with a worker that stands still and a sink that hangs, no call of many
// goroutines waits for anything, and what was dropped is counted.
func TestA7NeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(standstill)
		hung, release := hungPipe()
		log := weir.New("app", weir.WithSink(writer.New(hung, nil, writer.WithClose())), weir.WithProcessor(stop),
			weir.WithMemoryLimit(weir.MinMemoryLimit), weir.WithErrorOutput(io.Discard))
		begin := time.Now()
		var callers sync.WaitGroup
		for g := range 8 {
			callers.Go(func() {
				for i := range 2000 {
					log.Info("never blocks", "goroutine", g, "i", i)
					log.InfoFast("nor this")
				}
			})
		}
		callers.Wait()
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("calls waited %v", waited)
		}
		close(stop)
		out := release()
		mustDo(t, log.Close())
		s := balance(t, log)
		if s.Emitted != 32_000 || s.Dropped.OverflowOldest == 0 {
			t.Errorf("%+v", s)
		}
		synctest.Wait()
		if n := strings.Count(out.String(), "\n"); uint64(n) != s.Written {
			t.Errorf("%d of %d written records came", n, s.Written)
		}
	})
}

// arrivals notes when records arrive.
type arrivals struct {
	mu sync.Mutex
	at []time.Time
}

func (a *arrivals) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for range strings.Count(string(p), "\n") {
		a.at = append(a.at, time.Now())
	}
	return len(p), nil
}

func (a *arrivals) all() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.at)
}

// TestA8WorkerWakesAtOnce: a record after an hour's silence, and one in the middle of
// others, is with its sink within the 10 ms that pulselog's worker slept.
func TestA8WorkerWakesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got arrivals
		log := weir.New("app", weir.WithSink(writer.New(&got, nil)))
		var logged []time.Time
		for _, pause := range []time.Duration{0, time.Hour, time.Millisecond, 20 * time.Millisecond, time.Second} {
			time.Sleep(pause)
			logged = append(logged, time.Now())
			log.Info("m")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		at := got.all()
		if len(at) != len(logged) {
			t.Fatalf("%d of %d records came", len(at), len(logged))
		}
		for i := range at {
			if took := at[i].Sub(logged[i]); took > 10*time.Millisecond {
				t.Errorf("record %d took %v", i, took)
			}
		}
		mustDo(t, log.Close())
	})
}

// TestA9EachRecordHasItsOwnTime: pulselog stamped what one drain found with one time (a
// defect). Here the worker stands still while records are logged, and each has the time
// of its call, in the order of the calls of two goroutines.
func TestA9EachRecordHasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(standstill)
		log, c := weirtest.New(t, weir.WithProcessor(stop))
		log.Info("first")
		turn := make(chan struct{})
		other := make(chan struct{})
		go func() {
			defer close(other)
			for range turn {
				log.Info("of another goroutine")
				turn <- struct{}{}
			}
		}()
		for range 5 {
			time.Sleep(time.Millisecond)
			log.Info("of this goroutine")
			time.Sleep(time.Millisecond)
			turn <- struct{}{}
			<-turn
		}
		close(turn)
		<-other
		close(stop)
		records := c.Records()
		if len(records) != 11 {
			t.Fatalf("%d records", len(records))
		}
		for i := 1; i < len(records); i++ {
			if step := records[i].Time.Sub(records[i-1].Time); step < 900*time.Microsecond || step > 1100*time.Microsecond {
				t.Errorf("record %d was logged 1 ms after the one before; its time says %v", i, step)
			}
			if want := []string{"of another goroutine", "of this goroutine"}[i%2]; records[i].Message != want {
				t.Errorf("record %d is %q, want %q", i, records[i].Message, want)
			}
		}
	})
}

// TestA10Overflow: drop evicts the oldest and tells people; block pauses the caller, for so
// long and no longer; raise is Fail, whose error TryLog returns. (Each with a queue of
// four records, a worker that stands still, and warnings, which may fill the whole
// queue.) §4: drops are counted, and a worker that
// is dead does not hang its program.
func TestA10Overflow(t *testing.T) {
	for _, c := range []struct {
		policy  weir.Overflow
		kept    string
		told    int // calls that returned an error
		waited  time.Duration
		counted func(weir.Drops) uint64
	}{
		{weir.DropOldest, "first 3 4 5 6", 0, 0, func(d weir.Drops) uint64 { return d.OverflowOldest }},
		{weir.DropNewest, "first 0 1 2 3", 3, 0, func(d weir.Drops) uint64 { return d.OverflowNewest }},
		{weir.Block, "first 0 1 2 3", 3, 3 * time.Second, func(d weir.Drops) uint64 { return d.BlockTimeout }},
		{weir.Fail, "first 0 1 2 3", 3, 0, func(d weir.Drops) uint64 { return d.Fail }},
	} {
		t.Run(c.policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stop := make(standstill)
				out := &said{}
				log, got := weirtest.New(t, weir.WithProcessor(stop), weir.WithOverflow(c.policy), weir.WithMaxRecords(4),
					weir.WithBlockTimeout(time.Second), weir.WithErrorOutput(out))
				log.Info("first")
				settle() // the worker has it, and stands still
				begin, told := time.Now(), 0
				for i := range 7 {
					if log.TryLog(t.Context(), weir.LevelWarn, fmt.Sprint(i)) != nil {
						told++
					}
				}
				if waited := time.Since(begin); waited != c.waited || told != c.told {
					t.Errorf("the calls waited %v, and %d returned an error", waited, told)
				}
				close(stop)
				if kept := strings.Join(got.Messages(), " "); kept != c.kept {
					t.Errorf("kept %q, want %q", kept, c.kept)
				}
				s := balance(t, log)
				if c.counted(s.Dropped) != 3 || s.Dropped.Total() != 3 {
					t.Errorf("dropped %+v", s.Dropped)
				}
				mustDo(t, log.Close())
				if !strings.Contains(out.String(), "weir: 3 records") {
					t.Errorf("people were told %q", out)
				}
			})
		})
	}
}
