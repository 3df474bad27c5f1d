package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/sink/jsonl"
)

const (
	viewersPace = 20_000
	manyViewers = 10
	// viewersRounds is how many turns there are of each kind.
	viewersRounds = 4
	// pageRecords is what the page keeps: half a second, so that a viewer that is stopped for a
	// turn has a gap.
	pageRecords = viewersPace / 2
)

// audience is who looks at the page during a turn.
type audience struct {
	name    string
	viewers int
	stopped bool // the last of them, with SIGSTOP, while it is measured
}

func audiences() []audience {
	return []audience{
		{name: "nobody"},
		{name: fmt.Sprintf("%d viewers", manyViewers), viewers: manyViewers},
		{name: fmt.Sprintf("%d viewers, one stopped", manyViewers), viewers: manyViewers, stopped: true},
	}
}

// turns is what was measured with one audience.
type turns struct {
	times    []float64
	p50, p99 []float64 // of each turn
	wrong    int       // viewers for whom shown + skipped is not what was logged
	gaps     uint64    // declared to the viewers that were not stopped
	stopped  uint64    // turns in which the stopped viewer was declared a gap
	dropped  uint64    // records that the logger has dropped
	skipped  uint64
}

// measureViewers prints what viewers in other processes cost the calls of a program
// with a page.
func measureViewers(r *report, dir string, scale float64) error {
	page, err := newPage(dir)
	if err != nil {
		return err
	}
	defer page.close()
	length := time.Duration(float64(1500*time.Millisecond) * scale)
	all := audiences()
	results := make([]turns, len(all))
	for round := range viewersRounds {
		for i := range all {
			at := (i + round) % len(all)
			if err := page.turn(&results[at], all[at], length); err != nil {
				return err
			}
		}
	}
	t := newTable(fmt.Sprintf("ns of single calls with 3 attributes at %s/s, by viewers of the program's page (× nobody)", thousands(viewersPace)),
		"", "p50", "p99", "p99.9", "longest", "dropped", "shown + gaps ≠ logged", "gaps", "records in them")
	nobody := newSample(results[0].times)
	for i, a := range all {
		v, row := newSample(results[i].times), t.row(a.name)
		for _, p := range []float64{0.5, 0.99, 0.999, 1} {
			row.ratio(v.at(p), nobody.at(p))
		}
		row.number(float64(results[i].dropped))
		row.number(float64(results[i].wrong))
		row.number(float64(results[i].gaps))
		row.number(float64(results[i].skipped))
	}
	t.note("The page keeps %s records. The stopped viewer was told of a gap in %d of %d turns.", thousands(pageRecords), results[2].stopped, viewersRounds)
	t.print(r.out)
	r.atMost("10 viewers: p50 / with nobody", paired(results[1].p50, results[0].p50), 1.1, 0)
	r.atMost("10 viewers: p99 / with nobody", paired(results[1].p99, results[0].p99), 2, 0)
	r.atMost("one of 10 viewers stopped: p50 / not stopped", paired(results[2].p50, results[1].p50), 1.1, 0)
	r.atMost("one of 10 viewers stopped: p99 / not stopped", paired(results[2].p99, results[1].p99), 2, 0)
	r.atMost("viewers: shown + gaps is not what was logged", float64(results[1].wrong+results[2].wrong), 0, 0)
	return nil
}

// page is a program with a file and a page.
type page struct {
	log    *weir.Logger
	file   *file
	server *http.Server
	url    string
}

func newPage(dir string) (*page, error) {
	f, err := create(dir, &subject{}, false)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.remove()
		return nil, fmt.Errorf("listen: %w", err)
	}
	p := &page{file: f, url: "http://" + listener.Addr().String()}
	p.log = weir.New("bench", weir.WithSink(jsonl.New(f)), weir.WithoutSource())
	p.server = &http.Server{Handler: dashboard.Handler(p.log, dashboard.Memory(hub.Options{MaxRecords: pageRecords}))}
	go func() {
		_ = p.server.Serve(listener) // it ends by close
	}()
	return p, nil
}

func (p *page) close() {
	_ = p.log.Close()
	_ = p.server.Close()
	p.file.remove()
}

// turn logs with an audience, and adds up.
func (p *page) turn(sum *turns, a audience, length time.Duration) (err error) {
	var groups []*child
	defer func() {
		for _, g := range groups {
			g.stop()
		}
	}()
	sizes := []int{}
	if a.viewers > 0 {
		sizes = []int{a.viewers - 1, 1} // the one that may be stopped is a process of its own
	}
	for _, n := range sizes {
		g, err := startChild("viewers", p.url, strconv.Itoa(n))
		if err != nil {
			return err
		}
		groups = append(groups, g)
		var ready int
		if err := g.answer(&ready, childLimit); err != nil {
			return fmt.Errorf("viewers: %w", err)
		}
	}
	before := p.log.Stats()
	if a.stopped {
		if err := p.signal(groups[1], syscall.SIGSTOP); err != nil {
			return err
		}
	}
	times := p.measure(length)
	if a.stopped {
		if err := p.signal(groups[1], syscall.SIGCONT); err != nil {
			return err
		}
	}
	p.log.Info(lastMessage)
	if err := p.log.Flush(context.Background()); err != nil {
		return err
	}
	after := p.log.Stats()
	sum.dropped += after.Dropped.Total() - before.Dropped.Total()
	sum.times = append(sum.times, times...)
	sorted := newSample(times)
	sum.p50, sum.p99 = append(sum.p50, sorted.at(0.5)), append(sum.p99, sorted.at(0.99))
	for i, g := range groups {
		var seen []viewed
		if err := g.answer(&seen, childLimit); err != nil {
			return fmt.Errorf("viewers: %w", err)
		}
		sum.add(seen, after.Written-before.Written, a.stopped && i == 1)
	}
	return nil
}

func (s *turns) add(seen []viewed, logged uint64, stopped bool) {
	for _, v := range seen {
		if v.Shown+v.Skipped != logged {
			s.wrong++
		}
		s.skipped += v.Skipped
		s.gaps += v.Gaps
		if stopped && v.Gaps > 0 {
			s.stopped++
		}
	}
}

func (p *page) measure(length time.Duration) []float64 {
	ctx := context.Background()
	return pace{perSecond: viewersPace, goroutines: 1, step: time.Millisecond}.run(func(i int) {
		p.log.LogAttrs(ctx, slog.LevelInfo, message, slog.String("path", path), slog.Int("n", i), slog.Float64("ms", number(i)))
	}, length)
}

func (p *page) signal(c *child, s syscall.Signal) error {
	if err := c.command.Process.Signal(s); err != nil {
		return fmt.Errorf("signal a viewer: %w", err)
	}
	return nil
}
