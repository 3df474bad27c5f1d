package main

import (
	"fmt"
	"runtime"
	"time"
)

// The paces of single calls: a busy service, and half of it for the disk that stalls.
const (
	busyPace    = 200_000
	stalledPace = 100_000
)

// latencyRounds is how many turns each subject has, so that whatever else the machine does
// meets all of them.
const latencyRounds = 4

// compareLatency prints how long single calls take at a steady pace.
func compareLatency(r *report, dir string, scale float64) error {
	every := func(s *subject) bool { return !s.second && !s.floor }
	length := time.Duration(float64(2400*time.Millisecond) * scale)
	for _, goroutines := range []int{1, 8} {
		of := fmt.Sprintf("%d goroutine", goroutines)
		if goroutines > 1 {
			of += "s, in all"
		}
		times, dropped, err := timeLatency(dir, subjectsThat(every), pace{perSecond: busyPace, goroutines: goroutines}, length, false)
		if err != nil {
			return err
		}
		printLatency(r, fmt.Sprintf("ns of single calls with 3 attributes at %s/s from %s (× weir)", thousands(busyPace), of), times, dropped)
		requireLatency(r, of, times)
	}
	// The file of a subject that opens it itself cannot be made to stall.
	stalls := func(s *subject) bool { return every(s) && !s.opens }
	times, dropped, err := timeLatency(dir, subjectsThat(stalls), pace{perSecond: stalledPace, goroutines: 1}, length, true)
	if err != nil {
		return err
	}
	printLatency(r, fmt.Sprintf("ns of single calls with 3 attributes at %s/s, the file stalls %v every %v (× weir)", thousands(stalledPace), stallFor, stallEvery), times, dropped)
	for _, name := range []string{nameWeir, nameBehindSlog} {
		r.atMost("stalling file: "+name+", p99.99 in ms", times[name].at(0.9999)/1e6, 1, 0)
		r.atMost("stalling file: "+name+", dropped", float64(dropped[name]), 0, 0)
	}
	return nil
}

func timeLatency(dir string, all []subject, p pace, length time.Duration, stall bool) (map[string]sample, map[string]uint64, error) {
	times, dropped := map[string][]float64{}, map[string]uint64{}
	turn := length / latencyRounds
	for round := range latencyRounds {
		for i := range all {
			s := &all[(i+round)%len(all)]
			f, err := create(dir, s, stall)
			if err != nil {
				return nil, nil, err
			}
			in := s.open(f, false)
			runtime.GC() // what the one before has left is not this one's
			times[s.name] = append(times[s.name], p.run(in.three, turn)...)
			in.settle()
			dropped[s.name] += in.dropped()
			in.close()
			f.remove()
		}
	}
	sorted := map[string]sample{}
	for name, v := range times {
		sorted[name] = newSample(v)
	}
	return sorted, dropped, nil
}

func printLatency(r *report, title string, times map[string]sample, dropped map[string]uint64) {
	t := newTable(title, "", "p50", "p99", "p99.9", "p99.99", "longest", "over 10 ms", "dropped")
	weir := times[nameWeir]
	for _, s := range subjects() {
		v, ok := times[s.name]
		if !ok {
			continue
		}
		row := t.row(s.name)
		for _, p := range []float64{0.5, 0.99, 0.999, 0.9999, 1} {
			row.ratio(v.at(p), weir.at(p))
		}
		row.number(float64(v.above(float64(10 * time.Millisecond))))
		row.number(float64(dropped[s.name]))
	}
	t.print(r.out)
}

func requireLatency(r *report, of string, times map[string]sample) {
	zerolog := times[nameZerolog]
	for _, c := range []struct {
		name  string
		p     float64
		label string
		must  float64
	}{
		{nameWeir, 0.99, "p99", 6},
		{nameWeir, 0.999, "p99.9", 10},
		{nameBehindSlog, 0.99, "p99", 3},
		{nameBehindSlog, 0.999, "p99.9", 6},
	} {
		r.atLeast(fmt.Sprintf("latency, %s, %s: zerolog / %s", of, c.label, c.name), zerolog.at(c.p)/times[c.name].at(c.p), c.must, 0)
	}
	r.atMost("latency, "+of+", weir's p99 in µs", times[nameWeir].at(0.99)/1000, 0.7, 0)
	r.atMost("latency, "+of+", weir's p99.9 in µs", times[nameWeir].at(0.999)/1000, 5, 0)
}
