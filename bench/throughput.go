package main

import (
	"io"
	"runtime"
	"sync"
	"time"
)

// compareThroughput prints how many records a second reach the file when several
// goroutines log as fast as they can and nothing may be dropped.
func compareThroughput(out io.Writer, dir string, scale float64) error {
	length := time.Duration(float64(1500*time.Millisecond) * scale)
	goroutines := 4 * runtime.GOMAXPROCS(0)
	t := newTable("sustained, 3 attributes, nothing dropped, in thousand records/s", "", "1 goroutine", "many goroutines")
	for _, s := range subjects() {
		row := t.row(s.name)
		for _, n := range []int{1, goroutines} {
			rate, err := sustained(s, dir, n, length)
			if err != nil {
				return err
			}
			row.number(rate / 1000)
		}
	}
	t.print(out)
	return nil
}

func sustained(s subject, dir string, goroutines int, length time.Duration) (perSecond float64, err error) {
	f, err := create(dir, s.name, false)
	if err != nil {
		return 0, err
	}
	defer f.remove()
	in := s.open(f, false)
	begin := time.Now()
	var writers sync.WaitGroup
	for range goroutines {
		writers.Go(func() {
			for i := 0; i%100 != 0 || time.Since(begin) < length; i++ {
				in.three(i)
			}
		})
	}
	writers.Wait()
	in.settle()
	in.close()
	return float64(f.lines.Load()) / time.Since(begin).Seconds(), nil
}
