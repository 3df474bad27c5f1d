package weir

import (
	"slices"
	"time"
)

// item is what stands in an outlet's line: a batch, a flush, or the end.
type item struct {
	batch  *batch
	share  int64 // of the batch's records, for this sink
	rescue bool  // the batch is from a sink that failed to write it
	flush  *flushing
	end    bool
}

// push puts an item at the end of the line; the batch's user is then the outlet. Behind
// the end there is nothing: what comes then is missed, and push returns false.
func (o *outlet) push(i item) bool {
	if i.batch != nil {
		if i.share = o.share(i.batch); i.share == 0 {
			i.batch.release()
			return true
		}
		o.waiting.Add(i.share)
		if i.rescue {
			o.rescuing.Add(1)
		}
	}
	o.mu.Lock()
	if o.sealed {
		o.mu.Unlock()
		o.turnAway(i)
		return false
	}
	if len(o.line) == 0 && len(o.hand) == 0 {
		o.moved = time.Now()
	}
	o.line = append(o.line, i)
	o.sealed = i.end
	o.mu.Unlock()
	o.wake()
	return true
}

func (o *outlet) wake() {
	select {
	case o.ready <- struct{}{}:
	default: // a signal is pending already
	}
}

// turnAway counts an item as missed.
func (o *outlet) turnAway(i item) {
	if i.batch != nil {
		o.dropped.Add(uint64(i.share))
		o.settle(&i)
		i.batch.release()
	}
	if i.flush != nil {
		i.flush.done(nil)
	}
}

// settle takes an item out of the numbers of those that wait.
func (o *outlet) settle(i *item) {
	o.waiting.Add(-i.share)
	if i.rescue {
		o.rescuing.Add(-1)
	}
}

// pop takes what comes next into the hand: an item, and with a batch those behind it
// that fit into one write. A sink that is slow for each call, not for each record,
// catches up so.
func (o *outlet) pop() (next item, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) == 0 {
		return item{}, false
	}
	next = o.shift()
	if next.batch == nil {
		return next, true
	}
	o.hand = append(o.hand[:0], next)
	records, bytes := next.batch.size(), next.batch.bytes
	for len(o.line) > 0 {
		b := o.line[0].batch
		if b == nil || (b.count > 0) != (next.batch.count > 0) || records+b.size() > maxBatchRecords || bytes+b.bytes > maxBatchBytes {
			break
		}
		records, bytes = records+b.size(), bytes+b.bytes
		o.hand = append(o.hand, o.shift())
	}
	return next, true
}

// shift removes the first item. The lock is held.
func (o *outlet) shift() item {
	first := o.line[0]
	o.line[0] = item{}
	if o.line = o.line[1:]; len(o.line) == 0 {
		o.line = nil
	}
	return first
}

// putDown gives back what was in the hand.
func (o *outlet) putDown() {
	o.mu.Lock()
	o.moved = time.Now()
	if !o.gaveUp {
		for i := range o.hand {
			o.settle(&o.hand[i])
			o.hand[i].batch.release()
		}
	}
	clear(o.hand)
	o.hand = o.hand[:0]
	o.mu.Unlock()
	o.core.worker.batches.signal()
}

// giveUp takes everything away from a sink that is not waited for any longer; it is
// counted as missed. The sink is closed when it returns.
func (o *outlet) giveUp() {
	o.mu.Lock()
	if o.gaveUp {
		o.mu.Unlock()
		return
	}
	line, hand := o.line, slices.Clone(o.hand)
	o.line, o.sealed, o.gaveUp = nil, true, true
	o.mu.Unlock()
	for i := range hand {
		hand[i].batch.spoil() // the sink may still read it
		o.turnAway(hand[i])
	}
	for _, i := range line {
		o.turnAway(i)
	}
	o.wake()
}

func (o *outlet) isGivenUp() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.gaveUp
}

// skip drops the oldest batch in the line, because the sink is behind.
func (o *outlet) skip() {
	o.mu.Lock()
	at := slices.IndexFunc(o.line, func(i item) bool { return i.batch != nil })
	if at < 0 {
		o.mu.Unlock()
		return
	}
	oldest := o.line[at]
	o.line = slices.Delete(o.line, at, at+1)
	o.mu.Unlock()
	o.turnAway(oldest)
}

// behind reports whether batches wait, and for how long the sink has finished
// nothing.
func (o *outlet) behind(now time.Time) (waits bool, stood time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.line, func(i item) bool { return i.batch != nil }), now.Sub(o.moved)
}
