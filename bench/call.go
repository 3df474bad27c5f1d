package main

import (
	"io"
	"slices"
	"time"
)

// burst is how many calls are timed together: a program logs in bursts, and the
// clock costs as much as a call.
const burst = 1000

// drainLimit bounds the wait for an asynchronous writer after a burst.
const drainLimit = 2 * time.Second

// compareCalls prints the median cost of a call. The subjects take turns, burst by
// burst, so that whatever else the machine does meets all of them; what an
// asynchronous one writes later is waited for, and not counted.
func compareCalls(out io.Writer, dir string, source bool, scale float64) error {
	rounds := max(int(120*scale), 1)
	all := subjects()
	files := make([]*file, len(all))
	instances := make([]instance, len(all))
	for i, s := range all {
		f, err := create(dir, s.name, false)
		if err != nil {
			return err
		}
		defer f.remove()
		files[i], instances[i] = f, s.open(f, source)
		defer instances[i].close()
	}
	loads := []struct {
		name string
		pick func(instance) func(int)
	}{
		{"message", func(i instance) func(int) { return i.message }},
		{"3 attributes", func(i instance) func(int) { return i.three }},
		{"10 attributes", func(i instance) func(int) { return i.ten }},
		{"disabled", func(i instance) func(int) { return i.disabled }},
	}
	title := "ns a call, median of bursts of 1,000, without source (× weir)"
	if source {
		title = "ns a call, median of bursts of 1,000, with source (× weir)"
	}
	t := newTable(title, "")
	times := make([][][]float64, len(all))
	for i := range all {
		times[i] = make([][]float64, len(loads))
	}
	for l, load := range loads {
		t.column(load.name)
		for round := range rounds {
			for turn := range all {
				i := (turn + round) % len(all)
				call := load.pick(instances[i])
				want := files[i].lines.Load() + burst
				start := time.Now()
				for n := range burst {
					call(n)
				}
				times[i][l] = append(times[i][l], float64(time.Since(start).Nanoseconds())/burst)
				instances[i].settle()
				if load.name != "disabled" {
					files[i].waitFor(want, drainLimit)
				}
			}
		}
	}
	for i, s := range all {
		row := t.row(s.name)
		for l := range loads {
			row.ratio(median(times[i][l]), median(times[0][l]))
		}
	}
	t.print(out)
	return nil
}

func median(v []float64) float64 { return percentile(v, 0.5) }

func percentile(v []float64, p float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[min(int(float64(len(v))*p), len(v)-1)]
}
