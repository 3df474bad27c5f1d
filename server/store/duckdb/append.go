//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// Append commits a batch: its rows, its id and what its senders call it, in one
// transaction that is on disk when Append returns nil. An error wraps store.ErrAmbiguous when the commit had
// begun; after any other nothing of the batch is stored.
//
// ctx is looked at between steps; a commit that has begun is not interrupted,
// because its outcome would then be unknown.
func (s *Store) Append(ctx context.Context, b store.Batch) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	conn, err := s.connection(ctx)
	if err != nil {
		return fmt.Errorf("append batch: %w", err)
	}
	if err := s.checkOrder(b.Records); err != nil {
		return fmt.Errorf("append batch: %w", err)
	}
	if err := s.commit(ctx, conn, b); err != nil {
		s.known.forget()
		s.dropWriter()
		if isUnsound(err) {
			// What went wrong is in err; when the restart fails, the next call tries
			// again and says why.
			_ = s.restart(ctx)
		}
		return fmt.Errorf("append batch: %w", explain(err))
	}
	if n := len(b.Records); n > 0 {
		s.last.Store(int64(b.Records[n-1].ID))
		s.records.Add(int64(n))
		s.marks.add(b.Records)
	}
	s.askCheckpoint()
	return nil
}

// LastCommit returns the newest commit, read from the file.
func (s *Store) LastCommit(ctx context.Context) (store.Commit, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	conn, err := s.connection(ctx)
	if err != nil {
		return store.Commit{}, fmt.Errorf("read the last commit: %w", err)
	}
	c, err := lastCommit(ctx, conn)
	if err != nil {
		s.dropWriter()
		if isUnsound(err) {
			_ = s.restart(ctx)
		}
		return store.Commit{}, fmt.Errorf("read the last commit: %w", explain(err))
	}
	return c, nil
}

// checkOrder keeps the promise that searches stand on: positions only grow.
func (s *Store) checkOrder(records []record.Record) error {
	last := record.Position(s.last.Load())
	for i := range records {
		if records[i].ID <= last {
			return fmt.Errorf("position %d of record %d is not above %d", records[i].ID, i, last)
		}
		last = records[i].ID
	}
	return nil
}

func (s *Store) commit(ctx context.Context, conn *duckdb.Conn, b store.Batch) error {
	if err := execute(ctx, conn, "BEGIN"); err != nil {
		return err
	}
	if err := s.appendRows(ctx, conn, b.Records); err != nil {
		return err
	}
	ranges, err := s.writeRanges(ctx, conn, b.Ranges)
	if err != nil {
		return err
	}
	keys, forgotten, err := s.writeKeys(ctx, conn, b.Keys)
	if err != nil {
		return err
	}
	last := s.last.Load()
	if n := len(b.Records); n > 0 {
		last = int64(b.Records[n-1].ID)
	}
	if err := execute(ctx, conn, "UPDATE meta SET last_position = ?, last_batch = ?", values(last, b.ID)...); err != nil {
		return err
	}
	if err := execute(context.WithoutCancel(ctx), conn, "COMMIT"); err != nil {
		return fmt.Errorf("%w: %w", store.ErrAmbiguous, err)
	}
	for source, now := range ranges {
		s.known.set(source, now)
	}
	s.keys = keys
	s.counts.keysForgotten.Add(uint64(forgotten))
	return nil
}

// connection returns the writer's connection. A new one first reads what the
// store holds, because the batch before it may or may not be there.
func (s *Store) connection(ctx context.Context) (*duckdb.Conn, error) {
	if s.writer != nil {
		return s.writer, nil
	}
	if s.engine == nil {
		return nil, ErrClosed
	}
	var err error
	if !s.broken {
		err = s.connectWriter(ctx)
	}
	if s.broken || isUnsound(err) {
		if err = s.restart(ctx); err == nil {
			err = s.connectWriter(ctx)
		}
	}
	return s.writer, explain(err)
}

func (s *Store) connectWriter(ctx context.Context) error {
	conn, err := s.engine.connect(ctx)
	if err != nil {
		return err
	}
	if err := s.load(ctx, conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.writer = conn
	return nil
}

// dropWriter gives the connection up; that rolls back what it had not committed.
// The connection may be in any state, so what closing it says is of no use.
func (s *Store) dropWriter() {
	_ = s.writer.Close()
	s.writer = nil
	s.counts.writersReplaced.Add(1)
}

// restart opens the file again. After a commit or a write that failed DuckDB may
// refuse all work, or go on with damaged memory (measured: with a full disk,
// version 1.4.3 crashed in a later SELECT), so nothing it has in memory is used
// any more. Reads under way are interrupted. When it fails the store has no
// engine, and the next Append or LastCommit tries again.
func (s *Store) restart(ctx context.Context) error {
	s.engine.end()
	s.running.Lock()
	defer s.running.Unlock()
	_ = s.engine.stop() // it has failed before; that was the reason
	s.broken = true
	s.counts.enginesRestarted.Add(1)
	fresh, err := startEngine(context.WithoutCancel(ctx), s.opts)
	if err != nil {
		return err
	}
	s.engine, s.broken = fresh, false
	return nil
}

// load reads what the store keeps in memory about the table.
func (s *Store) load(ctx context.Context, conn *duckdb.Conn) error {
	c, err := lastCommit(ctx, conn)
	if err != nil {
		return err
	}
	rows, err := selectRows(ctx, conn, "SELECT count(*) FROM logs")
	if err != nil {
		return err
	}
	count := rows[0][0].(int64)
	rows, err = selectRows(ctx, conn, fmt.Sprintf("SELECT id, created_at FROM logs WHERE rowid %% %d = 0 ORDER BY id", markEvery))
	if err != nil {
		return err
	}
	list := make([]mark, len(rows))
	for i, row := range rows {
		created, _ := row[1].(time.Time) // null: the record has no time
		list[i] = mark{record.Position(row[0].(int64)), created}
	}
	if s.keys, err = loadKeys(ctx, conn); err != nil {
		return err
	}
	s.known.forget()
	s.last.Store(int64(c.Position))
	s.records.Store(count)
	s.marks.replace(list)
	return nil
}

func lastCommit(ctx context.Context, conn *duckdb.Conn) (store.Commit, error) {
	rows, err := selectRows(ctx, conn, "SELECT last_position, last_batch FROM meta")
	if err != nil {
		return store.Commit{}, err
	}
	if len(rows) != 1 {
		return store.Commit{}, fmt.Errorf("table meta has %d rows, not one: %s", len(rows), damagedHint)
	}
	return store.Commit{Position: record.Position(rows[0][0].(int64)), BatchID: rows[0][1].(string)}, nil
}
