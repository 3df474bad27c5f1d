package collector

import (
	"context"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/sender"
	"github.com/weirlog/weir/server/intake"
)

// batch is one body on its way. It has one user.
type batch struct {
	h     *Handler
	q     *gate.Request
	parts *gate.Parts
	logs  []byte // the array of its entries, whose syntax was checked
	try   *attempt
}

// store stores the entries of a body, or those that are not stored yet when it came
// before.
//
// A client that leaves may come again with the same body: then it must be known what
// became of this one. So leaving ends the waiting for another request with the same
// body, and nothing else.
func (h *Handler) store(ctx context.Context, q *gate.Request, logs []byte) (intake.Receipt, error) {
	b := &batch{h: h, q: q, parts: q.Parts(context.WithoutCancel(ctx)), logs: logs}
	b.parts.Check = func() (int, error) { return b.check(ctx) }
	dated := true
	fill, resources := sender.New(defaults()), &record.Interner{}
	err := record.Elements(logs, func(entry []byte) bool {
		r := parseEntry(entry, resources)
		dated = dated && !r.Time.IsZero()
		fill.Fill(&r)
		return b.parts.Add(r) == nil
	})
	if err == nil && dated && b.try == nil && b.parts.Count() > 0 {
		err = b.claim(ctx)
	}
	if err != nil {
		b.parts.Fail(err)
	}
	got, err := b.parts.End()
	b.settle(&got)
	return got, err
}

// check looks over a body that is stored in parts, before the first is.
func (b *batch) check(ctx context.Context) (records int, err error) {
	dated := true
	err = record.Elements(b.logs, func(entry []byte) bool {
		dated = dated && isDated(entry)
		records++
		return records <= b.parts.Limit()
	})
	if err == nil && dated && records <= b.parts.Limit() {
		err = b.claim(ctx)
	}
	return records, err
}

// claim asks what is stored of a body in which each record has created_at.
func (b *batch) claim(ctx context.Context) (err error) {
	b.try, err = b.h.retries.begin(ctx, b.q.Source.Sender+" "+b.q.Source.Agent, b.q.Data)
	if err == nil {
		b.parts.Skip = b.try.stored
	}
	return err
}

// settle remembers what is stored now. A repetition is told of all repairs.
func (b *batch) settle(got *intake.Receipt) {
	if b.try == nil {
		return
	}
	b.try.stored = max(b.try.stored, got.Count)
	b.try.repaired += got.Repaired
	got.Repaired = b.try.repaired
	b.h.retries.end(b.try)
}
