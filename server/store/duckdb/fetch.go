//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"fmt"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// How many rows are read into memory at once. It starts small, because a row may
// have megabytes, and doubles while the rows are small.
const (
	firstReadRows = 256
	mostReadRows  = markEvery
	readBytes     = 8 << 20 // of text, above which a read has been large enough
)

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

// statement selects columns of what may pass within a window.
func (sc *scan) statement(columns string, limit int) string {
	return sc.selection(columns, sc.where.sql, limit)
}

// selection selects columns of the first rows between two positions that meet a
// further condition, in the scan's order.
func (sc *scan) selection(columns, condition string, limit int) string {
	direction := "ASC"
	if sc.newest {
		direction = "DESC"
	}
	return fmt.Sprintf("SELECT %s FROM logs WHERE id >= ? AND id <= ?%s ORDER BY id %s LIMIT %d", columns, condition, direction, limit)
}

func (sc *scan) selectIDs(ctx context.Context, r *reader, w window, limit int) ([]int64, error) {
	rows, err := r.query(ctx, sc.statement("id", limit), sc.where.args(w)...)
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
	w := window{lo: record.Position(ids[0]), hi: record.Position(ids[len(ids)-1])}
	if sc.newest {
		w.lo, w.hi = w.hi, w.lo
	}
	query, args := sc.statement(columnList(allFields()), len(ids)), sc.where.args(w)
	if !sc.where.exact || sc.query.Order == view.ByTime {
		// Other records between them pass the condition too. A join with a list is
		// twice as fast as the list written out.
		query = sc.selection(columnList(allFields()), " AND id IN (SELECT unnest(?::BIGINT[]))", len(ids))
		args = []any{int64(w.lo), int64(w.hi), ids}
	}
	bytes := 0
	err := sc.selectRows(ctx, r, allFields(), query, args, func(rec record.Record, size int) bool {
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
