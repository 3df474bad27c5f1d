package weir

import "time"

// How long a sink that is behind may keep others waiting once the memory for sinks is
// used up.
const (
	// stallPatience is for one that stands still: longer than a disk or a terminal
	// stalls in good health. It is also for one that moves, but so slowly that the queue
	// stays more than half full.
	stallPatience = time.Second
	// fullPatience is for one that stands still while the queue is more than half full.
	fullPatience = 100 * time.Millisecond
	// lookPatience is for a viewer or a tap that stands still: it only looks on.
	lookPatience = 100 * time.Millisecond
)

// patienceAt is how long a sink may have stood still now before it misses records.
func (w *worker) patienceAt(now time.Time) time.Duration {
	switch {
	case w.blocking || !w.core.queue.OverHalf():
		return w.patience
	case w.fullSince.IsZero():
		w.fullSince = now
	case now.Sub(w.fullSince) >= stallPatience:
		return 0
	}
	return min(w.patience, fullPatience)
}

// makeRoom waits while the outlets hold as much as they may. The queue takes in what
// is logged meanwhile.
func (w *worker) makeRoom() {
	if !w.core.queue.OverHalf() {
		w.fullSince = time.Time{}
	}
	for w.batches.live.Load() > w.liveLimit {
		now := time.Now()
		victim, wait := w.core.outlets.stalled(now, w.patienceAt(now), w.strict)
		if victim != nil {
			victim.skip()
			continue
		}
		if wait == 0 {
			return // each outlet is writing its last batch
		}
		w.timer.Reset(wait)
		select {
		case <-w.batches.moved:
		case <-w.timer.C:
		case <-w.ctx.Done():
			return
		}
	}
}

// stalled finds the outlet that keeps the others waiting. wait is how long to wait
// for something to move otherwise; nothing is to be waited for when both are zero.
//
// A sink that is behind is waited for as long as there is no other, or all are
// behind: then the queue's overflow policy decides. When others keep up, it gets
// patience, then it misses its oldest batch. A viewer or a tap gets less of it, whoever keeps
// up. When they keep up that counts, unless strict is set, so that a terminal that was
// stopped does not stop the page.
func (ol *outlets) stalled(now time.Time, patience time.Duration, strict bool) (victim *outlet, wait time.Duration) {
	const poll = 10 * time.Millisecond // the queue fills meanwhile, which is looked at again
	waiting, lookers, keepsUp, longest := false, false, false, time.Duration(-1)
	for _, o := range ol.all() {
		looker := o.inline || o.viewer || o.tap != nil
		waits, stood := o.behind(now)
		switch {
		case waits && looker:
			lookers = true
			if stood >= lookPatience {
				return o, 0
			}
		case waits:
			waiting = true
			if stood > longest {
				victim, longest = o, stood
			}
		default:
			keepsUp = keepsUp || !looker || !strict
		}
	}
	switch {
	case !waiting && !lookers:
		return nil, 0
	case !keepsUp || !waiting:
		return nil, poll
	case longest >= patience:
		return victim, 0
	}
	return nil, min(poll, patience-longest)
}
