//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"

	"github.com/duckdb/duckdb-go/v2"
)

// ReadSQL runs a statement as reads run.
func ReadSQL(ctx context.Context, s *Store, statement string) error {
	return QuerySQL(ctx, s, statement, func(func(...any) error) error { return nil })
}

// QuerySQL reads rows as reads do.
func QuerySQL(ctx context.Context, s *Store, statement string, row func(scan func(...any) error) error) error {
	return s.read(ctx, func(ctx context.Context, r *reader) error {
		rows, err := r.query(ctx, statement)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// Reading is how many reads run.
func Reading(s *Store) int { return len(s.gate.rooms) }

// CheckpointAt sets the size of the log that is written into the file, before the
// first Append.
func CheckpointAt(s *Store, size int64) { s.checkpointAt = size }

// FillSources makes rows of sources that do not send any more.
func FillSources(ctx context.Context, s *Store, n int) error {
	return s.ask(ctx, func(conn *duckdb.Conn) error {
		return execute(ctx, conn, "INSERT INTO stored_ranges SELECT 'source ' || range, 1, 1000 FROM range(?)", values(int64(n))...)
	})
}
