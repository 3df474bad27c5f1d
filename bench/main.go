// Command bench measures Weir: what a call costs, how long single calls take, how many records a
// second get through, what viewers, an idle program and a flood cost, all in one run of a few
// minutes. It compares with log/slog, zap, zerolog and phuslu/log, which write JSON with
// the same keys to a real file, and with what pulselog publishes about itself.
//
// Figures of different runs do not compare; the ratios within one run do. It needs a Unix
// system.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

func main() {
	if done, err := asChild(os.Args[1:]); done {
		exit(err)
		return
	}
	var names []string
	for _, m := range measurements() {
		names = append(names, m.name)
	}
	dir := flag.String("dir", "", "where the log files go (default: a temporary directory)")
	scale := flag.Float64("scale", 1, "length of the measurements; 1 is a few minutes in all")
	only := flag.String("only", strings.Join(names, ","), "which measurements")
	flag.Parse()
	exit(run(*dir, *scale, *only))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measurement prints its tables, with files in dir. scale is its length.
type measurement struct {
	name string
	run  func(r *report, dir string, scale float64) error
}

func measurements() []measurement {
	return []measurement{
		{"call", compareCalls},
		{"latency", compareLatency},
		{"throughput", compareThroughput},
		{"viewers", measureViewers},
		{"idle", measureIdle},
		{"memory", measureMemory},
		{"pulselog", comparePulselog},
	}
}

func run(dir string, scale float64, only string) error {
	asked := strings.Split(only, ",")
	for _, name := range asked {
		if !slices.ContainsFunc(measurements(), func(m measurement) bool { return m.name == name }) {
			return fmt.Errorf("there is no measurement %q (see -help for those that there are)", name)
		}
	}
	if scale <= 0 {
		return fmt.Errorf("the scale is %v; it must be positive", scale)
	}
	dir, err := os.MkdirTemp(dir, "weir-bench-")
	if err != nil {
		return fmt.Errorf("make a directory for the log files: %w", err)
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%s, %s/%s, GOMAXPROCS %d, files in %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), dir)
	r := &report{out: os.Stdout}
	for _, m := range measurements() {
		if !slices.Contains(asked, m.name) {
			continue
		}
		if err := m.run(r, dir, scale); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	r.print()
	return nil
}
