package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/jsonl"
)

// scenario is one of pulselog's, with what it publishes for its version 0.1.4: Python
// 3.12.9 on Windows, its dashboard off, so that it wrote to nobody.
type scenario struct {
	name       string
	published  float64 // records a second
	goroutines int
	calls      int           // of each goroutine; 0: as many as length lets
	length     time.Duration // at scale 1, when calls is 0
	options    []weir.Option
	call       func(l *weir.Logger, i int)
}

// mixture is the realistic one: 1,000 steps of a training, 20 of them with a warning and
// 10 with an error, and a checkpoint at the end, which is a file, written before Save
// returns.
const mixture = 1000

func scenarios() []scenario {
	info := func(l *weir.Logger, i int) { l.Info("training step", "step", i, "loss", number(i)) }
	wait := []weir.Option{weir.WithOverflow(weir.Block), weir.WithBlockTimeout(time.Minute)}
	return []scenario{
		{name: "single-thread burst", published: 355_800, goroutines: 1, calls: 500_000, options: wait, call: info},
		{name: "multi-thread burst, 8", published: 301_400, goroutines: 8, calls: 60_000, options: wait, call: info},
		{name: "sustained, 5 s", published: 427_600, goroutines: 1, length: 5 * time.Second, options: wait, call: info},
		// 100,000 records is pulselog's queue_size, DropOldest its overflow="drop".
		{name: "queue saturation, 100,000 records", published: 383_900, goroutines: 8, calls: 100_000, options: []weir.Option{weir.WithMaxRecords(100_000)}, call: info},
		{name: "realistic: info, save, warn, error", published: 216_400, goroutines: 1, calls: 300_000, options: wait, call: realistic},
		{name: "fast path: InfoFast", published: 455_400, goroutines: 1, calls: 1_000_000, options: wait, call: func(l *weir.Logger, _ int) { l.InfoFast("step done") }},
		{name: "mixed workload, 6 threads", published: 339_900, goroutines: 6, calls: 150_000, options: wait, call: mixed},
	}
}

func realistic(l *weir.Logger, i int) {
	switch at := i % mixture; {
	case at == mixture-1:
		err := l.Save(context.Background(), weir.Checkpoint{
			Name: fmt.Sprintf("epoch-%d", i/mixture%10), Status: weir.StatusInProgress, Progress: float64(i / mixture % 100),
			Data: map[string]any{"loss": number(i), "step": i},
		})
		if err != nil {
			l.Error("checkpoint was not saved", "err", err)
		}
	case at%100 == 50:
		l.Error("batch failed", "step", i, "err", errReset)
	case at%50 == 20:
		l.Warn("loss is rising", "step", i, "loss", number(i), "epoch", i/mixture)
	default:
		l.Info("training step", "step", i, "loss", number(i))
	}
}

func mixed(l *weir.Logger, i int) {
	switch i % 6 {
	case 0:
		l.Debug("cache looked up", "key", i, "hit", i&1 == 0)
	case 1:
		l.Warn("slow query", "ms", number(i), "table", "users")
	case 2:
		l.Error("request failed", "status", 502, "err", errReset)
	case 3:
		l.InfoFast("heartbeat")
	default:
		l.Info("request handled", "method", method, "path", path, "status", 200, "ms", number(i))
	}
}

// comparePulselog prints pulselog's two tables with Weir's figures beside its own.
func comparePulselog(r *report, dir string, scale float64) error {
	t := newTable("pulselog's scenarios, weir with its defaults (the place of the call recorded) writing JSON lines to a file",
		"", "thousand calls/s", "until written", "pulselog", "× pulselog", "sent", "dropped", "in the file")
	for _, s := range scenarios() {
		if err := s.run(r, t, dir, scale); err != nil {
			return err
		}
	}
	t.note("pulselog's figures are those that it publishes, in thousand a second, of another machine; it wrote to nobody, its dashboard was off.")
	t.note("All scenarios but queue saturation use Block and drop nothing. Realistic: of 1,000 calls 10 errors, 20 warnings and a checkpoint, which is a file.")
	t.print(r.out)
	return pulselogLatency(r, dir, scale)
}

func (s *scenario) run(r *report, t *table, dir string, scale float64) error {
	f, err := create(dir, &subject{}, false)
	if err != nil {
		return err
	}
	defer f.remove()
	l := weir.New("pulselog", append([]weir.Option{
		weir.WithSink(jsonl.New(f)), weir.WithLevel(weir.LevelDebug), weir.WithCloseTimeout(time.Minute),
		weir.WithCheckpointDir(filepath.Join(filepath.Dir(f.path), "checkpoints")), weir.WithDiagnostics(func(error) {}),
	}, s.options...)...)
	calls, length := int(float64(s.calls)*scale), time.Duration(float64(s.length)*scale)
	var sent atomic.Uint64
	begin := time.Now()
	var callers sync.WaitGroup
	for range s.goroutines {
		callers.Go(func() {
			i := 0
			for ; i < calls || calls == 0 && (i%100 != 0 || time.Since(begin) < length); i++ {
				s.call(l, i)
			}
			sent.Add(uint64(i))
		})
	}
	callers.Wait()
	took := time.Since(begin)
	if err := l.Close(); err != nil {
		return err
	}
	written := time.Since(begin)
	stats := l.Stats()
	row := t.row(s.name)
	perSecond := float64(sent.Load()) / took.Seconds()
	row.number(perSecond / 1000)
	row.number(float64(f.written()) / written.Seconds() / 1000)
	row.number(s.published / 1000)
	row.text(fmt.Sprintf("%.1f", perSecond/s.published))
	row.number(float64(sent.Load()))
	row.number(float64(stats.Dropped.Total()))
	row.number(float64(f.written()))
	r.atLeast("pulselog, "+s.name+": calls/s / its own", perSecond/s.published, 1, 0)
	r.atMost("pulselog, "+s.name+": sent - written - dropped", float64(stats.Emitted)-float64(f.written())-float64(stats.Dropped.Total()), 0, 0)
	return nil
}

// publishedLatency is pulselog's second table, in nanoseconds.
type publishedLatency struct {
	name           string
	p50, p99, p999 float64
	flooding       int
}

// pulselogLatency times single calls, alone and while four goroutines flood the queue.
func pulselogLatency(r *report, dir string, scale float64) error {
	t := newTable("ns of single calls, with 2 attributes, weir with its defaults (pulselog's in brackets)", "", "p50", "p99", "p99.9", "sent", "dropped")
	for _, c := range []publishedLatency{
		{"no contention", 1800, 6000, 39_700, 0},
		{"4 goroutines flooding", 2100, 5700, 27_600, 4},
	} {
		times, stats, err := c.run(dir, int(200_000*scale))
		if err != nil {
			return err
		}
		row := t.row(c.name)
		for _, v := range []struct{ at, published float64 }{{0.5, c.p50}, {0.99, c.p99}, {0.999, c.p999}} {
			row.text(fmt.Sprintf("%s (%s)", thousands(times.at(v.at)), thousands(v.published)))
		}
		row.number(float64(stats.Emitted))
		row.number(float64(stats.Dropped.Total()))
		r.atMost("pulselog, "+c.name+": p99 / its own", times.at(0.99)/c.p99, 1, 0)
	}
	t.print(r.out)
	return nil
}

func (c *publishedLatency) run(dir string, calls int) (sample, weir.Stats, error) {
	f, err := create(dir, &subject{}, false)
	if err != nil {
		return nil, weir.Stats{}, err
	}
	defer f.remove()
	l := weir.New("pulselog", weir.WithSink(jsonl.New(f)), weir.WithCloseTimeout(time.Minute), weir.WithDiagnostics(func(error) {}))
	stop := make(chan struct{})
	var others sync.WaitGroup
	for range c.flooding {
		others.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				l.Info("background", "step", i)
			}
		})
	}
	times := make([]float64, 0, calls)
	for i := range calls {
		begin := time.Now()
		l.Info("training step", "step", i, "loss", number(i))
		times = append(times, float64(time.Since(begin)))
	}
	close(stop)
	others.Wait()
	if err := l.Shutdown(context.Background()); err != nil {
		return nil, weir.Stats{}, err
	}
	return newSample(times), l.Stats(), nil
}
