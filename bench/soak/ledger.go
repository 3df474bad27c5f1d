package main

import (
	"fmt"

	"github.com/weirlog/weir"
)

// wrongs collects what does not balance.
type wrongs []string

func (w *wrongs) equal(what string, got, want uint64) {
	if got != want {
		*w = append(*w, fmt.Sprintf("%s: %d, want %d (%+d)", what, got, want, int64(got-want)))
	}
}

// ledger compares Stats with what was sent.
func (r *round) ledger() (w wrongs) {
	s := r.log.Stats()
	var sent uint64
	var byLevel [levels]uint64
	var full, closed, tries uint64
	for _, c := range r.callers {
		sent += c.sent.Load()
		full, closed, tries = full+c.full.Load(), closed+c.closed.Load(), tries+c.tries.Load()
		for i := range byLevel {
			byLevel[i] += c.byLevel[i].Load()
		}
	}
	w.equal("sent = emitted", s.Emitted, sent)
	w.equal("sent = written + dropped", s.Written+s.Dropped.Total(), sent)
	w.equal("waiting", s.Waiting, 0)
	w.equal("corrupt", s.Dropped.Corrupt, 0)
	for i, l := range s.Levels {
		w.equal(l.Level+" sent = written + dropped", l.Written+l.Dropped.Total(), byLevel[i])
	}
	refused := s.Dropped.OverflowNewest + s.Dropped.BlockTimeout + s.Dropped.Fail
	if tries == sent {
		w.equal("TryLog was told of a full queue", full, refused)
		w.equal("TryLog was told that the logger is closed", closed, s.Dropped.Closed)
	}
	if full > refused {
		w = append(w, fmt.Sprintf("TryLog was told %d times of a full queue, %d are counted", full, refused))
	}
	w.policy(r.plan.policy, &s)
	return w
}

// policy checks that records are dropped for the reasons of the policy alone.
func (w *wrongs) policy(p weir.Overflow, s *weir.Stats) {
	d := s.Dropped
	if p != weir.DropOldest {
		w.equal("dropped as oldest under "+p.String(), d.OverflowOldest, 0)
	}
	if p != weir.DropNewest && p != weir.DropOldest {
		w.equal("dropped as newest under "+p.String(), d.OverflowNewest, 0)
	}
	if p != weir.Block {
		w.equal("timed out under "+p.String(), d.BlockTimeout, 0)
	}
	if p != weir.Fail {
		w.equal("failed under "+p.String(), d.Fail, 0)
	}
}

// balance is the ledger with that of each sink. whole says that all that was written has
// reached the sinks' lines, which is not so when Close has given up.
func (r *round) balance(whole bool) (w wrongs) {
	w = r.ledger()
	s := r.log.Stats()
	seen, copies := r.witness.totals()
	if whole {
		w.equal("written = seen + filtered", seen-copies+s.Filtered, s.Written)
	}
	if whole && r.global != nil {
		w.equal("added by the processor of all records", copies, r.global.added.Load())
	}
	bySink := map[string]weir.SinkStats{}
	var errors uint64
	for _, sink := range s.Sinks {
		bySink[sink.Name] = sink
		errors += sink.Errors
	}
	w.equal("sink errors", s.SinkErrors, errors)
	for _, m := range r.sinks {
		sink, ok := bySink[m.probe.name]
		if !ok {
			w = append(w, m.probe.name+" is not in Stats")
			continue
		}
		w.seen(m, &sink, whole)
		if m.rescues != nil {
			other := bySink[m.rescues.probe.name]
			w.equal(sink.Name+", records + dropped = failed of the other", sink.Records+sink.Filtered+sink.Dropped, other.Failed)
			continue
		}
		if !whole && m.meddler != nil && m.probe.hangs.Load() {
			continue // what its processor has added to the batch that was given up went nowhere
		}
		r.sink(&w, m, &sink)
	}
	return w
}

// seen compares the numbers of one sink with what it has seen. A sink that Close has given
// up may return from one call more, whose records are counted as dropped.
func (w *wrongs) seen(m *member, s *weir.SinkStats, whole bool) {
	name, c := m.probe.name, m.probe.counts()
	w.equal(name+", waiting", s.Waiting, 0)
	if !whole && s.Batches+1 == c.batches && s.Records < c.records && s.Errors <= c.errors && s.Failed <= c.failed {
		return
	}
	w.equal(name+", batches", s.Batches, c.batches)
	w.equal(name+", records", s.Records, c.records)
	w.equal(name+", errors", s.Errors, c.errors)
	w.equal(name+", failed", s.Failed, c.failed)
}

// sink compares the numbers of one sink with what it should have.
func (r *round) sink(w *wrongs, m *member, s *weir.SinkStats) {
	name, sum := m.probe.name, s.Records+s.Filtered+s.Dropped+s.Waiting
	if m.meddler != nil {
		sum -= m.meddler.added.Load()
	}
	low, high := r.witness.bounds(m.watch)
	if !m.unsure {
		w.equal(name+", records + filtered + dropped + waiting", sum, high)
	} else if sum < low || sum > high {
		*w = append(*w, fmt.Sprintf("%s, records + filtered + dropped + waiting: %d, want %d to %d", name, sum, low, high))
	}
}
