package gate

import (
	"context"
	"fmt"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
)

// recordStep is how many records room is taken for at once.
const recordStep = 64

// Parts stores the records of one request, in parts when they are many, so that a body
// of very many tiny ones never is in memory as a whole. It has one user at a time.
type Parts struct {
	// Key, when it is set, makes the records be stored once.
	Key *intake.Key
	// Skip is how many records from the front are stored already: they are counted as
	// duplicates, and not stored again. It may be set, also by Check, until the first
	// part is stored.
	Skip int
	// Check, when it is set, is called once before a part is stored while there may be
	// more. Its error is returned, and nothing of the request is stored: what is wrong
	// with the rest of a body should be known before the first record is kept. It returns
	// the number of all records, as far as it looked: more than the gate takes of one
	// body, told by Limit, are refused.
	Check func() (records int, err error)

	ctx   context.Context
	req   *Request
	batch []record.Record
	front int // records before those of batch: stored ones and skipped ones
	room  int64
	total intake.Receipt
	count int // records that were added
	err   error
}

// Parts begins to store a request's records. ctx ends the waiting for room; the caller
// must call End.
func (q *Request) Parts(ctx context.Context) *Parts {
	p := &Parts{ctx: ctx, req: q}
	q.parts = append(q.parts, p)
	return p
}

// Limit is how many records one body may have.
func (p *Parts) Limit() int { return p.req.gate.perBody }

// Add takes the next record, and stores those that wait when there is no room for
// more. After an error it takes no more; the error is one of intake or a *Refusal.
func (p *Parts) Add(r record.Record) error {
	if p.err != nil {
		return p.err
	}
	if p.count++; p.count > p.Limit() {
		p.err = tooMany(p.Limit())
		return p.err
	}
	if len(p.batch) == 0 && p.count <= p.Skip {
		p.front++
		return nil
	}
	if int64(len(p.batch)) == p.room {
		if p.err = p.more(); p.err != nil {
			return p.err
		}
	}
	p.batch = append(p.batch, r)
	return nil
}

// more makes room for another step. While it waits it holds none: two requests that
// each wait for what the other one holds would wait for ever.
func (p *Parts) more() error {
	records := p.req.gate.records
	if step := min(recordStep, PartRecords-p.room); step > 0 && records.try(step) {
		p.room += step
		return nil
	}
	if len(p.batch) > 0 {
		if err := p.check(); err != nil {
			return err
		}
		if err := p.flush(false); err != nil {
			return err
		}
	}
	n, err := records.take(p.ctx, recordStep)
	p.room += n
	return err
}

func (p *Parts) check() error {
	if p.Check == nil {
		return nil
	}
	check := p.Check
	p.Check = nil
	n, err := check()
	if err != nil {
		return err
	}
	if n > p.Limit() {
		return tooMany(p.Limit())
	}
	if k := p.Key; k != nil && k.Source != "" && k.Last-k.First != uint64(n)-1 {
		return fmt.Errorf("%w: it numbers records %d to %d, the body has %d records", intake.ErrBadKey, k.First, k.Last, n)
	}
	return nil
}

// flush stores what waits; last says that nothing comes after it.
func (p *Parts) flush(last bool) error {
	batch := p.batch
	p.batch = nil
	before := min(max(p.Skip-p.front, 0), len(batch)) // stored before
	p.front += len(batch)
	if batch = batch[before:]; len(batch) == 0 && p.Key == nil {
		p.drop()
		return nil
	}
	got, err := p.accept(batch, last)
	if p.total.First == 0 {
		p.total.First = got.First
	}
	if got.Last != 0 {
		p.total.Last = got.Last
	}
	p.total.Count += got.Count
	p.total.Duplicates += got.Duplicates
	if got.Count > 0 { // of what is not stored nobody is told
		p.total.Repaired += got.Repaired
	}
	return err
}

// accept does not leave with the sender, which may only have closed its side: the answer
// must be what became of the records. A store that hangs is left after a while. The
// records go on to it then, and what is stored under a key is known when it comes again;
// they keep their room, so that no more of them gather than there is room for.
func (p *Parts) accept(batch []record.Record, last bool) (intake.Receipt, error) {
	g, source, room := p.req.gate, p.req.Source, p.room
	ctx := context.WithoutCancel(p.ctx)
	store := func(context.Context) (intake.Receipt, error) { return g.intake.Accept(ctx, source, batch) }
	if p.Key != nil {
		key := *p.Key
		if key.Source != "" && !last {
			key.Last = key.First + uint64(len(batch)) - 1
		}
		p.Key.First += uint64(len(batch))
		p.Key.Before += len(batch)
		store = func(patient context.Context) (intake.Receipt, error) {
			return g.intake.AcceptOnce(patient, source, key, batch)
		}
	}
	p.room = 0 // it is the storing's
	patient, leave := context.WithTimeout(ctx, g.maxStore)
	defer leave()
	done := make(chan outcome, 1)
	go func() { // ends when intake knows what became of the records, at the latest as it is closed
		defer g.records.give(room)
		var o outcome
		defer func() {
			if o.panicked = recover(); o.panicked != nil {
				g.log.Error("storing records panicked", "protocol", source.Protocol, "panic", o.panicked)
			}
			done <- o
		}()
		o.got, o.err = store(patient)
		g.rates.charge(source.Sender, o.got.Count-o.got.Duplicates)
	}()
	select {
	case o := <-done:
		if o.panicked != nil {
			panic(o.panicked) // it ends the request, not the server
		}
		return o.got, o.err
	case <-patient.Done():
		g.left.Add(uint64(len(batch)))
		return intake.Receipt{}, tooSlow(len(batch), g.maxStore, p.Key != nil)
	}
}

// outcome is how storing ended.
type outcome struct {
	got      intake.Receipt
	err      error
	panicked any
}

// drop gives back the room of records that are not stored.
func (p *Parts) drop() {
	p.req.gate.records.give(p.room)
	p.batch, p.room = nil, 0
}

// Restart forgets the records that were added, of which none may be stored yet, and why
// no more were taken: they are read anew. The caller sets Check again.
func (p *Parts) Restart() {
	if p.front > 0 {
		panic("BUG: records are added again that are stored")
	}
	p.batch, p.count, p.err = p.batch[:0], 0, nil
}

// Fail says that the rest of the body makes no sense: what is not stored yet is dropped,
// and End returns err, as a *Refusal.
func (p *Parts) Fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// Count returns how many records were added.
func (p *Parts) Count() int { return p.count }

// End stores the rest and returns what became of the records: Receipt.Count of them
// from the front are durable, also after an error, which is a *Refusal that is noted
// with the source.
func (p *Parts) End() (intake.Receipt, error) {
	if p.err == nil && (len(p.batch) > 0 || p.Key != nil) {
		p.err = p.flush(true)
	}
	p.drop()
	if skipped := min(p.count, p.Skip); skipped > 0 {
		p.req.gate.intake.CountDuplicates(p.req.Source, skipped)
		p.total.Count += skipped
		p.total.Duplicates += skipped
	}
	if p.err != nil {
		return p.total, p.req.Refuse(p.err)
	}
	return p.total, nil
}
