package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// Errors of AcceptOnce that a sender cannot mend by sending again.
var (
	// ErrBadKey: the numbers of the key do not fit the batch.
	ErrBadKey = errors.New("the key does not fit the batch")
	// ErrKeyReused: another batch is stored under the key.
	ErrKeyReused = errors.New("the key was used for another batch")
)

// MaxSeq is the largest number of a Key.
const MaxSeq = store.MaxSeq

// Key is what a sender calls a batch, so that it is stored once however often it
// comes. Either Source is set, and its records are numbered First to Last by their
// source, or Text is.
type Key struct {
	Source      string
	First, Last uint64

	Text   string
	Digest string // of the body: tells another batch under the same Text
	Before int    // records of the body that earlier batches had: a large body comes in several
}

// name is what batches with the same numbering or text have in common.
func (k *Key) name() string {
	if k.Source != "" {
		return "source " + k.Source
	}
	return "key " + k.Text
}

// AcceptOnce is Accept for a batch that may have come before: what of it is stored
// already is not stored again, also when the server, or the outcome of a commit, was lost
// in between. Which records are the same is decided by the key's numbers, or by their
// places in a batch under a text, not by what is in them. Batches of one source, or under one text, wait for each other.
//
// Receipt.Count are the records of the batch that are durable, Receipt.Duplicates
// those of them that had been before. After an error wrapping [ErrUnavailable] the
// caller may offer the whole batch again with the same key. ctx ends the waiting for other batches only: a
// batch whose turn has come is stored to the end, because a repetition must know what became of it.
func (in *Intake) AcceptOnce(ctx context.Context, source Source, key Key, batch []record.Record) (Receipt, error) {
	if key.Source != "" && (key.First < 1 || key.Last < key.First || key.Last > MaxSeq || key.Last-key.First != uint64(len(batch))-1) {
		return Receipt{}, fmt.Errorf("%w: it numbers records %d to %d, the batch has %d records", ErrBadKey, key.First, key.Last, len(batch))
	}
	if len(batch) == 0 {
		return Receipt{}, nil
	}
	n := len(batch)
	line := in.ledger.receive(source, batch, sizeOf(batch))
	if key.Source != "" {
		in.ledger.sequence(line, key.Source)
	}
	refused := func(reason string, err error) (Receipt, error) {
		in.ledger.refuse(line, reason, uint64(n))
		return Receipt{}, fmt.Errorf("accept %d records: %w", n, err)
	}
	end, err := in.turns.begin(ctx, key.name())
	if err != nil {
		return refused(ReasonCancelled, fmt.Errorf("%w: left while another batch of the same sender was being stored: %w", ErrUnavailable, err))
	}
	defer end()
	ctx = context.WithoutCancel(ctx)
	c, err := in.claim(in.ctx, key, n) // a store that hangs is left when Close gives it up
	switch {
	case errors.Is(err, ErrKeyReused):
		return refused(ReasonKey, err)
	case err != nil && in.ctx.Err() != nil:
		return refused(ReasonClosed, ErrClosed)
	case err != nil:
		return refused(ReasonStorage, fmt.Errorf("%w: %w", ErrUnavailable, err))
	}
	rest := c.missing(batch)
	duplicates := n - len(rest)
	in.ledger.deduplicate(line, uint64(duplicates))
	got := Receipt{}
	if len(rest) > 0 {
		got, err = in.await(ctx, &entry{line: line, records: rest, claim: c})
	}
	got.Count += duplicates
	got.Duplicates = duplicates
	return got, err
}

// claim is what an entry of a keyed batch is called.
type claim struct {
	key    Key
	stored int           // under a text: records from the batch's front that were stored before
	have   []store.Range // of a source: what was stored before
	spans  []span        // of a source: how the missing records are numbered
}

// span says that the records from index at on are numbered from seq on.
type span struct {
	at  int
	seq uint64
}

// claim asks the store what it knows of a key.
func (in *Intake) claim(ctx context.Context, key Key, n int) (*claim, error) {
	c := &claim{key: key}
	if key.Source != "" {
		have, err := in.writer.StoredRanges(ctx, key.Source)
		c.have = have
		return c, err
	}
	k, ok, err := in.writer.StoredKey(ctx, key.Text)
	if err != nil || !ok {
		return c, err
	}
	if k.Digest != key.Digest {
		return nil, ErrKeyReused
	}
	c.stored = min(max(k.Stored-key.Before, 0), n)
	return c, nil
}

// missing returns the records of the batch that are not stored yet, in order.
func (c *claim) missing(batch []record.Record) []record.Record {
	if c.key.Source == "" {
		return batch[c.stored:]
	}
	var rest []record.Record
	next := c.key.First         // the first number that is not looked at yet
	take := func(upto uint64) { // all numbers from next on, below upto
		if next >= upto {
			return
		}
		c.spans = append(c.spans, span{len(rest), next})
		from, to := next-c.key.First, upto-c.key.First
		if rest == nil { // what is missing is most often the whole, or its end
			rest = batch[from:to:to]
		} else {
			rest = append(rest, batch[from:to]...)
		}
	}
	for _, r := range c.have {
		if r.Last < next {
			continue
		}
		if r.First > c.key.Last {
			break
		}
		take(r.First)
		next = r.Last + 1
	}
	take(c.key.Last + 1)
	return rest
}

// ranges returns the numbers of the entry's records from index from to index to.
func (c *claim) ranges(from, to int) []store.Range {
	var out []store.Range
	for i, s := range c.spans {
		end := to
		if i+1 < len(c.spans) {
			end = min(to, c.spans[i+1].at)
		}
		if begin := max(from, s.at); begin < end {
			first := s.seq + uint64(begin-s.at)
			out = append(out, store.Range{Source: c.key.Source, First: first, Last: first + uint64(end-begin) - 1})
		}
	}
	return out
}

// name adds to a batch what its senders call its parts.
func name(b *store.Batch, parts []part) {
	for _, p := range parts {
		c := p.entry.claim
		switch {
		case c == nil:
		case c.key.Source != "":
			b.Ranges = append(b.Ranges, c.ranges(p.from, p.to)...)
		default:
			before := c.key.Before + c.stored
			b.Keys = append(b.Keys, store.Key{Text: c.key.Text, Digest: c.key.Digest, Before: before + p.from, Stored: before + p.to})
		}
	}
}

// turns lets one batch of each name pass at a time.
type turns struct {
	mu    sync.Mutex
	names map[string]*turn // those that are taken or waited for
}

type turn struct {
	taken chan struct{} // of capacity one: full while somebody has the turn
	users int           // who have it or wait for it
}

// begin waits for a name's turn, until ctx ends. The caller calls end.
func (t *turns) begin(ctx context.Context, name string) (end func(), err error) {
	t.mu.Lock()
	if t.names == nil {
		t.names = make(map[string]*turn)
	}
	own := t.names[name]
	if own == nil {
		own = &turn{taken: make(chan struct{}, 1)}
		t.names[name] = own
	}
	own.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(t.names, name)
		}
	}
	select {
	case own.taken <- struct{}{}:
		return func() { <-own.taken; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
