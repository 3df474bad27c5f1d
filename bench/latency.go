package main

import (
	"fmt"
	"io"
	"time"
)

// pace is how many calls a second one goroutine makes: a busy service.
const pace = 100_000

// compareLatency prints how long single calls take at a steady pace.
func compareLatency(out io.Writer, dir string, stall bool, scale float64) error {
	length := time.Duration(float64(2500*time.Millisecond) * scale)
	title := fmt.Sprintf("ns of single calls with 3 attributes at %d/s", pace)
	if stall {
		title += fmt.Sprintf(", the file stalls %v every %v", stallFor, stallEvery)
	}
	t := newTable(title, "", "p50", "p99", "p99.9", "longest", "calls over 10 ms", "dropped")
	for _, s := range subjects() {
		f, err := create(dir, s.name, stall)
		if err != nil {
			return err
		}
		in := s.open(f, false)
		times := pacedCalls(in.three, length)
		in.settle()
		row := t.row(s.name)
		for _, p := range []float64{0.5, 0.99, 0.999, 1} {
			row.number(percentile(times, p))
		}
		long := 0
		for _, ns := range times {
			if ns > float64(10*time.Millisecond) {
				long++
			}
		}
		row.number(float64(long))
		row.number(float64(in.dropped()))
		in.close()
		f.remove()
	}
	t.print(out)
	return nil
}

// pacedCalls times each call. A call that comes late because the one before took
// long is made at once; the time it waited is not its own.
func pacedCalls(call func(int), length time.Duration) []float64 {
	times := make([]float64, 0, int(length.Seconds()*pace)+1)
	begin := time.Now()
	for n := 0; ; n++ {
		due := time.Duration(n) * time.Second / pace
		if due > length {
			return times
		}
		now := time.Since(begin)
		for now < due {
			// Sleeping is too coarse for 10 µs; long waits do sleep, for the other
			// goroutines' sake on a small machine.
			if due-now > time.Millisecond {
				time.Sleep(due - now - time.Millisecond)
			}
			now = time.Since(begin)
		}
		call(n)
		times = append(times, float64(time.Since(begin)-now))
		if now > length+time.Second {
			return times
		}
	}
}
