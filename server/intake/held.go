package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// Held are records whose sender waits until they are stored: of a pipe, a file, a
// connection. They are pending in the ledger until then, however often they are
// offered, because what is offered again is not lost. A Held has one user at a time.
type Held struct {
	in      *Intake
	line    *line // counts on the source's own
	left    int   // records that are neither stored nor given up
	unknown bool  // nobody can tell whether some of them are stored
}

// Hold tells the ledger of records that came; the caller offers them until all are
// stored, or gives up.
func (in *Intake) Hold(source Source, batch []record.Record) *Held {
	own := in.ledger.receive(source, batch, sizeOf(batch))
	return &Held{in: in, line: &line{held: own}, left: len(batch)}
}

// Offer is [Intake.Accept] for held records: some of those that are left, or others in
// their place. ctx ends the waiting for room; a batch that has found room is waited for.
func (h *Held) Offer(ctx context.Context, batch []record.Record) (Receipt, error) {
	if len(batch) == 0 {
		return Receipt{}, nil
	}
	e := &entry{line: h.line, records: batch, done: make(chan struct{})}
	repaired := h.in.normalize(e)
	if err := h.in.queue.put(ctx, e, h.in.opts.MaxWait); err != nil {
		return Receipt{Repaired: repaired}, fmt.Errorf("accept %d records: %w", len(batch), err)
	}
	<-e.done
	h.left -= e.stored
	h.unknown = h.unknown || errors.Is(e.err, store.ErrAmbiguous)
	return Receipt{Count: e.stored, Repaired: repaired, First: e.first, Last: e.last}, e.err
}

// GiveUp tells the ledger that what is left will not be offered again. What may be
// stored stays pending.
func (h *Held) GiveUp(reason string) {
	if !h.unknown {
		h.in.ledger.refuse(h.line.held, reason, uint64(h.left))
		h.left = 0
	}
}
