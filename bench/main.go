// Command bench compares Weir with log/slog, zap, zerolog and phuslu/log, all
// writing JSON with the same keys to a real file, in one run of about two minutes:
// what a call costs, how long single calls take while the disk stalls, and how many
// records a second get through.
//
// Figures of different runs do not compare; the ratios within one run do.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
)

func main() {
	dir := flag.String("dir", "", "where the log files go (default: a temporary directory)")
	scale := flag.Float64("scale", 1, "length of the measurements; 1 is about two minutes")
	only := flag.String("only", "call,latency,throughput", "which measurements")
	flag.Parse()
	if err := run(*dir, *scale, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(dir string, scale float64, only string) error {
	dir, err := os.MkdirTemp(dir, "weir-bench-")
	if err != nil {
		return fmt.Errorf("make a directory for the log files: %w", err)
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%s, %s/%s, GOMAXPROCS %d, files in %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), dir)
	if strings.Contains(only, "call") {
		for _, source := range []bool{false, true} {
			if err := compareCalls(os.Stdout, dir, source, scale); err != nil {
				return err
			}
		}
	}
	if strings.Contains(only, "latency") {
		for _, stall := range []bool{false, true} {
			if err := compareLatency(os.Stdout, dir, stall, scale); err != nil {
				return err
			}
		}
	}
	if strings.Contains(only, "throughput") {
		return compareThroughput(os.Stdout, dir, scale)
	}
	return nil
}
