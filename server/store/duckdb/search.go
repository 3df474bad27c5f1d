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

// How many rows are read into memory at once. It starts small, because a row may
// have megabytes, and doubles while the rows are small.
const (
	firstReadRows = 256
	mostReadRows  = markEvery
	readBytes     = 8 << 20 // of text, above which a read has been large enough
)

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
	sc.lo, sc.hi = q.After+1, record.Position(s.last.Load())
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

// shrink makes the next reads smaller; it reports false when they cannot be.
func (sc *scan) shrink() bool {
	if sc.rows == 1 {
		return false
	}
	sc.rows = max(sc.rows/8, 1)
	sc.store.counts.smallerReads.Add(1)
	return true
}

// grow adapts the size of reads to what the last one was.
func (sc *scan) grow(bytes int) {
	if bytes < readBytes/2 {
		sc.rows = min(sc.rows*2, mostReadRows)
	} else if bytes > readBytes {
		sc.rows = max(sc.rows/2, 1)
	}
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
	query := sc.statement(columnList(sc.where.fields), w, limit)
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

// statement selects columns of what may pass within a window.
func (sc *scan) statement(columns string, w window, limit int) string {
	direction := "ASC"
	if sc.newest {
		direction = "DESC"
	}
	return fmt.Sprintf("SELECT %s FROM logs WHERE id >= ? AND id <= ?%s ORDER BY id %s LIMIT %d", columns, sc.where.sql, direction, limit)
}

func (sc *scan) selectIDs(ctx context.Context, r *reader, w window, limit int) ([]int64, error) {
	rows, err := r.query(ctx, sc.statement("id", w, limit), sc.where.args(w)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// selectRows calls yield for each row until it returns false. The record has only
// the given fields.
func (sc *scan) selectRows(ctx context.Context, r *reader, fields []record.FieldID, query string, args []any, yield func(record.Record, int) bool) error {
	rows, err := r.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	dec := newRowDecoder(fields, &sc.store.resources)
	for rows.Next() {
		if err := rows.Scan(dec.dest...); err != nil {
			return err
		}
		rec, size, err := dec.decode()
		if err != nil {
			return err
		}
		if !yield(rec, size) {
			return nil
		}
	}
	return rows.Err()
}

// collect reads the rows of ids, which are in the scan's order, into the page.
// The last of them may be one too many: it then tells that there is more.
func (sc *scan) collect(ctx context.Context, r *reader, ids []int64) error {
	for len(ids) > 0 {
		if len(sc.found) == sc.limit {
			sc.full = true
			return nil
		}
		if sc.bytes >= maxPageBytes {
			sc.full = true
			sc.store.counts.fullPages.Add(1)
			return nil
		}
		n := min(len(ids), sc.rows, sc.limit-len(sc.found))
		if err := sc.collectRows(ctx, r, ids[:n]); err != nil || sc.full {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func (sc *scan) collectRows(ctx context.Context, r *reader, ids []int64) error {
	lo, hi := ids[0], ids[len(ids)-1]
	direction := "ASC"
	if sc.newest {
		lo, hi, direction = hi, lo, "DESC"
	}
	// The bounds let DuckDB skip row groups; a join with a list is twice as fast as
	// the list written out.
	query := "SELECT " + columnList(allFields()) + " FROM logs WHERE id >= ? AND id <= ? AND id IN (SELECT unnest(?::BIGINT[])) ORDER BY id " + direction
	bytes := 0
	err := sc.selectRows(ctx, r, allFields(), query, []any{lo, hi, ids}, func(rec record.Record, size int) bool {
		if sc.bytes >= maxPageBytes {
			sc.full = true
			sc.store.counts.fullPages.Add(1)
			return false
		}
		bytes += size
		if sc.query.Matches(&rec) {
			sc.found = append(sc.found, rec)
			sc.bytes += size
		}
		sc.advance(rec.ID, rec.Time)
		return true
	})
	sc.grow(bytes)
	return err
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
