package weir

import (
	"slices"
	"time"
)

// push puts an item at the end of the line. Behind the end there is nothing: what
// comes then is missed.
func (o *outlet) push(i item) {
	o.mu.Lock()
	if o.sealed {
		o.mu.Unlock()
		o.turnAway(i)
		return
	}
	if len(o.line) == 0 && !o.busy {
		o.moved = time.Now()
	}
	o.line = append(o.line, i)
	o.sealed = i.end
	o.mu.Unlock()
	if i.batch != nil {
		o.waiting.Add(int64(i.batch.size()))
	}
	select {
	case o.ready <- struct{}{}:
	default: // a signal is pending already
	}
}

func (o *outlet) turnAway(i item) {
	if i.batch != nil {
		o.dropped.Add(o.share(i.batch))
		i.batch.release()
	}
	if i.flush != nil {
		i.flush.done(nil)
	}
}

// pop takes what comes next: an item, and with a batch those behind it that fit into
// one write. A sink that is slow for each call, not for each record, catches up so.
func (o *outlet) pop() (next item, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) == 0 {
		return item{}, false
	}
	next = o.shift()
	o.busy = true
	if next.batch == nil {
		return next, true
	}
	records := next.batch.size()
	for len(o.line) > 0 && o.line[0].batch != nil && (o.line[0].batch.count > 0) == (next.batch.count > 0) &&
		records+o.line[0].batch.size() <= maxBatchRecords {
		more := o.shift().batch
		records += more.size()
		o.more = append(o.more, more)
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

func (o *outlet) finished() {
	o.mu.Lock()
	o.busy, o.moved = false, time.Now()
	o.mu.Unlock()
	o.core.worker.batches.signal()
}

// skip drops the oldest batch in the line, because the sink is behind.
func (o *outlet) skip() {
	o.mu.Lock()
	at := slices.IndexFunc(o.line, func(i item) bool { return i.batch != nil })
	if at < 0 {
		o.mu.Unlock()
		return
	}
	b := o.line[at].batch
	o.line = slices.Delete(o.line, at, at+1)
	o.mu.Unlock()
	o.waiting.Add(-int64(b.size()))
	o.dropped.Add(o.share(b))
	b.release()
}

// behind reports whether batches wait, and for how long the sink has finished
// nothing.
func (o *outlet) behind(now time.Time) (waits bool, stalled time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.line, func(i item) bool { return i.batch != nil }), now.Sub(o.moved)
}
