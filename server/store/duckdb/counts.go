//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/weirlog/weir/record"
)

// CountBy counts the records that are not deleted by the values of a text field: the
// most frequent values first, at most limit of them, and all records in total. Records
// without a value count in the total only.
func (s *Store) CountBy(ctx context.Context, field record.FieldID, limit int) (counts []ValueCount, total uint64, err error) {
	if record.Fields[field].Type != record.TypeText {
		panic("BUG: counts are by fields of text")
	}
	name := record.Fields[field].Name
	// The first row is the total: one statement, so that all of it is of one moment.
	statement := fmt.Sprintf(`
WITH counts AS MATERIALIZED (SELECT %[1]s AS value, count(*) AS n FROM logs WHERE NOT deleted GROUP BY %[1]s)
SELECT NULL, coalesce(sum(n), 0)::UBIGINT, 0 AS part FROM counts
UNION ALL
(SELECT value, n::UBIGINT, 1 FROM counts WHERE value IS NOT NULL ORDER BY n DESC, value LIMIT ?)
ORDER BY part, 2 DESC, 1`, name)
	err = s.read(ctx, func(ctx context.Context, r *reader) error {
		rows, err := r.query(ctx, statement, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var value sql.NullString
			var n uint64
			var part int
			if err := rows.Scan(&value, &n, &part); err != nil {
				return err
			}
			if part == 0 {
				total = n
			} else {
				counts = append(counts, ValueCount{value.String, n})
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, 0, fmt.Errorf("count by %s: %w", name, err)
	}
	return counts, total, nil
}

// CountLevel counts the records of a level, as it is written, that are not deleted and
// were made since then.
func (s *Store) CountLevel(ctx context.Context, level string, since time.Time) (uint64, error) {
	n, err := s.number(ctx, "SELECT count(*) FROM logs WHERE NOT deleted AND level = ? AND created_at >= ?", level, since)
	if err != nil {
		return 0, fmt.Errorf("count records of a level: %w", err)
	}
	return n, nil
}
