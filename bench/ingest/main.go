// Command ingest measures how fast a server takes records in: it starts `weir serve` on a fresh
// data directory, sends prebuilt bodies of 1,000 records over 4 connections, and measures what
// gets through, how long a batch waits for its acknowledgement with and without readers, and
// how long a record needs to a browser. At the end it counts what is stored.
//
// The client shares the processors with the server, as the requirements have it. Everything
// that it prints was measured in this run; it ends with status 1 when something that is required was
// not met. It needs Linux, for /proc.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	weir   string
	dir    string
	length time.Duration
	only   []string
}

func main() {
	var o options
	flag.StringVar(&o.weir, "weir", "", "the command to measure (default: build it)")
	flag.StringVar(&o.dir, "dir", "", "where the records go (default: a temporary directory)")
	flag.DurationVar(&o.length, "for", 20*time.Second, "how long each measurement takes")
	only := flag.String("only", strings.Join(names(), ","), "which measurements")
	check := flag.Bool("check", true, "end with status 1 when something that is required is not met")
	flag.Parse()
	o.only = strings.Split(*only, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &report{out: os.Stdout}
	if err := run(ctx, r, o); err != nil {
		fmt.Fprintln(os.Stderr, "ingest:", err)
		os.Exit(1)
	}
	r.print()
	if *check && !r.met() {
		fmt.Fprintln(os.Stderr, "ingest: not everything that is required was met")
		os.Exit(1)
	}
}

// bench is what the measurements share.
type bench struct {
	report  *report
	server  *server
	length  time.Duration
	bodies  []*body // for /logs
	native  []*body // for /api/v1/records
	numbers sequence
	books   books
}

// measurement has a name for -only.
type measurement struct {
	name string
	run  func(context.Context, *bench) error
}

func measurements() []measurement {
	return []measurement{
		{"sustained", measureSustained},
		{"paced", measurePaced},
		{"readers", measureReaders},
		{"live", measureLive},
	}
}

func names() []string {
	var out []string
	for _, m := range measurements() {
		out = append(out, m.name)
	}
	return out
}

func run(ctx context.Context, r *report, o options) error {
	for _, name := range o.only {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("there is no measurement %q (see -help for those that there are)", name)
		}
	}
	if o.length < time.Second {
		return fmt.Errorf("a measurement of %v says nothing; give at least 1s", o.length)
	}
	dir, err := os.MkdirTemp(o.dir, "weir-ingest-")
	if err != nil {
		return fmt.Errorf("make a directory for the records: %w", err)
	}
	defer os.RemoveAll(dir)
	if o.weir == "" {
		if o.weir, err = build(ctx, dir); err != nil {
			return err
		}
	}
	if o.weir, err = filepath.Abs(o.weir); err != nil { // it is started in another directory
		return fmt.Errorf("find the command: %w", err)
	}
	b := &bench{report: r, length: o.length}
	if err := b.prepare(); err != nil {
		return err
	}
	if b.server, err = start(ctx, o.weir, dir); err != nil {
		return err
	}
	defer b.server.kill()
	fmt.Fprintf(r.out, "%s, %s/%s, %d processors, load %s; server %d at %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load(), b.server.pid(), b.server.address)
	for _, m := range measurements() {
		if !slices.Contains(o.only, m.name) {
			continue
		}
		fmt.Fprintf(r.out, "%s …\n", m.name)
		if err := m.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return b.balance(ctx, o.weir, dir)
}

// prepare makes the bodies, so that nothing of them is made while the server is measured.
func (b *bench) prepare() error {
	var err error
	if b.bodies, err = makeBodies(asCollector); err != nil {
		return err
	}
	if b.native, err = makeBodies(asNative); err != nil {
		return err
	}
	for _, set := range [][]*body{b.bodies, b.native} {
		plain, packed := 0, 0
		for _, one := range set {
			plain += one.plain
			packed += len(one.packed)
		}
		records := len(set) * batchRecords
		fmt.Fprintf(b.report.out, "%s: %d bodies of %d records, %d bytes a record, %d as gzip\n", set[0].path, len(set), batchRecords, plain/records, packed/records)
	}
	return nil
}
