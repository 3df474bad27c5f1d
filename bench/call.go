package main

import (
	"fmt"
	"time"
)

// burst is how many calls are timed together: a program logs in bursts, and the
// clock costs as much as a call.
const burst = 1000

// drainLimit bounds the wait for an asynchronous writer after a burst.
const drainLimit = 2 * time.Second

// load is one of the calls that are compared.
type load struct {
	name string
	pick func(*instance) func(int)
}

func loads() []load {
	return []load{
		{"message", func(i *instance) func(int) { return i.message }},
		{"3 attributes", func(i *instance) func(int) { return i.three }},
		{"10 attributes", func(i *instance) func(int) { return i.ten }},
		{"disabled", func(i *instance) func(int) { return i.disabled }},
	}
}

// calls are the times of the bursts, in nanoseconds a call, by subject and load.
type calls map[string]map[string][]float64

// compareCalls prints the median cost of a call. The subjects take turns, burst by
// burst, so that whatever else the machine does meets all of them; what an
// asynchronous one writes later is waited for, and not counted.
func compareCalls(r *report, dir string, scale float64) error {
	for _, source := range []bool{false, true} {
		times, err := timeCalls(dir, source, max(int(120*scale), 1))
		if err != nil {
			return err
		}
		with := "without source"
		if source {
			with = "with source"
		}
		printCalls(r, times, with)
		requireCalls(r, times, with)
	}
	return nil
}

func timeCalls(dir string, source bool, rounds int) (calls, error) {
	all := subjectsThat(func(s *subject) bool { return !s.second })
	files := make([]*file, len(all))
	instances := make([]instance, len(all))
	times := calls{}
	for i := range all {
		f, err := create(dir, &all[i], false)
		if err != nil {
			return nil, err
		}
		defer f.remove()
		files[i], instances[i] = f, all[i].open(f, source)
		defer instances[i].close()
		times[all[i].name] = map[string][]float64{}
	}
	for _, l := range loads() {
		for round := range rounds {
			for turn := range all {
				i := (turn + round) % len(all)
				call := l.pick(&instances[i])
				want := files[i].written() + burst
				start := time.Now()
				for n := range burst {
					call(n)
				}
				of := times[all[i].name]
				of[l.name] = append(of[l.name], float64(time.Since(start).Nanoseconds())/burst)
				instances[i].settle()
				if l.name != "disabled" && !all[i].floor {
					files[i].waitFor(want, drainLimit)
				}
			}
		}
	}
	return times, nil
}

func printCalls(r *report, times calls, with string) {
	t := newTable("ns a call, median of bursts of 1,000, "+with+" (× weir)", "")
	for _, l := range loads() {
		t.column(l.name)
	}
	for _, s := range subjectsThat(func(s *subject) bool { return !s.second }) {
		row := t.row(s.name)
		for _, l := range loads() {
			row.ratio(medianOf(times[s.name][l.name]), medianOf(times[nameWeir][l.name]))
		}
	}
	row := t.row("weir behind slog, × the no-op handler")
	for _, l := range loads() {
		row.text(fmt.Sprintf("%.2f", paired(times[nameBehindSlog][l.name], times[nameFloor][l.name])))
	}
	t.note("A *slog.Logger finds the place of the call in any case, so the no-op handler's row is the same with and without source.")
	t.print(r.out)
}

// requireCalls notes the medians of paired ratios.
func requireCalls(r *report, times calls, with string) {
	const l = "3 attributes"
	for _, c := range []struct {
		name          string
		must, stretch float64
	}{{nameZerolog, 5, 8}, {namePhuslu, 5, 8}, {nameAsync, 3, 5}, {nameAsyncFile, 3, 5}, {nameZap, 7, 10}, {nameSlog, 10, 15}} {
		if with == "without source" {
			r.atLeast("call, "+l+": "+c.name+" / weir", paired(times[c.name][l], times[nameWeir][l]), c.must, c.stretch)
		}
	}
	r.atMost("call, "+l+", "+with+": weir behind slog / no-op handler", paired(times[nameBehindSlog][l], times[nameFloor][l]), 1.5, 1.25)
}
