package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/sink/console"
	filesink "github.com/weirlog/weir/sink/file"
)

// idled is what an idle program has used.
type idled struct {
	CPU        time.Duration  `json:"cpu"`
	Took       time.Duration  `json:"took"`
	Goroutines int            `json:"goroutines"`
	Made       map[string]int `json:"made"` // goroutines by who made them
}

// clockTick is what the kernel counts processor time in.
const clockTick = 10 * time.Millisecond

// measureIdle prints what a program with a console, a file and a page uses while it logs
// nothing, beside one that has no logger. They run at the same time, each a process.
func measureIdle(r *report, dir string, scale float64) error {
	length := time.Duration(float64(10*time.Second) * scale)
	t := newTable(fmt.Sprintf("an idle program, %v", length), "", "CPU ms", "ticks of 10 ms", "% of a processor", "goroutines")
	kinds := []string{"nothing", "weir"}
	var children []*child
	defer func() {
		for _, c := range children {
			c.stop()
		}
	}()
	for _, kind := range kinds {
		c, err := startChild("idle", kind, dir, length.String())
		if err != nil {
			return err
		}
		children = append(children, c)
	}
	for i, kind := range kinds {
		var used idled
		if err := children[i].answer(&used, length+childLimit); err != nil {
			return fmt.Errorf("idle: %w", err)
		}
		name := "no logger"
		if kind == "weir" {
			name = "console, file and page"
		}
		percent := 100 * used.CPU.Seconds() / used.Took.Seconds()
		row := t.row(name)
		row.text(fmt.Sprintf("%.1f", used.CPU.Seconds()*1000))
		row.text(fmt.Sprintf("%.1f", used.CPU.Seconds()/clockTick.Seconds()))
		row.text(fmt.Sprintf("%.3f", percent))
		row.number(float64(used.Goroutines))
		if kind == "weir" {
			for _, made := range sortedKeys(used.Made) {
				t.note("%d × %s", used.Made[made], made)
			}
			r.atMost("idle: % of a processor", percent, 0.5, 0)
		}
	}
	t.print(r.out)
	return nil
}

func sortedKeys(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// settleTime is how long a program rests before it counts as idle: the worker parks after
// 30 ms.
const settleTime = 500 * time.Millisecond

// idleChild is the idle program: what it has, a directory, and how long.
func idleChild(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("an idle program needs a kind, a directory and a time, not %q", args)
	}
	length, err := time.ParseDuration(args[2])
	if err != nil {
		return fmt.Errorf("time to idle: %w", err)
	}
	if args[0] == "weir" {
		sink, err := filesink.New(filepath.Join(args[1], "idle.log"), filesink.Options{})
		if err != nil {
			return fmt.Errorf("idle program: %w", err)
		}
		log := weir.New("idle", weir.WithSink(console.New(os.Stderr, console.Options{}), sink), dashboard.Auto(dashboard.Address("127.0.0.1:0"), dashboard.NoOpen()))
		defer log.Close()
		for i := range 100 {
			log.Info("started", "n", i)
		}
		if err := log.Flush(context.Background()); err != nil {
			return err
		}
	}
	time.Sleep(settleTime)
	runtime.GC() // the start's garbage is not the idle time's
	before, begin := cpuTime(), time.Now()
	time.Sleep(length)
	used := idled{CPU: cpuTime() - before, Took: time.Since(begin), Goroutines: runtime.NumGoroutine(), Made: map[string]int{}}
	for _, made := range makers() {
		used.Made[made]++
	}
	return say(used)
}

// makers names, for each goroutine, who made it.
func makers() (out []string) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for goroutine := range strings.SplitSeq(strings.TrimSpace(string(stacks)), "\n\n") {
		by := "main"
		if _, after, ok := strings.Cut(goroutine, "created by "); ok {
			by, _, _ = strings.Cut(after, "\n")
			by, _, _ = strings.Cut(by, " in goroutine")
		}
		out = append(out, by)
	}
	return out
}
