package collector

import (
	"context"
	"errors"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/repeat"
	"github.com/weirlog/weir/server/ingest/sender"
	"github.com/weirlog/weir/server/intake"
)

// batch is one body on its way. It has one user.
type batch struct {
	h         *Handler
	q         *gate.Request
	parts     *gate.Parts
	fill      *sender.Defaults
	resources *record.Interner
	dated     bool  // each entry says when it was created
	err       error // why an entry was not taken
	try       *repeat.Body
}

// store stores the entries of a body, or those that are not stored yet when it came
// before.
//
// A client that leaves may come again with the same body: then it must be known what
// became of this one. So leaving ends the waiting for another request with the same
// body, and nothing else.
func (h *Handler) store(ctx context.Context, q *gate.Request) (intake.Receipt, error) {
	b := &batch{
		h: h, q: q, parts: q.Parts(context.WithoutCancel(ctx)),
		fill: sender.New(defaults()), resources: &record.Interner{}, dated: true,
	}
	err := b.read(ctx)
	if err == nil && b.dated && b.try == nil && b.parts.Count() > 0 {
		err = b.claim(ctx)
	}
	if err != nil {
		b.parts.Fail(err)
	}
	got, err := b.parts.End()
	b.settle(&got)
	return got, err
}

// errOdd: a body is not as the clients write it, or has too many entries.
var errOdd = errors.New("the body must be looked at as a whole")

// read takes the entries of a body while its syntax is checked: nothing is stored before
// all of that is known. Where one pass does not tell what counts in a body, nothing is
// stored yet, and the entries are read anew from the array that does.
func (b *batch) read(ctx context.Context) error {
	b.parts.Check = func() (int, error) { return b.checkBody(ctx) }
	only, err := record.MemberElements(b.q.Data, keyLogs, b.add)
	if err == nil && only && !errors.Is(b.err, errOdd) && b.parts.Count() <= b.parts.Limit() {
		return nil
	}
	b.parts.Restart()
	b.dated, b.err = true, nil
	logs, err := logsOf(b.q.Data)
	if err != nil {
		return gate.Bad(gate.CodeBadBody, err, "")
	}
	b.parts.Check = func() (int, error) { return b.checkLogs(ctx, logs) }
	return record.Elements(logs, b.add)
}

func (b *batch) add(entry []byte) bool {
	r := parseEntry(entry, b.resources)
	b.dated = b.dated && !r.Time.IsZero()
	b.fill.Fill(&r)
	b.err = b.parts.Add(r)
	return b.err == nil
}

// checkBody looks over a body that is stored in parts, before the first is.
func (b *batch) checkBody(ctx context.Context) (records int, err error) {
	all := b.newTally()
	only, err := record.MemberElements(b.q.Data, keyLogs, all.add)
	if err != nil || !only || all.records > all.limit {
		return 0, errOdd
	}
	return all.records, b.claimIf(ctx, all.dated)
}

// checkLogs is checkBody for the entries of an array, whose syntax was checked.
func (b *batch) checkLogs(ctx context.Context, logs []byte) (records int, err error) {
	all := b.newTally()
	err = record.Elements(logs, all.add)
	if err == nil {
		err = b.claimIf(ctx, all.dated && all.records <= all.limit)
	}
	return all.records, err
}

// tally counts the entries of a body, up to one more than limit.
type tally struct {
	records, limit int
	dated          bool // each of them
}

func (b *batch) newTally() *tally { return &tally{limit: b.parts.Limit(), dated: true} }

func (c *tally) add(entry []byte) bool {
	c.dated = c.dated && isDated(entry)
	c.records++
	return c.records <= c.limit
}

func (b *batch) claimIf(ctx context.Context, dated bool) error {
	if !dated {
		return nil
	}
	return b.claim(ctx)
}

// claim asks what is stored of a body in which each record has created_at.
func (b *batch) claim(ctx context.Context) (err error) {
	b.try, err = b.h.retries.Begin(ctx, b.q.Source.Sender+" "+b.q.Source.Agent, b.q.Data)
	if err == nil {
		b.parts.Skip = b.try.Stored
	}
	return err
}

// settle remembers what is stored now. A repetition is told of all repairs.
func (b *batch) settle(got *intake.Receipt) {
	if b.try == nil {
		return
	}
	b.try.Stored = max(b.try.Stored, got.Count)
	b.try.Repaired += got.Repaired
	got.Repaired = b.try.Repaired
	b.h.retries.End(b.try)
}
