//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weirlog/weir/record"
)

// candidate is a record by its place in both orders.
type candidate struct {
	id      record.Position
	created time.Time
}

func (a candidate) compare(b candidate) int {
	return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.id, b.id))
}

// runByTime searches all windows for the earliest records, of which it keeps one
// more than the page has, and then reads their rows. A part of the time is kept
// for that, so that a deadline still leaves a page: the earliest of what was
// looked at.
func (sc *scan) runByTime(ctx context.Context, r *reader) error {
	deadline, _ := ctx.Deadline()
	early, cancel := context.WithDeadline(ctx, deadline.Add(-min(time.Until(deadline)/5, mostFetchTime)))
	defer cancel()

	earliest, err := sc.earliest(early, r)
	if err != nil && (!errors.Is(early.Err(), context.DeadlineExceeded) || ctx.Err() != nil) {
		return err
	}
	more := len(earliest) > sc.limit
	if fetchErr := sc.collectByTime(ctx, r, earliest[:min(len(earliest), sc.limit)]); fetchErr != nil {
		return fetchErr
	}
	if err != nil {
		return early.Err()
	}
	sc.full = sc.full || more
	return nil
}

// mostFetchTime is enough to read the rows of a page from anywhere in the table.
const mostFetchTime = 2 * time.Second

// earliest returns the earliest records that pass, sorted, limit+1 at most. With
// an error they are the earliest of what was looked at.
func (sc *scan) earliest(ctx context.Context, r *reader) ([]candidate, error) {
	var best []candidate
	keep := func(more []candidate) {
		best = append(best, more...)
		slices.SortFunc(best, candidate.compare)
		best = best[:min(len(best), sc.limit+1)]
	}
	walk, width := sc.store.marks.walk(sc.lo, sc.hi, false), firstWindow
	for {
		w, ok := walk.next(width)
		if !ok {
			return best, nil
		}
		reads := 0
		for w.lo <= w.hi {
			reads++
			found, examined, err := sc.passingTimes(ctx, r, w)
			if isOutOfMemory(err) && sc.shrink() {
				continue
			}
			keep(found)
			if err != nil {
				return best, err
			}
			if examined == 0 {
				break
			}
			w.lo = examined + 1
		}
		sc.advance(w.hi, w.reached)
		width = sc.nextWidth(width, reads)
	}
}

// passingTimes returns the records in w that pass: with an exact plan the
// earliest ones, else all of the next rows, the last of which is examined; zero
// when that is all of w.
func (sc *scan) passingTimes(ctx context.Context, r *reader, w window) (found []candidate, examined record.Position, err error) {
	if !sc.where.exact {
		read, bytes, limit := 0, 0, sc.rows
		query := sc.statement(columnList(sc.where.fields), limit)
		err = sc.selectRows(ctx, r, sc.where.fields, query, sc.where.args(w), func(rec record.Record, size int) bool {
			read++
			bytes += size
			examined = rec.ID
			if sc.query.Matches(&rec) {
				found = append(found, candidate{rec.ID, rec.Time})
			}
			return true
		})
		if err != nil {
			return nil, 0, err
		}
		if read < limit {
			examined = 0
		}
		sc.busy = read > limit/windowGrowth
		sc.grow(bytes)
		return found, examined, nil
	}
	query := fmt.Sprintf("SELECT id, created_at FROM logs WHERE id >= ? AND id <= ?%s ORDER BY created_at NULLS FIRST, id LIMIT %d", sc.where.sql, sc.limit+1)
	rows, err := r.query(ctx, query, sc.where.args(w)...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var created sql.NullTime
		if err := rows.Scan(&id, &created); err != nil {
			return nil, 0, err
		}
		found = append(found, candidate{record.Position(id), created.Time.UTC()})
	}
	return found, 0, rows.Err()
}

// collectByTime reads the rows of the earliest records, sorted. When the page's
// text is full it ends before the first record that had no room.
func (sc *scan) collectByTime(ctx context.Context, r *reader, earliest []candidate) error {
	frontier, reached := sc.frontier, sc.reached
	for len(earliest) > 0 && !sc.full {
		chunk := earliest[:min(len(earliest), sc.rows)]
		earliest = earliest[len(chunk):]
		ids := make([]int64, len(chunk))
		for i, c := range chunk {
			ids[i] = int64(c.id)
		}
		slices.Sort(ids)
		before := len(sc.found)
		if err := sc.collect(ctx, r, ids); err != nil {
			return err
		}
		got := sc.found[before:]
		slices.SortFunc(got, func(a, b record.Record) int {
			return candidate{a.ID, a.Time}.compare(candidate{b.ID, b.Time})
		})
		if sc.full {
			n := 0
			for n < len(got) && got[n].ID == chunk[n].id {
				n++
			}
			sc.found = sc.found[:before+n]
		}
	}
	sc.frontier, sc.reached = frontier, reached
	return nil
}
