//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// Search finds records. It goes through the positions in windows that widen, in
// two steps for each: the ids of the records that pass, then those records'
// rows. A page ends early, with Next, when its text has maxPageBytes.
//
// The order ByTime has to look at every position before it knows the earliest
// records; such a page does not go on.
func (s *Store) Search(ctx context.Context, q view.Query) (view.Page, error) {
	sc := newScan(s, q)
	run := sc.run
	if q.Order == view.ByTime {
		run = sc.runByTime
	}
	err := s.read(ctx, run)
	if errors.Is(err, context.DeadlineExceeded) {
		s.counts.deadlines.Add(1)
		return sc.page(view.ReasonDeadline), nil
	}
	if err != nil {
		if ctx.Err() != nil {
			return view.Page{}, ctx.Err()
		}
		return view.Page{}, fmt.Errorf("search: %w", err)
	}
	if sc.full {
		return sc.page(view.ReasonLimit), nil
	}
	return sc.page(""), nil
}

// scan is one search under way.
type scan struct {
	store  *Store
	query  view.Query
	where  plan
	newest bool            // the direction is from new to old
	lo, hi record.Position // what is searched, both ends included
	limit  int
	rows   int  // to read at once
	busy   bool // the last read had so many rows that one of a wider window would be full

	found    []record.Record
	bytes    int
	full     bool            // found is a full page, and there is more
	frontier record.Position // what lies before it, in the scan's direction, and itself, was looked at
	reached  time.Time       // created_at there
}

func newScan(s *Store, q view.Query) *scan {
	sc := &scan{store: s, query: q, where: compile(q, s.fold), newest: q.Order == view.NewestFirst, limit: q.PageLimit(), rows: firstReadRows}
	// Above the last record there is nothing, and one more than the largest position
	// would be the smallest.
	sc.hi = record.Position(s.last.Load())
	sc.lo = min(q.After, sc.hi) + 1
	if q.Before > 0 {
		sc.hi = min(sc.hi, q.Before-1)
	}
	if sc.newest {
		sc.frontier = sc.hi + 1
	} else {
		sc.frontier = sc.lo - 1
		if first, ok := s.marks.first(); ok {
			sc.frontier = max(sc.frontier, first-1) // zero would say that there is nothing more
		}
	}
	return sc
}

func (sc *scan) run(ctx context.Context, r *reader) error {
	walk, width := sc.store.marks.walk(sc.lo, sc.hi, sc.newest), firstWindow
	for {
		w, ok := walk.next(width)
		if !ok {
			return nil
		}
		reads, err := sc.window(ctx, r, w)
		if err != nil || sc.full {
			return err
		}
		sc.advance(w.end(sc.newest), w.reached)
		width = sc.nextWidth(width, reads)
	}
}

// nextWidth adapts windows to the filter. A wider one takes less time in all when
// it is answered by one read, but when it takes several reads each of them goes
// over the window again.
func (sc *scan) nextWidth(width, reads int) int {
	switch {
	case reads > 1:
		return max(width/windowGrowth, 1)
	case sc.busy:
		return width
	}
	return min(width*windowGrowth, maxWindow)
}

// end is the end of a window that is searched last.
func (w window) end(newestFirst bool) record.Position {
	if newestFirst {
		return w.lo
	}
	return w.hi
}

// after is what is left of a window behind position p.
func (w window) after(p record.Position, newestFirst bool) window {
	if newestFirst {
		w.hi = p - 1
	} else {
		w.lo = p + 1
	}
	return w
}

// advance notes that everything up to p was looked at. A record without a time
// leaves the time as it was.
func (sc *scan) advance(p record.Position, created time.Time) {
	sc.frontier = p
	if !created.IsZero() {
		sc.reached = created
	}
}

// window searches one window, and tells how many reads that took.
func (sc *scan) window(ctx context.Context, r *reader, w window) (reads int, err error) {
	for w.lo <= w.hi {
		reads++
		ids, examined, err := sc.passing(ctx, r, w)
		if err == nil {
			err = sc.collect(ctx, r, ids)
		}
		if isOutOfMemory(err) && sc.shrink() {
			w = w.after(sc.frontier, sc.newest)
			continue
		}
		if err != nil || sc.full || examined.id == 0 {
			return reads, err
		}
		sc.advance(examined.id, examined.created)
		w = w.after(examined.id, sc.newest)
	}
	return reads, nil
}

// passing returns the ids of the next records in w that pass, in the scan's
// order. examined is the last record that was decided on, zero when that is all of
// w.
func (sc *scan) passing(ctx context.Context, r *reader, w window) (ids []int64, examined candidate, err error) {
	n := sc.limit + 1 - len(sc.found)
	if sc.where.exact {
		ids, err = sc.selectIDs(ctx, r, w, n)
		if len(ids) == n && n > 0 {
			examined.id = record.Position(ids[n-1])
		}
		return ids, examined, err
	}
	read, bytes := 0, 0
	limit := sc.rows
	query := sc.statement(columnList(sc.where.fields), limit)
	err = sc.selectRows(ctx, r, sc.where.fields, query, sc.where.args(w), func(rec record.Record, size int) bool {
		read++
		bytes += size
		examined = candidate{rec.ID, rec.Time}
		if sc.query.Matches(&rec) {
			ids = append(ids, int64(rec.ID))
		}
		return len(ids) < n
	})
	if read < limit && len(ids) < n {
		examined = candidate{}
	}
	sc.busy = read > limit/windowGrowth
	sc.grow(bytes)
	return ids, examined, err
}

// page makes the result. reason is why it is not complete, or "".
func (sc *scan) page(reason string) view.Page {
	p := view.Page{Records: sc.found, Complete: reason == "", Reason: reason}
	switch {
	case reason == view.ReasonDeadline:
		p.Next, p.ScannedUntil = sc.frontier, sc.reached
	case reason == view.ReasonLimit:
		p.Next = sc.found[len(sc.found)-1].ID
	}
	if sc.query.Order == view.ByTime {
		p.Next = 0
	}
	return p
}
