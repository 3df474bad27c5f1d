// Command soak logs for a long time under conditions that a program should not have, and checks
// the books to the record: what was sent is what was written and what was dropped, in
// all, by level, and for each sink; each sink gets its records once, in order, undamaged, and
// no others. It ends with status 1 at the first thing that is wrong.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"time"
)

func main() {
	length := flag.Duration("for", 10*time.Minute, "how long")
	seed := flag.Uint64("seed", 0, "what the rounds are made from; 0: any")
	flag.Parse()
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	if err := soak(os.Stdout, *length, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

const (
	// roundLength is how long a logger is logged with, beside the rests.
	roundLength = 1200 * time.Millisecond
	// reportEvery is how often a line is printed.
	reportEvery = 30 * time.Second
)

// soak runs rounds until length has passed, each with a new logger.
func soak(out io.Writer, length time.Duration, seed uint64) error {
	was := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(was)
	fmt.Fprintf(out, "%s, %d processors, seed %d, for %v\n", runtime.Version(), runtime.NumCPU(), seed, length)
	t := &totals{}
	begin, told := time.Now(), time.Now()
	for n := uint64(0); n == 0 || time.Since(begin) < length; n++ {
		r := newRound(n, seed, t)
		if faults := r.run(roundLength); len(faults) > 0 {
			for _, f := range faults {
				fmt.Fprintf(out, "WRONG: %s\n", f)
			}
			return fmt.Errorf("round %d of seed %d is wrong in %d ways: %s", n, seed, len(faults), &r.plan)
		}
		if time.Since(told) >= reportEvery {
			t.print(out, time.Since(begin))
			told = time.Now()
		}
	}
	t.print(out, time.Since(begin))
	fmt.Fprintln(out, "soak: all balanced")
	return nil
}
