//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirlog/weir/server/store"
)

// StoredRanges returns what of a source's numbering is stored. That of sources that
// came lately is in memory; another one waits for its turn between two commits.
func (s *Store) StoredRanges(ctx context.Context, source string) ([]store.Range, error) {
	if ranges, ok := s.known.get(source); ok && s.closing.Err() == nil {
		return ranges, nil
	}
	var ranges []store.Range
	err := s.ask(ctx, func(conn *duckdb.Conn) (err error) {
		ranges, err = s.rangesOf(ctx, conn, source)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up a source: %w", err)
	}
	return ranges, nil
}

// StoredKey returns what is stored under a key. It waits for its turn between two
// commits; 100,000 keys are looked through in about a millisecond.
func (s *Store) StoredKey(ctx context.Context, text string) (k store.Key, ok bool, err error) {
	err = s.ask(ctx, func(conn *duckdb.Conn) error {
		rows, err := selectRows(ctx, conn, "SELECT digest, records FROM stored_keys WHERE key = ? ORDER BY number DESC LIMIT 1", text)
		if err == nil && len(rows) == 1 {
			k, ok = store.Key{Text: text, Digest: rows[0][0].(string), Stored: int(rows[0][1].(int64))}, true
		}
		return err
	})
	if err != nil {
		return store.Key{}, false, fmt.Errorf("look up a key: %w", err)
	}
	return k, ok, nil
}

// ask reads with the writer's connection, so that what it finds is the outcome of
// the last commit, whatever became of that.
func (s *Store) ask(ctx context.Context, f func(*duckdb.Conn) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	conn, err := s.connection(ctx)
	if err != nil {
		return err
	}
	if err := f(conn); err != nil {
		s.dropWriter()
		if isUnsound(err) {
			_ = s.restart(ctx) // when it fails, the next call tries again and says why
		}
		return explain(err)
	}
	return nil
}

// rangesOf returns a source's ranges from memory or from the table. writing is
// held.
func (s *Store) rangesOf(ctx context.Context, conn *duckdb.Conn, source string) ([]store.Range, error) {
	if ranges, ok := s.known.get(source); ok {
		return ranges, nil
	}
	rows, err := selectRows(ctx, conn, "SELECT first_seq, last_seq FROM stored_ranges WHERE source = ? ORDER BY first_seq", source)
	if err != nil {
		return nil, err
	}
	var ranges []store.Range
	for _, row := range rows {
		ranges = append(ranges, store.Range{Source: source, First: uint64(row[0].(int64)), Last: uint64(row[1].(int64))})
	}
	s.known.set(source, ranges)
	return ranges, nil
}

// writeRanges puts the batch's ranges into the transaction under way and returns
// what the sources have then.
func (s *Store) writeRanges(ctx context.Context, conn *duckdb.Conn, ranges []store.Range) (map[string][]store.Range, error) {
	before, after := make(map[string][]store.Range), make(map[string][]store.Range)
	for _, r := range ranges {
		if _, ok := after[r.Source]; !ok {
			have, err := s.rangesOf(ctx, conn, r.Source)
			if err != nil {
				return nil, err
			}
			before[r.Source], after[r.Source] = have, have
		}
		after[r.Source] = store.MergeRange(after[r.Source], r)
	}
	for source, want := range after {
		if err := replaceRanges(ctx, conn, source, before[source], want); err != nil {
			return nil, err
		}
	}
	return after, nil
}

// replaceRanges changes the rows that differ. A source that sends in order has one
// row that grows.
func replaceRanges(ctx context.Context, conn *duckdb.Conn, source string, have, want []store.Range) error {
	i, j := 0, 0
	for i < len(have) || j < len(want) {
		var err error
		switch {
		case j == len(want) || i < len(have) && have[i].First < want[j].First:
			err = execute(ctx, conn, "DELETE FROM stored_ranges WHERE source = ? AND first_seq = ?", values(source, int64(have[i].First))...)
			i++
		case i == len(have) || want[j].First < have[i].First:
			err = execute(ctx, conn, "INSERT INTO stored_ranges VALUES (?, ?, ?)", values(source, int64(want[j].First), int64(want[j].Last))...)
			j++
		default:
			if have[i] != want[j] {
				err = execute(ctx, conn, "UPDATE stored_ranges SET last_seq = ? WHERE source = ? AND first_seq = ?",
					values(int64(want[j].Last), source, int64(want[j].First))...)
			}
			i, j = i+1, j+1
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keyRows is what the store knows about the table of keys: rows are numbered in the
// order of commits.
type keyRows struct{ lowest, next int64 }

// writeKeys puts the batch's keys into the transaction under way, and forgets the
// oldest ones when there are too many: a tenth of the bound at a time.
func (s *Store) writeKeys(ctx context.Context, conn *duckdb.Conn, keys []store.Key) (now keyRows, forgotten int64, err error) {
	now = s.keys
	if len(keys) == 0 {
		return now, 0, nil
	}
	for _, k := range keys {
		if k.Before == 0 {
			continue
		}
		if err := execute(ctx, conn, "DELETE FROM stored_keys WHERE key = ?", values(k.Text)...); err != nil {
			return now, 0, err
		}
	}
	a, err := duckdb.NewAppenderFromConn(conn, "", "stored_keys")
	if err != nil {
		return now, 0, err
	}
	for _, k := range keys {
		if err := a.AppendRow(now.next, k.Text, k.Digest, int64(k.Stored)); err != nil {
			_ = a.Close() // err says what is wrong
			return now, 0, err
		}
		now.next++
	}
	if err := a.Close(); err != nil {
		return now, 0, err
	}
	most := int64(s.opts.MaxKeys)
	if now.next-now.lowest <= most+most/10 {
		return now, 0, nil
	}
	now.lowest = now.next - most
	result, err := conn.ExecContext(ctx, "DELETE FROM stored_keys WHERE number < ?", values(now.lowest))
	if err != nil {
		return now, 0, err
	}
	forgotten, err = result.RowsAffected()
	return now, forgotten, err
}

// loadKeys reads which numbers the table of keys has.
func loadKeys(ctx context.Context, conn *duckdb.Conn) (keyRows, error) {
	rows, err := selectRows(ctx, conn, "SELECT coalesce(min(number), 0), coalesce(max(number) + 1, 0) FROM stored_keys")
	if err != nil {
		return keyRows{}, err
	}
	return keyRows{rows[0][0].(int64), rows[0][1].(int64)}, nil
}

// values numbers a statement's arguments.
func values(args ...any) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	return out
}
