package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/jsonl"
)

// memoryBeside is what a logger may hold beside MemoryLimit: the batch that its worker is filling
// and the one that the sink is writing (half a megabyte each, estimated), the text that the
// sink makes of it (half a megabyte), and a buffer for each processor (at most 64 KiB).
const memoryBeside = 4 << 20

// flood is a rise or fall of GOMAXPROCS while the writer stands still.
type flood struct{ before, during int }

// measureMemory prints the peak of what the program holds while its writer has stopped
// completely and the calls go on.
func measureMemory(r *report, dir string, scale float64) error {
	was := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(was)
	t := newTable(fmt.Sprintf("kB held while the writer stands still under a flood (MemoryLimit %s, and at most %s beside it)",
		thousands(weir.DefaultMemoryLimit/1000), thousands(memoryBeside/1000)),
		"GOMAXPROCS", "peak of the heap", "queue", "sinks, estimated", "records sent", "dropped", "sent = written + dropped")
	for _, f := range []flood{{2, 2}, {8, 8}, {64, 64}, {2, 64}, {64, 2}} {
		name := fmt.Sprint(f.before)
		if f.during != f.before {
			name = fmt.Sprintf("%d, then %d", f.before, f.during)
		}
		m := f.run(time.Duration(float64(1500*time.Millisecond) * scale))
		row := t.row(name)
		row.number(float64(m.heap) / 1000)
		row.number(float64(m.queue) / 1000)
		row.number(float64(m.sinks) / 1000)
		row.number(float64(m.sent))
		row.number(float64(m.dropped))
		row.text(fmt.Sprint(m.exact))
		r.atMost("flood, GOMAXPROCS "+name+": heap / (MemoryLimit + 4 MiB)", float64(m.heap)/(weir.DefaultMemoryLimit+memoryBeside), 1, 0)
		if m.samples == 0 {
			return fmt.Errorf("GOMAXPROCS %s: the worker did not come to a stop", name)
		}
		if !m.exact {
			return fmt.Errorf("GOMAXPROCS %s: sent is not written + dropped", name)
		}
	}
	t.note("The heap is what is in use after a garbage collection, less what was in use before New.")
	t.print(r.out)
	return nil
}

// held is what a flood has led to.
type held struct {
	heap, queue, sinks int // peaks, bytes
	sent, dropped      uint64
	samples            int
	exact              bool
}

// stoppedWriter does not return from Write until it is let go.
type stoppedWriter struct{ open chan struct{} }

func (w stoppedWriter) Write(p []byte) (int, error) {
	<-w.open
	return len(p), nil
}

func (f flood) run(length time.Duration) (m held) {
	runtime.GOMAXPROCS(f.before)
	base := heapInUse()
	w := stoppedWriter{make(chan struct{})}
	l := weir.New("flood", weir.WithSink(jsonl.New(w)), weir.WithCloseTimeout(time.Minute), weir.WithOnDrop(func(weir.DropReport) {}),
		weir.WithDiagnostics(func(error) {})) // that records are dropped is the point
	var sent atomic.Uint64
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range max(f.before, f.during, 8) {
		callers.Go(func() {
			n := uint64(0)
			defer func() { sent.Add(n) }()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				l.LogAttrs(context.Background(), slog.LevelInfo, message, slog.String("path", path), slog.Int("n", i), slog.Float64("ms", number(i)))
				n++
			}
		})
	}
	f.sample(l, base, length, &m)
	close(stop)
	callers.Wait()
	close(w.open)
	_ = l.Close() // what is not written is dropped, and counted below
	s := l.Stats()
	m.sent, m.dropped = s.Emitted, s.Dropped.Total()
	m.exact = sent.Load() == s.Emitted && s.Emitted == s.Written+m.dropped
	return m
}

// The samples of a flood: so many at least, in so long at most.
const (
	floodSamples = 10
	floodLimit   = 20 * time.Second
)

// sample takes the peaks. It counts a look only when the worker stood still during it:
// what is allocated while the garbage is collected counts as reachable, though it is not
// held.
func (f flood) sample(l *weir.Logger, base int, length time.Duration, m *held) {
	begin, taken := time.Now(), 0
	for changed := false; (time.Since(begin) < length || taken < floodSamples) && time.Since(begin) < floodLimit; time.Sleep(length / (5 * floodSamples)) {
		if !changed && taken >= floodSamples/2 && time.Since(begin) > length/2 {
			runtime.GOMAXPROCS(f.during)
			changed, taken = true, 0
		}
		before := l.Stats()
		heap := heapInUse() - base
		after := l.Stats()
		if before.SinkBytes == 0 || before.Dropped.Total() == 0 || after.SinkBytes != before.SinkBytes {
			continue
		}
		taken++
		m.heap = max(m.heap, heap)
		m.queue = max(m.queue, after.QueueMemory)
		m.sinks = max(m.sinks, after.SinkBytes)
	}
	m.samples = taken
}

// heapInUse is what is reachable. What a pool keeps for one collection more is not.
func heapInUse() int {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int(s.HeapAlloc)
}
