package gate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
)

// The waits before a refused batch is offered again: short enough that a moment's fault
// is not noticed, long enough to leave a database that restarts alone.
const (
	againFirst = 100 * time.Millisecond
	againMost  = 5 * time.Second
)

// Keep stores a batch, and does not give up while the store is only away: who sends
// over a pipe, a file or a connection waits rather than loses. It tells people once
// when that begins and once when it is over. A record that the store refuses while it
// takes others is stored as plain text, so that it does not hold up all that come after
// it. Keep also waits while the sender is over its rate, unless the server is stopping.
//
// It owns the batch. Its error is the context's, or that the server is stopping; how
// many records from the front are stored comes with it. The rest is counted as refused
// then.
func (g *Gate) Keep(ctx context.Context, source intake.Source, batch []record.Record) (done int, err error) {
	if len(batch) == 0 {
		return 0, nil
	}
	k := keeper{gate: g, source: source, held: g.intake.Hold(source, batch)}
	done, err = k.keep(ctx, batch)
	switch {
	case errors.Is(err, intake.ErrClosed):
		k.held.GiveUp(intake.ReasonClosed)
	case err != nil:
		k.held.GiveUp(intake.ReasonCancelled)
	}
	return done, err
}

// keeper stores one batch. It has one user.
type keeper struct {
	gate   *Gate
	source intake.Source
	held   *intake.Held
	told   bool // people know that records wait
}

func (k *keeper) keep(ctx context.Context, batch []record.Record) (done int, err error) {
	for pause := againFirst; ; pause = min(2*pause, againMost) {
		if wait := k.gate.Wait(k.source); wait > 0 {
			k.gate.paced.Add(uint64(len(batch)))
			if err := k.gate.sleep(ctx, wait); err != nil {
				return done, fmt.Errorf("%d records of %s were not stored: %w", len(batch), k.source.Protocol, err)
			}
		}
		n, err := k.offer(ctx, batch)
		done += n
		batch = batch[n:]
		if len(batch) == 0 {
			if k.told {
				k.gate.log.Info("records are stored again", "protocol", k.source.Protocol, "sender", k.source.Sender)
			}
			return done, nil
		}
		if n > 0 {
			pause = againFirst
		}
		if err == nil {
			continue // the store takes some of it: what is left is offered at once
		}
		if errors.Is(err, intake.ErrClosed) || !errors.Is(err, intake.ErrUnavailable) {
			return done, err
		}
		if !k.told {
			k.told = true
			k.gate.Trouble(k.source, CodeUnavailable, fmt.Sprintf("%d records wait: %v", len(batch), err))
		}
		if err := k.gate.sleep(ctx, pause); err != nil {
			return done, fmt.Errorf("%d records of %s were not stored: %w", len(batch), k.source.Protocol, err)
		}
	}
}

// offer offers a batch, and the first half of one that the store refuses, and so on,
// so that what can be stored is stored. One that is refused alone is offered once more,
// because a store that failed for a moment must not cost what a record says, and then as
// plain text: if that is stored, the store is there, and it was the record.
func (k *keeper) offer(ctx context.Context, batch []record.Record) (done int, err error) {
	done, err = k.offerOnce(ctx, batch)
	if err == nil || !isRefusal(err) {
		return done, err
	}
	rest := batch[done:]
	if len(rest) > 1 {
		n, err := k.offer(ctx, rest[:len(rest)/2])
		return done + n, err
	}
	if again, err := k.offerOnce(ctx, rest); err == nil {
		return done + again, nil
	}
	for _, plain := range [...]record.Record{plainly(&rest[0]), bare(&rest[0])} {
		if _, failed := k.offerOnce(ctx, []record.Record{plain}); failed == nil {
			k.gate.plain.Add(1)
			k.gate.Trouble(k.source, intake.ReasonUnfit, fmt.Sprintf("a record was stored as plain text: %v", err))
			return done + 1, nil
		}
	}
	return done, err
}

func (k *keeper) offerOnce(ctx context.Context, batch []record.Record) (done int, err error) {
	got, err := k.held.Offer(ctx, append([]record.Record(nil), batch...)) // intake owns what it is given
	k.gate.rates.charge(k.source.Sender, got.Count)
	return got.Count, err
}

// isRefusal reports whether the store was asked, and said no.
func isRefusal(err error) bool {
	return errors.Is(err, intake.ErrUnavailable) && !errors.Is(err, intake.ErrBusy) && !errors.Is(err, intake.ErrClosed) &&
		!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// bare returns a record that any store can take: the JSON of r in ASCII, as the
// message.
func bare(r *record.Record) record.Record {
	const most = 1 << 20 // a part of what nothing could be done with is enough
	text := strconv.QuoteToASCII(string(record.AppendJSON(nil, r)))
	plain := record.Record{Severity: r.Severity, Message: text[:min(len(text), most)]}
	record.MarkRepaired(&plain, []record.Repair{{Field: "message", Reason: "the store refused this record, its JSON is kept as text"}})
	return plain
}

// plainly returns a bare record that is found where r would be: with its time, and who
// emitted it as far as that is text.
func plainly(r *record.Record) record.Record {
	plain := bare(r)
	plain.Time = r.Time
	if isText(r.Logger) {
		plain.Logger = r.Logger
	}
	if res := r.Resource; res != nil && isText(res.Service, res.Environment, res.ServiceVersion, res.LogType, res.Host) {
		plain.Resource = res
	}
	return plain
}

func isText(all ...string) bool {
	for _, s := range all {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return false
		}
	}
	return true
}

// sleep waits. When the server begins to stop, it does not wait on, and later only for
// a moment: the end of the intake is to be noticed soon.
func (g *Gate) sleep(ctx context.Context, d time.Duration) error {
	stopping := g.stopping
	if g.isStopping() {
		d, stopping = min(d, againFirst), nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-stopping:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
