package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
)

// patience is how long anything may take before it counts as hanging. Sinks stall for
// less.
const patience = 30 * time.Second

// settleLimit is how long sinks may take, once nobody logs, to write what waits for
// them: what MemoryLimit holds, with stalls at many batches.
const settleLimit = 20 * time.Second

// round is a logger's life: callers log, sinks misbehave, come and go, and the books
// must balance.
type round struct {
	number uint64
	seed   uint64
	plan   plan
	totals *totals

	log     *weir.Logger
	witness *witness
	sinks   []*member
	callers []*caller
	global  *meddler

	gate  sync.RWMutex // held while callers rest
	over  chan struct{}
	probe atomic.Uint64 // numbers of names

	mu     sync.Mutex
	faults []string
	random *rand.Rand // of newProbe
}

// member is a sink that is in the logger.
type member struct {
	sink     weir.Sink
	probe    *probe
	watch    *watch // nil: what it gets are another's failed ones
	meddler  *meddler
	rescuer  *member // its fallback
	rescues  *member // whose fallback it is
	unsure   bool    // added while others logged: what it should have is known within bounds
	optional bool    // may be removed
	atRoot   bool    // a plain sink of the root
}

// maxFaults is how many faults of a round are kept.
const maxFaults = 20

// wrong notes a fault.
func (r *round) wrong(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, fmt.Sprintf(format, args...))
	}
}

func (r *round) isWrong() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.faults) > 0
}

// newRound makes a logger by the plan.
func newRound(number, seed uint64, t *totals) *round {
	seed ^= number * 0x9e3779b97f4a7c15
	random := rand.New(rand.NewPCG(seed, 1))
	r := &round{number: number, seed: seed, plan: planOf(number, random), totals: t, over: make(chan struct{}), random: rand.New(rand.NewPCG(seed, 2))}
	r.witness = &witness{probe: probe{name: "witness", round: r, last: make([]uint64, r.plan.callers)}}
	o := weir.Options{
		Level: weir.LevelDebug, Overflow: r.plan.policy, BlockTimeout: r.plan.block, MemoryLimit: r.plan.memory, MaxRecords: r.plan.records,
		Diagnostics: func(error) {}, ErrorOutput: io.Discard, CloseTimeout: patience,
		Sinks: []weir.Sink{weir.ConfigureSink(r.witness, weir.SinkOptions{Name: "witness"})},
	}
	if r.plan.hangs {
		o.CloseTimeout = time.Duration(20+random.IntN(300)) * time.Millisecond
	}
	if r.plan.processors {
		r.global = &meddler{drops: 17, adds: 23, fails: 29, panics: 211}
		o.Processors = []weir.Processor{r.global}
	}
	r.addSinks(&o)
	runtime.GOMAXPROCS(r.plan.procs)
	// The numbers that New may give at once are those of callers that do not log yet.
	for range r.plan.callers {
		r.callers = append(r.callers, nil)
	}
	r.log = weir.New(rootName, weir.WithOptions(o))
	for id := range r.callers {
		r.callers[id] = newCaller(r, id)
	}
	for _, m := range r.sinks {
		if m.watch != nil {
			r.witness.added(m.watch)
		}
	}
	return r
}

// addSinks gives the logger the plan's sinks from the start.
func (r *round) addSinks(o *weir.Options) {
	everything := func(string) bool { return true }
	root := everything
	if r.plan.named {
		root = func(name string) bool { return !below(name, "app.db") }
		db, http := r.newMember("db", steady(), func(name string) bool { return below(name, "app.db") }), r.newMember("http", slow(), func(name string) bool { return below(name, "app.http") })
		o.Loggers = map[string]weir.LoggerOptions{
			"app.db":   {Sinks: []weir.Sink{r.configured(db, weir.SinkOptions{})}},
			"app.http": {Sinks: []weir.Sink{r.configured(http, weir.SinkOptions{})}, Propagate: true, Attrs: []slog.Attr{slog.String("part", "http")}},
		}
	}
	for _, mood := range r.plan.moods {
		m := r.newMember("root", mood, root)
		m.atRoot = true
		o.Sinks = append(o.Sinks, r.configured(m, weir.SinkOptions{}))
	}
	if r.plan.viewer && !r.plan.lines {
		m := r.newMember("viewer", stalling(), everything)
		m.sink = &viewerProbe{m.probe}
		o.Sinks = append(o.Sinks, r.configured(m, weir.SinkOptions{}))
	}
	if !r.plan.lines {
		r.addPicky(o, root)
	}
}

// addPicky adds sinks with levels, processors and a fallback.
func (r *round) addPicky(o *weir.Options, root func(string) bool) {
	warnings := r.newMember("warnings", failing(), root)
	fallback := r.newMember("fallback", panicking(), nil)
	warnings.rescuer, fallback.rescues = fallback, warnings
	o.Sinks = append(o.Sinks, r.configured(warnings, weir.SinkOptions{Level: weir.LevelWarn, Fallback: r.configured(fallback, weir.SinkOptions{})}))
	picky := r.newMember("picky", exiting(), root)
	picky.meddler = &meddler{drops: 5, adds: 7, fails: 11, panics: 101}
	o.Sinks = append(o.Sinks, r.configured(picky, weir.SinkOptions{Processors: []weir.Processor{picky.meddler}}))
	holding := r.newMember("holding", terrible(), root)
	h := &holder{meddler{drops: 3, holds: 13}}
	holding.meddler = &h.meddler
	o.Sinks = append(o.Sinks, r.configured(holding, weir.SinkOptions{Processors: []weir.Processor{h}}))
}

// newProbe makes a sink. Its name is its own.
func (r *round) newProbe(name string, m mood) *probe {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.probe.Add(1)
	return &probe{
		name: fmt.Sprintf("%s %d", name, n), round: r, mood: m, last: make([]uint64, r.plan.callers), first: make([]uint64, r.plan.callers),
		random: rand.New(rand.NewPCG(r.random.Uint64(), n)),
	}
}

// newMember makes a sink that is about to be added; admits are the names whose records
// it gets.
func (r *round) newMember(name string, mood mood, admits func(string) bool) *member {
	m := &member{probe: r.newProbe(name, mood)}
	m.sink = m.probe
	if r.plan.lines {
		m.sink = &lineProbe{m.probe}
	}
	if admits != nil {
		m.watch = r.witness.expect(admits)
	}
	r.sinks = append(r.sinks, m)
	return m
}

func (r *round) configured(m *member, o weir.SinkOptions) weir.Sink {
	o.Name = m.probe.name
	return weir.ConfigureSink(m.sink, o)
}

// phases is how often a round rests for its books.
const phases = 3

// run lives the round.
func (r *round) run(length time.Duration) (faults []string) {
	stop := make(chan struct{})
	var callers, manager sync.WaitGroup
	for _, c := range r.callers {
		callers.Go(func() { c.run(stop) })
	}
	for phase := range uint64(phases) {
		still := make(chan struct{})
		manager.Go(func() { r.manage(phase, still) })
		time.Sleep(length / phases)
		close(still)
		manager.Wait()
		r.rest()
		if r.isWrong() {
			break
		}
	}
	r.end(stop, &callers)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.faults
}

// rest stops the callers, lets everything settle, and balances.
func (r *round) rest() {
	r.gate.Lock()
	defer r.gate.Unlock()
	r.settle(func() []string {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		// That a sink has failed is expected; that it takes so long is not.
		if err := r.log.Flush(ctx); err != nil && ctx.Err() != nil {
			return []string{fmt.Sprintf("flush: %v", err)}
		}
		return r.balance(true)
	})
}

// settle tries until nothing is wrong, or for long enough: at rest the books balance at
// last, and stay so. Once something is wrong there is no point in waiting for the rest.
func (r *round) settle(wrongs func() []string) {
	limit := settleLimit
	if r.isWrong() {
		limit = 0
	}
	for end := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		found := wrongs()
		if len(found) == 0 {
			return
		}
		if time.Now().After(end) {
			for _, f := range found {
				r.wrong("%s", f)
			}
			return
		}
	}
}

// end closes the logger, perhaps while others log and a sink hangs.
func (r *round) end(stop chan struct{}, callers *sync.WaitGroup) {
	if !r.plan.closesEarly {
		close(stop)
		callers.Wait()
	}
	if r.plan.hangs {
		r.sinks[r.seed%uint64(len(r.sinks))].probe.hangs.Store(true)
	}
	began := time.Now()
	err := r.log.Close()
	if took := time.Since(began); took > 2*patience {
		r.wrong("close took %v", took)
	}
	if r.plan.closesEarly {
		time.Sleep(2 * time.Millisecond) // some more calls, which are counted as closed
		close(stop)
		callers.Wait()
	}
	abandoned := r.log.Stats().Dropped.Abandoned > 0
	if abandoned && (err == nil || !r.plan.hangs) && time.Since(began) < patience {
		r.wrong("close: %v, but records were abandoned", err)
	}
	// After Close the whole balances at once; the sinks when the last has ended.
	for _, f := range r.ledger() {
		r.wrong("after close: %s", f)
	}
	close(r.over)
	r.settle(func() []string { return r.balance(err == nil) })
	r.settle(r.notClosed)
	r.totals.add(r.log.Stats())
}

// notClosed names sinks whose Close was not called.
func (r *round) notClosed() (wrong []string) {
	for _, m := range r.sinks {
		if !m.probe.ended.Load() {
			wrong = append(wrong, m.probe.name+" was not closed")
		}
	}
	if !r.witness.ended.Load() {
		wrong = append(wrong, "the witness was not closed")
	}
	return wrong
}
