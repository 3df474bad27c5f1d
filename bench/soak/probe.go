package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// mood is how badly a sink behaves.
type mood struct {
	stalls, fails, panics, exits float64       // of calls
	stall                        time.Duration // at most
	slow                         time.Duration // each call
}

// The moods.
func steady() mood    { return mood{} }
func stalling() mood  { return mood{stalls: 0.2, stall: 60 * time.Millisecond} }
func failing() mood   { return mood{fails: 0.3} }
func panicking() mood { return mood{panics: 0.2, fails: 0.05} }
func exiting() mood   { return mood{exits: 0.2} }
func slow() mood      { return mood{slow: 3 * time.Millisecond} }
func terrible() mood {
	return mood{stalls: 0.1, stall: 200 * time.Millisecond, fails: 0.1, panics: 0.1, exits: 0.1}
}

// probe is a sink that checks what it is given and counts it.
type probe struct {
	name  string
	round *round
	mood  mood
	ended atomic.Bool // the calls of Close
	hangs atomic.Bool // the next call waits for the round's end

	mu      sync.Mutex
	random  *rand.Rand
	last    []uint64 // by caller
	first   []uint64 // the same, of the first record; nil: nobody asks
	lastSeq uint64
	// The counts that Stats should have.
	batches, records, errors, failed uint64
	added                            uint64 // of the records, those that processors have added
	closes                           int
}

var (
	errSink = errors.New("this sink fails now and then")

	_ weir.Sink     = (*probe)(nil)
	_ weir.LineSink = (*lineProbe)(nil)
	_ weir.Viewer   = (*viewerProbe)(nil)
)

// lineProbe takes lines.
type lineProbe struct{ *probe }

// AcceptsLines implements weir.LineSink.
func (p *lineProbe) AcceptsLines() bool { return true }

// WriteLines implements weir.LineSink.
func (p *lineProbe) WriteLines(_ context.Context, lines []byte, records int) error {
	defer p.enter()()
	n := 0
	for line := range bytes.Lines(lines) {
		n++
		a, err := arrivalOfLine(line)
		p.take(&a, err)
	}
	if n != records || !bytes.HasSuffix(lines, []byte{'\n'}) {
		p.round.wrong("%s: %d lines were announced, %d came", p.name, records, n)
	}
	return p.behave(uint64(records))
}

// viewerProbe only looks on.
type viewerProbe struct{ *probe }

// Viewer implements weir.Viewer.
func (p *viewerProbe) Viewer() {}

// WriteBatch implements weir.Sink.
func (p *probe) WriteBatch(_ context.Context, batch []record.Record) error {
	defer p.enter()()
	for i := range batch {
		a, err := arrivalOf(&batch[i])
		p.take(&a, err)
	}
	return p.behave(uint64(len(batch)))
}

// Close implements weir.Sink.
func (p *probe) Close() error {
	defer p.enter()()
	if p.closes++; p.closes > 1 {
		p.round.wrong("%s was closed again", p.name)
	}
	p.ended.Store(true)
	return nil
}

// enter starts a call. There is one at a time, none after Close.
func (p *probe) enter() (leave func()) {
	if !p.mu.TryLock() {
		p.round.wrong("%s is called by two at once", p.name)
		p.mu.Lock()
	}
	if p.closes > 0 {
		p.round.wrong("%s is called after Close", p.name)
	}
	return p.mu.Unlock
}

// take checks a record: one of this round, that was sent, and newer than the ones
// before of the same caller.
func (p *probe) take(a *arrival, err error) {
	switch {
	case err != nil:
		p.round.wrong("%s: %v", p.name, err)
	case a.added:
		p.added++
	case a.round != p.round.number || a.caller >= len(p.last):
		p.round.wrong("%s: a stranger: %v", p.name, a.mark)
	case a.number > p.round.callers[a.caller].sent.Load():
		p.round.wrong("%s: %v was never sent", p.name, a.mark)
	case a.number == p.last[a.caller]:
		p.round.wrong("%s: %v came twice", p.name, a.mark)
	case a.number < p.last[a.caller]:
		p.round.wrong("%s: %v came after %d", p.name, a.mark, p.last[a.caller])
	case a.seq <= p.lastSeq:
		p.round.wrong("%s: %v has the number %d after %d", p.name, a.mark, a.seq, p.lastSeq)
	default:
		if p.first != nil && p.first[a.caller] == 0 {
			p.first[a.caller] = a.number
		}
		p.last[a.caller], p.lastSeq = a.number, a.seq
	}
}

// behave ends a call as the mood has it, and counts as Stats should.
func (p *probe) behave(n uint64) error {
	p.batches++
	p.records += n
	if p.hangs.Load() {
		<-p.round.over
	}
	if p.mood.slow > 0 {
		time.Sleep(p.mood.slow)
	}
	if p.chance(p.mood.stalls) {
		time.Sleep(time.Duration(p.random.Int64N(int64(p.mood.stall))))
	}
	switch {
	case p.chance(p.mood.fails):
		p.fail(n)
		return errSink
	case p.chance(p.mood.panics):
		p.fail(n)
		panic(errSink)
	case p.chance(p.mood.exits):
		p.fail(n)
		runtime.Goexit()
	}
	return nil
}

func (p *probe) chance(of float64) bool { return of > 0 && p.random.Float64() < of }

func (p *probe) fail(n uint64) {
	p.errors++
	p.failed += n
}

// firstOf returns the number of the first record of a caller, 0 when there was none.
func (p *probe) firstOf(caller int) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.first[caller]
}

// counts are a probe's numbers.
type counts struct{ batches, records, errors, failed, added uint64 }

func (p *probe) counts() counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return counts{p.batches, p.records, p.errors, p.failed, p.added}
}
