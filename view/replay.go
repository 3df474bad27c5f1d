package view

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// begin puts a new viewer before the newest records that it wants to see.
func (f *Feed) begin(ctx context.Context) error {
	h := f.backend.Hub()
	want := max(f.opts.Replay, 0)
	if want == 0 && !f.volatile {
		f.start(f.watermark)
		if f.watermark.Position > 0 {
			f.older = &f.watermark
		}
		return nil
	}
	start, more, err := f.newestInRing(ctx, h.Begin(), want)
	if err != nil {
		return err
	}
	if more {
		f.older = &start
	}
	if more || f.volatile {
		f.start(start)
		return nil
	}
	f.start(h.Cursor())
	f.watermark = f.at
	records, cut, more, err := f.newestStored(ctx, 0, f.at.Position, want)
	if err != nil {
		return err
	}
	if more {
		older := f.place(cut)
		f.older = &older
	}
	f.found = &found{records: records, to: f.at, total: uint64(len(records))}
	f.at = f.place(cut)
	return nil
}

// resume puts a viewer back where it left off.
func (f *Feed) resume(ctx context.Context, after hub.Cursor) error {
	h := f.backend.Hub()
	at, held := h.Resolve(after)
	if !held && f.volatile {
		if begin := h.Begin(); at.Ordinal < begin.Ordinal {
			f.gaps = append(f.gaps, Gap{Skipped: begin.Ordinal - at.Ordinal, After: at, Before: begin, Reason: GapEvicted})
			at = begin
		}
	} else if !held {
		if at.Epoch != after.Epoch || at.Ordinal != after.Ordinal {
			at = hub.Cursor{Position: after.Position} // the ordinal is a guess; the store can count
		}
		f.start(h.Cursor())
		f.watermark = f.at
		to := f.at
		f.at = at
		return f.backfill(ctx, at, to, GapReplay)
	}
	if f.opts.Replay >= 0 {
		start, _, err := f.newestInRing(ctx, at, f.opts.Replay)
		if err != nil {
			return err
		}
		if start.Ordinal > at.Ordinal {
			f.gaps = append(f.gaps, Gap{Skipped: start.Ordinal - at.Ordinal, After: at, Before: start, Reason: GapReplay, Stored: true})
			at = start
		}
	}
	f.start(at)
	if len(f.gaps) > 0 {
		f.at = f.gaps[0].After
	}
	return nil
}

// start subscribes at a place in the ring.
func (f *Feed) start(at hub.Cursor) {
	f.sub = f.backend.Hub().SubscribeAt(at)
	f.at = f.sub.Start()
}

// newestInRing finds the place before the newest n matches in (from, watermark],
// or from when there are not so many. more tells that there is a match before
// that place, or that time ran out before it was known.
func (f *Feed) newestInRing(ctx context.Context, from hub.Cursor, n int) (start hub.Cursor, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.opts.ReplayTimeout)
	defer cancel()
	w := f.watermark
	start = from
	if n == 0 {
		start = w
	}
	place := w
	matches, looked := 0, uint64(0)
	f.backend.Hub().View(from.Position, w.Position, true, func(r *record.Record) bool {
		if looked++; looked%recordsPerCheck == 0 {
			if err = ctx.Err(); err != nil {
				return false
			}
		}
		match := f.all || f.opts.Filter.Match(r)
		if match && matches == n {
			more = true
			return false
		}
		place = hub.Cursor{Position: r.ID - 1, Epoch: w.Epoch, Ordinal: w.Ordinal - looked}
		if match {
			if matches++; matches == n {
				start = place
			}
		}
		return true
	})
	if errors.Is(err, context.DeadlineExceeded) {
		if matches < n {
			start = place
		}
		return start, true, nil
	}
	if err != nil {
		return hub.Cursor{}, false, err
	}
	return start, more, nil
}

// newestStored reads the newest n matches in (from, to] from the backend, oldest
// first. cut is the position before them down to which everything was looked at;
// more tells that it is above from.
func (f *Feed) newestStored(ctx context.Context, from, to record.Position, n int) (records []record.Record, cut record.Position, more bool, err error) {
	limited, cancel := context.WithTimeout(ctx, f.opts.ReplayTimeout)
	defer cancel()
	cut = to
	more = true
	for more && len(records) < n {
		page, err := f.backend.Search(limited, Query{
			Filter: f.opts.Filter, After: from, Before: cut + 1,
			Limit: min(n-len(records), MaxLimit), Order: NewestFirst,
		})
		if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
			return nil, 0, false, err
		}
		if err != nil {
			break
		}
		records = append(records, page.Records...)
		late := page.Reason == ReasonDeadline
		switch {
		case page.Next > 0:
			cut = page.Next - 1
		case late && len(page.Records) > 0:
			cut = page.Records[len(page.Records)-1].ID - 1
		case !late:
			cut, more = from, false
		}
		if late {
			break
		}
	}
	slices.Reverse(records)
	return records, cut, more && cut > from, nil
}

// backfill arranges for the records in (from, to], which are not in the ring, to
// be read from the backend as far as the viewer wants them.
func (f *Feed) backfill(ctx context.Context, from, to hub.Cursor, reason string) error {
	if f.opts.Replay < 0 {
		f.catch = &to
		return nil
	}
	records, cut, more, err := f.newestStored(ctx, from.Position, to.Position, f.opts.Replay)
	if err != nil {
		return err
	}
	start := from
	if more {
		start = to
		if cut < to.Position {
			start = f.place(cut)
		}
		skipped, err := f.count(ctx, from, start)
		if err != nil {
			return err
		}
		if skipped > 0 {
			f.gaps = append(f.gaps, Gap{Skipped: skipped, After: from, Before: start, Reason: reason, Stored: true})
		}
	}
	return f.offer(ctx, records, start, to)
}

// offer makes records, all that match in (from, to], the next to be delivered.
func (f *Feed) offer(ctx context.Context, records []record.Record, from, to hub.Cursor) error {
	total := uint64(len(records))
	if !f.all {
		var err error
		if total, err = f.count(ctx, from, to); err != nil {
			return err
		}
	}
	f.found = &found{records: records, to: to, total: total, counted: true}
	return nil
}

const (
	// catchUpPage is the size of the pages in which a viewer is brought up to date:
	// one frame of the stream.
	catchUpPage = 2000
	// maxPatience is how often the time for a page is doubled when a backend did not
	// get anywhere in it.
	maxPatience = 5
)

// readPage reads the next page up to f.catch.
func (f *Feed) readPage(ctx context.Context) error {
	to := *f.catch
	timeout := f.opts.ReplayTimeout
	for range maxPatience {
		limited, cancel := context.WithTimeout(ctx, timeout)
		page, err := f.backend.Search(limited, Query{
			Filter: f.opts.Filter, After: f.at.Position, Before: to.Position + 1,
			Limit: catchUpPage, Order: OldestFirst,
		})
		cancel()
		if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
			return err
		}
		next := page.Next
		late := err != nil || page.Reason == ReasonDeadline
		if late && next == 0 && len(page.Records) > 0 {
			next = page.Records[len(page.Records)-1].ID
		}
		if late && next <= f.at.Position {
			timeout *= 2
			continue
		}
		end := to
		if next > 0 && next < to.Position {
			end = f.place(next)
		} else {
			f.catch = nil
		}
		return f.offer(ctx, page.Records, f.at, end)
	}
	return fmt.Errorf("read what the viewer missed: %w", context.DeadlineExceeded)
}

// place is the cursor of a position, with an ordinal only where the hub knows it.
func (f *Feed) place(p record.Position) hub.Cursor {
	c := hub.Cursor{Position: p}
	if at, held := f.backend.Hub().Resolve(c); held {
		return at
	}
	return c
}

// count counts all records in (from, to]: by the hub's ordinals, by the backend's
// Counter, or by reading them.
func (f *Feed) count(ctx context.Context, from, to hub.Cursor) (uint64, error) {
	if from.Epoch != 0 && from.Epoch == to.Epoch && from.Ordinal <= to.Ordinal {
		return to.Ordinal - from.Ordinal, nil
	}
	if c, ok := As[Counter](f.backend); ok {
		return c.Count(ctx, from.Position, to.Position)
	}
	var n uint64
	for after := from.Position; after < to.Position; {
		page, err := f.backend.Search(ctx, Query{After: after, Before: to.Position + 1, Limit: MaxLimit, Order: OldestFirst})
		if err != nil {
			return 0, err
		}
		n += uint64(len(page.Records))
		if page.Next <= after {
			break
		}
		after = page.Next
	}
	return n, nil
}
