package intake

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// The waits between questions to a store that does not know what became of a
// batch: short enough that a moment's fault is not noticed, long enough to leave a
// database that restarts alone.
const (
	askAgainFirst = 20 * time.Millisecond
	askAgainMost  = 2 * time.Second
)

// run is the committer: the only goroutine that gives positions, calls the store
// and publishes. It ends when the queue is closed and empty, or when Close has
// given up.
func (in *Intake) run() {
	defer close(in.done)
	for {
		parts := in.queue.take(in.opts.CommitRecords, in.opts.CommitBytes)
		if parts == nil {
			return
		}
		if in.ctx.Err() != nil {
			in.settleFailed(parts, ReasonClosed, ErrClosed)
			continue
		}
		in.commit(parts)
	}
}

// commit stores and publishes one batch and settles the entries that end with it.
func (in *Intake) commit(parts []part) {
	records := join(parts)
	last := in.stamp(records)
	start := time.Now()
	b := store.Batch{ID: rand.Text(), Records: records}
	name(&b, parts)
	err := in.append(b)
	in.timing.observe(time.Since(start))
	switch {
	case err == nil:
		in.last = last
		in.failing.Store(nil)
		in.hub.Publish(records)
		in.settleStored(parts, records)
	case errors.Is(err, store.ErrAmbiguous):
		in.settleUnknown(parts, err)
	default:
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		in.fail(err)
		in.settleFailed(parts, ReasonStorage, err)
	}
}

// stamp gives the records their positions and times and returns the last position.
// It is not remembered before the batch is committed: positions of a refused batch
// were seen by nobody.
func (in *Intake) stamp(records []record.Record) record.Position {
	now := in.opts.Clock()
	observed := now.UTC().Truncate(time.Microsecond)
	next := record.NextPosition(in.last, now)
	for i := range records {
		r := &records[i]
		r.ID = next + record.Position(i)
		r.Observed = observed
		if r.Time.IsZero() {
			r.Time = observed
		}
	}
	return records[len(records)-1].ID
}

// append commits the batch and does not return before its outcome is known, but
// for one case: Close gave up while the store had no answer. The error then wraps
// store.ErrAmbiguous.
func (in *Intake) append(b store.Batch) error {
	for {
		err := in.writer.Append(in.ctx, b)
		if !errors.Is(err, store.ErrAmbiguous) {
			return err
		}
		in.ambiguous.Add(1)
		in.fail(fmt.Errorf("%w: %w", ErrUnavailable, err))
		committed, asked := in.wasCommitted(b.ID)
		if asked != nil {
			return fmt.Errorf("%w (%w)", err, asked)
		}
		if committed {
			return nil
		}
	}
}

// wasCommitted asks the store for its last commit until it answers. No other batch
// can have been committed since: this is the only writer.
func (in *Intake) wasCommitted(id string) (bool, error) {
	wait := time.NewTimer(0)
	defer wait.Stop()
	for pause := askAgainFirst; ; pause = min(2*pause, askAgainMost) {
		select {
		case <-wait.C:
		case <-in.ctx.Done():
			return false, context.Cause(in.ctx)
		}
		last, err := in.writer.LastCommit(in.ctx)
		if err == nil {
			return last.BatchID == id, nil
		}
		wait.Reset(pause)
	}
}

// settleStored takes the positions from the committed records, which the parts may
// have been copied into.
func (in *Intake) settleStored(parts []part, records []record.Record) {
	for _, p := range parts {
		e := p.entry
		n := p.to - p.from
		if e.stored == 0 {
			e.first = records[0].ID
		}
		e.last = records[n-1].ID
		records = records[n:]
		e.stored = p.to
		in.ledger.store(e.line, uint64(n))
		if e.stored == len(e.records) {
			in.settle(e)
		}
	}
}

// settleFailed ends every entry of a refused batch, with what of it had not been
// tried yet: a part stored behind one that is missing would be out of order.
func (in *Intake) settleFailed(parts []part, reason string, err error) {
	for _, p := range parts {
		e := p.entry
		in.ledger.refuse(e.line, reason, uint64(len(e.records)-e.stored))
		e.err = fmt.Errorf("%d of %d records were stored: %w", e.stored, len(e.records), err)
		in.settle(e)
	}
}

// settleUnknown ends entries whose outcome nobody can tell. The part in question
// stays pending in the ledger, because it is neither stored nor refused.
func (in *Intake) settleUnknown(parts []part, err error) {
	for _, p := range parts {
		e := p.entry
		in.ledger.refuse(e.line, ReasonClosed, uint64(len(e.records)-p.to))
		e.err = fmt.Errorf("%d of %d records were stored and %d may be: %w", e.stored, len(e.records), p.to-p.from, err)
		in.settle(e)
	}
}

func (in *Intake) settle(e *entry) {
	in.queue.settled(e)
	close(e.done)
}

// join makes one batch of the parts. The hub keeps it, so it must not be shared
// with what of an entry goes into a later batch: its capacity ends with it.
func join(parts []part) []record.Record {
	if len(parts) == 1 {
		p := parts[0]
		return p.entry.records[p.from:p.to:p.to]
	}
	n := 0
	for _, p := range parts {
		n += p.to - p.from
	}
	out := make([]record.Record, 0, n)
	for _, p := range parts {
		out = append(out, p.entry.records[p.from:p.to]...)
	}
	return out
}
