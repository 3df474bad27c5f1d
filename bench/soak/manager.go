package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/weirlog/weir"
)

// addedSinks is how many sinks are added beside those of the start, at most at once.
const addedSinks = 3

// manage changes what a running program may: levels, names, sinks. It flushes and
// asks for numbers as well.
func (r *round) manage(phase uint64, stop <-chan struct{}) {
	random := rand.New(rand.NewPCG(r.seed, 50+phase))
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(random.IntN(8)) * time.Millisecond):
		}
		switch random.IntN(12) {
		case 0, 1, 2:
			r.changeLevel(random)
		case 3:
			r.log.Named(fmt.Sprintf("jobs.%d", random.IntN(40))).Enabled(context.Background(), slog.LevelInfo)
		case 4:
			r.flush()
		case 5, 6:
			r.look()
		case 7, 8:
			if !r.plan.lines || random.IntN(4) == 0 {
				r.addSink(random)
			}
		case 9, 10:
			r.removeSink()
		case 11:
			r.log.SetDefaults(slog.Int("generation", random.IntN(100)))
			r.addAgain()
		}
	}
}

func (r *round) changeLevel(random *rand.Rand) {
	name := append(names, "")[random.IntN(len(names)+1)]
	// ERROR stays enabled: some calls rely on it.
	level := []slog.Level{weir.LevelTrace, weir.LevelDebug, weir.LevelInfo, weir.LevelWarn}[random.IntN(4)]
	back := []time.Duration{0, 3 * time.Millisecond}[random.IntN(2)]
	if err := r.log.SetLevel(name, level, back); err != nil {
		r.wrong("set level: %v", err)
	}
	_ = r.log.Levels()
}

func (r *round) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.log.Flush(ctx); err != nil && ctx.Err() != nil {
		r.wrong("flush: %v", err)
	}
}

// look checks the bounds, which hold at any time.
func (r *round) look() {
	s := r.log.Stats()
	if limit := r.plan.memory - r.plan.memory/4; s.QueueMemory > limit {
		r.wrong("the queue has %d bytes of %d", s.QueueMemory, limit)
	}
	if r.plan.records > 0 && s.QueueRecords > r.plan.records {
		r.wrong("the queue has %d records of %d", s.QueueRecords, r.plan.records)
	}
}

// addSink adds a sink while others log.
func (r *round) addSink(random *rand.Rand) {
	added := 0
	for _, m := range r.sinks {
		if m.optional {
			added++
		}
	}
	if added == addedSinks {
		return
	}
	root := func(name string) bool { return !r.plan.named || !below(name, "app.db") }
	to := ""
	admits := root
	if random.IntN(2) == 0 {
		to = "app.jobs"
		admits = func(name string) bool { return below(name, "app.jobs") }
	}
	m := r.newMember("added", []mood{steady(), stalling(), terrible()}[random.IntN(3)], admits)
	m.unsure, m.optional = true, true
	var err error
	if to == "" {
		err = r.log.AddSink(r.configured(m, weir.SinkOptions{}))
	} else {
		err = r.log.AddSinkTo(to, r.configured(m, weir.SinkOptions{}))
	}
	if err != nil {
		r.wrong("add a sink: %v", err)
	}
	r.witness.added(m.watch)
	r.totals.added.Add(1)
}

// addAgain gives a sink of the root a further place, below the root: it gets nothing else and
// misses nothing. It also ends the way of lines, so not in rounds that are about it.
func (r *round) addAgain() {
	for _, m := range r.sinks {
		if m.atRoot && !r.plan.lines {
			if err := r.log.AddSinkTo("app.jobs", m.sink); err != nil {
				r.wrong("add a sink again: %v", err)
			}
			return
		}
	}
}

// removeSink removes the sink that was added first.
func (r *round) removeSink() {
	for i, m := range r.sinks {
		if !m.optional {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := r.log.RemoveSink(ctx, m.sink); err != nil && ctx.Err() != nil {
			r.wrong("remove a sink: %v", err)
		}
		if !m.probe.ended.Load() {
			r.wrong("%s was removed and not closed", m.probe.name)
		}
		if _, high := r.witness.bounds(m.watch); m.probe.counts().records > high {
			r.wrong("%s got %d records of %d", m.probe.name, m.probe.counts().records, high)
		}
		r.witness.forget(m.watch)
		r.sinks = append(r.sinks[:i], r.sinks[i+1:]...)
		return
	}
}
