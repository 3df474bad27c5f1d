package main

import (
	"runtime"
	"slices"
	"sync"
	"time"
)

// pace is a steady stream of calls.
type pace struct {
	perSecond  int // of all goroutines together
	goroutines int
	// step makes the calls that are due in groups, and sleeps in between: a program that
	// leaves the processors to others. 0: each call at its time, which only waiting
	// awake does.
	step time.Duration
}

// run times each call, in nanoseconds. A call that comes late because the one before
// took long is made at once; the time it waited is not its own.
func (p pace) run(call func(int), length time.Duration) []float64 {
	times := make([][]float64, p.goroutines)
	begin := time.Now()
	var callers sync.WaitGroup
	for g := range times {
		callers.Go(func() { times[g] = p.one(call, g, begin, length) })
	}
	callers.Wait()
	return slices.Concat(times...)
}

// one makes the calls of one goroutine: every goroutines-th, from the g-th on.
func (p pace) one(call func(int), g int, begin time.Time, length time.Duration) []float64 {
	times := make([]float64, 0, int(length.Seconds()*float64(p.perSecond))/p.goroutines+1)
	for n := g; ; n += p.goroutines {
		due := time.Duration(n) * time.Second / time.Duration(p.perSecond)
		if due > length {
			return times
		}
		if p.step > 0 {
			due = (due/p.step + 1) * p.step
		}
		now := p.wait(begin, due)
		call(n)
		times = append(times, float64(time.Since(begin)-now))
		if now > length+time.Second {
			return times
		}
	}
}

// wait returns at due, or now when that is past. Sleeping is too coarse for a few
// microseconds, so the last millisecond is waited awake; several goroutines let each
// other, and a logger's worker, run meanwhile.
func (p pace) wait(begin time.Time, due time.Duration) (now time.Duration) {
	for now = time.Since(begin); now < due; now = time.Since(begin) {
		switch {
		case p.step > 0:
			time.Sleep(due - now)
		case due-now > time.Millisecond:
			time.Sleep(due - now - time.Millisecond)
		case p.goroutines > 1:
			runtime.Gosched()
		}
	}
	return now
}
