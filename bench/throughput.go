package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// throughputRounds is how many turns each subject has.
const throughputRounds = 3

// flow is what one subject has written, in all its turns.
type flow struct {
	calls, lines, bytes, atCall uint64
	took, cpu                   time.Duration
	atCallKnown                 bool
}

func (f *flow) perSecond() float64 { return float64(f.lines) / f.took.Seconds() }

func (f *flow) each(total float64) float64 { return total / float64(max(f.lines, 1)) }

// compareThroughput prints how many records a second reach the file when one goroutine
// or eight log as fast as they can, until the last is written.
func compareThroughput(r *report, dir string, scale float64) error {
	all := subjectsThat(func(s *subject) bool { return !s.floor })
	length := time.Duration(float64(1500*time.Millisecond)*scale) / throughputRounds
	for _, goroutines := range []int{1, 8} {
		flows := map[string]*flow{}
		for round := range throughputRounds {
			for i := range all {
				s := &all[(i+round)%len(all)]
				if flows[s.name] == nil {
					flows[s.name] = &flow{}
				}
				if err := sustained(flows[s.name], s, dir, goroutines, length); err != nil {
					return err
				}
			}
		}
		printThroughput(r, all, flows, goroutines)
		requireThroughput(r, flows, goroutines)
	}
	return nil
}

func sustained(sum *flow, s *subject, dir string, goroutines int, length time.Duration) error {
	f, err := create(dir, s, false)
	if err != nil {
		return err
	}
	defer f.remove()
	runtime.GC() // what the one before has left is not this one's
	in := s.open(f, false)
	calls := make([]uint64, goroutines)
	begin, cpu := time.Now(), cpuTime()
	var writers sync.WaitGroup
	for g := range goroutines {
		writers.Go(func() {
			i := 0
			for ; i%100 != 0 || time.Since(begin) < length; i++ {
				in.three(i)
			}
			calls[g] = uint64(i)
		})
	}
	writers.Wait()
	in.settle()
	in.close()
	sum.took += time.Since(begin)
	sum.cpu += cpuTime() - cpu
	for _, n := range calls {
		sum.calls += n
	}
	sum.lines += f.written()
	sum.bytes += f.bytes.Load()
	if in.atCall != nil {
		sum.atCallKnown = true
		sum.atCall += in.atCall()
	}
	return nil
}

func printThroughput(r *report, all []subject, flows map[string]*flow, goroutines int) {
	t := newTable(fmt.Sprintf("sustained, 3 attributes, %d goroutine(s), until all is written (× weir)", goroutines),
		"", "thousand records/s", "CPU ns a record", "bytes a record", "encoded at the call", "missing")
	weir := flows[nameWeir]
	for _, s := range all {
		f, row := flows[s.name], t.row(s.name)
		row.ratio(f.perSecond()/1000, weir.perSecond()/1000)
		row.ratio(f.each(float64(f.cpu)), weir.each(float64(weir.cpu)))
		row.number(f.each(float64(f.bytes)))
		row.text("")
		if f.atCallKnown {
			row.cells[len(row.cells)-1] = fmt.Sprintf("%.0f %%", 100*f.each(float64(f.atCall)))
		}
		row.number(float64(f.calls) - float64(f.lines))
	}
	t.note("Weir's lines carry more than the others': service, host, logger, source_id and seq; see the bytes.")
	t.note("%s drops what it has no room for; all others hold the caller up. Missing are calls without a line.", "zerolog, diode")
	t.note("The machine has %d processors: who encodes in the caller with one goroutine leaves the others idle.", runtime.GOMAXPROCS(0))
	t.print(r.out)
}

func requireThroughput(r *report, flows map[string]*flow, goroutines int) {
	for _, name := range []string{nameWeir, nameBehindSlog, "weir, sink/file"} {
		r.atMost(fmt.Sprintf("sustained, %d goroutine(s), %s: missing", goroutines, name), float64(flows[name].calls)-float64(flows[name].lines), 0, 0)
	}
	if goroutines == 1 {
		return
	}
	for _, peer := range []string{nameAsync, nameAsyncFile} {
		r.atLeast("sustained, 8 goroutines: weir / "+peer, flows[nameWeir].perSecond()/flows[peer].perSecond(), 3, 0)
		r.atLeast("sustained, 8 goroutines: weir behind slog / "+peer, flows[nameBehindSlog].perSecond()/flows[peer].perSecond(), 2, 0)
	}
}
