//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/view"
)

// Store is an open database. Append and LastCommit have one caller at a time;
// everything else may be called concurrently with them and with itself.
type Store struct {
	opts Options
	lock *dirLock

	closing context.Context // done once Close begins: interrupts the reads under way
	close   context.CancelFunc

	turns chan struct{} // holds a token for each read that runs
	gate  gate          // what its statements pass

	wake         chan struct{} // tells the checkpointer to look; never closed
	background   sync.WaitGroup
	checkpointAt int64 // the constant, but for tests

	// engine is nil after Close. It changes with both locks held; reads hold
	// running shared while they use it, whoever holds writing may use it too.
	running sync.RWMutex
	engine  *engine

	writing sync.Mutex   // held by Append, LastCommit, ask and Close
	writer  *duckdb.Conn // nil: the next use connects
	chunk   *chunk       // of the batches; nil until the first
	broken  bool         // the engine has stopped and could not be started again yet

	fold      folding
	resources record.Interner

	known sources
	keys  keyRows // changes with writing held

	last    atomic.Int64 // the newest position committed
	records atomic.Int64
	marks   marks
	counts  counters
}

type counters struct {
	checkpoints, checkpointsPutOff, checkpointsFailed                                  atomic.Uint64
	readsWaited, deadlines, fullPages, smallerReads, writersReplaced, enginesRestarted atomic.Uint64
	keysForgotten                                                                      atomic.Uint64
}

var (
	_ store.Store  = (*Store)(nil)
	_ view.Counter = (*Store)(nil)
	_ view.Finder  = (*Store)(nil)
)

// Open opens the database in a directory, which it makes if need be, and locks
// it until Close. Its errors wrap store.ErrLocked when another process has it and
// store.ErrVersion when a newer Weir wrote it.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	if o.Dir == "" {
		return nil, errors.New("open the database: no directory given (--data)")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w%s", err, hintFor(err))
	}
	lock, err := lockDir(o.Dir, o.Address)
	if err != nil {
		return nil, err
	}
	s := &Store{opts: o, lock: lock, turns: make(chan struct{}, o.MaxReads), gate: newGate(o.MaxReads), wake: make(chan struct{}, 1), checkpointAt: checkpointAt}
	s.closing, s.close = context.WithCancel(context.Background())
	if s.engine, err = startEngine(ctx, o); err != nil {
		return nil, errors.Join(err, lock.release())
	}
	if s.fold, err = s.engine.folding(ctx); err == nil {
		_, err = s.connection(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), s.Close())
	}
	s.background.Go(s.checkpoints)
	s.askCheckpoint()
	return s, nil
}

// Close ends the reads under way, writes the log into the file and gives the
// directory up. It waits for an Append that runs. A second Close does nothing.
func (s *Store) Close() error {
	s.close()
	s.background.Wait()
	s.writing.Lock()
	defer s.writing.Unlock()
	s.running.Lock()
	defer s.running.Unlock()
	if s.engine == nil {
		return nil
	}
	var errs []error
	if s.writer != nil {
		if err := execute(context.Background(), s.writer, "CHECKPOINT"); err != nil {
			errs = append(errs, fmt.Errorf("checkpoint (nothing is lost, the next start reads the log): %w", explain(err)))
		}
		errs = append(errs, s.writer.Close())
		s.writer = nil
	}
	if s.chunk != nil {
		s.chunk.destroy()
		s.chunk = nil
	}
	errs = append(errs, s.engine.stop(), s.lock.release())
	s.engine = nil
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// read calls f with a connection of its own, when it is its turn. The context f
// gets always has a deadline, and ends when the store closes.
func (s *Store) read(ctx context.Context, f func(context.Context, *reader) error) error {
	cancel := context.CancelFunc(func() {})
	if _, ok := ctx.Deadline(); !ok {
		ctx, cancel = context.WithTimeout(ctx, s.opts.QueryTimeout)
	}
	defer cancel()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer context.AfterFunc(s.closing, func() { end(ErrClosed) })()

	select {
	case s.turns <- struct{}{}:
	default:
		s.counts.readsWaited.Add(1)
		select {
		case s.turns <- struct{}{}:
		case <-ctx.Done():
			return whyEnded(ctx)
		}
	}
	defer func() { <-s.turns }()

	s.running.RLock()
	defer s.running.RUnlock()
	if s.engine == nil {
		return ErrClosed
	}
	defer context.AfterFunc(s.engine.ending, func() { end(errRestarting) })()
	conn, err := s.engine.readers.Conn(ctx)
	if err == nil {
		err = errors.Join(f(ctx, &reader{conn, s.gate}), conn.Close())
	}
	if err != nil && ctx.Err() != nil {
		return whyEnded(ctx) // the engine's own words for it add nothing
	}
	return explain(err)
}

// reader is a connection that reads. One goroutine uses it.
type reader struct {
	conn *sql.Conn
	gate gate
}

// query runs a statement. The engine is done with it when query returns: the rows
// are in memory. The caller closes them.
func (r *reader) query(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	if err := r.gate.enter(ctx); err != nil {
		return nil, err
	}
	defer r.gate.leave()
	return r.conn.QueryContext(ctx, statement, args...) //nolint:sqlclosecheck // the caller closes what it gets
}

// whyEnded is the error of a read's context that is done.
func whyEnded(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrClosed) || errors.Is(cause, errRestarting) {
		return cause
	}
	return ctx.Err()
}

// errRestarting ends the reads of an engine that has failed.
var errRestarting = errors.New("the database is opened again after an error; try again")

// Count counts the records with positions in (after, upto].
func (s *Store) Count(ctx context.Context, after, upto record.Position) (uint64, error) {
	n, err := s.number(ctx, "SELECT count(*) FROM logs WHERE id > ? AND id <= ?", int64(after), int64(upto))
	if err != nil {
		return 0, fmt.Errorf("count records: %w", err)
	}
	return n, nil
}

// number runs a statement that answers with one number.
func (s *Store) number(ctx context.Context, statement string, args ...any) (n uint64, err error) {
	err = s.read(ctx, func(ctx context.Context, r *reader) error {
		rows, err := r.query(ctx, statement, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(&n); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return n, err
}

// Record finds one record by its id; view.ErrNotFound when it is not there.
func (s *Store) Record(ctx context.Context, id record.Position) (record.Record, error) {
	if id <= 0 {
		return record.Record{}, view.ErrNotFound
	}
	page, err := s.Search(ctx, view.Query{After: id - 1, Before: id + 1, Limit: 1})
	switch {
	case err != nil:
		return record.Record{}, err
	case len(page.Records) == 1:
		return page.Records[0], nil
	case page.Reason == view.ReasonDeadline:
		return record.Record{}, fmt.Errorf("find record %d: %w", id, context.DeadlineExceeded)
	}
	return record.Record{}, view.ErrNotFound
}

// Stats returns the counters. It does not ask the database.
func (s *Store) Stats() Stats {
	st := Stats{
		Records:           uint64(max(s.records.Load(), 0)),
		ReadsWaited:       s.counts.readsWaited.Load(),
		Deadlines:         s.counts.deadlines.Load(),
		FullPages:         s.counts.fullPages.Load(),
		SmallerReads:      s.counts.smallerReads.Load(),
		Checkpoints:       s.counts.checkpoints.Load(),
		CheckpointsPutOff: s.counts.checkpointsPutOff.Load(),
		CheckpointsFailed: s.counts.checkpointsFailed.Load(),
		WritersReplaced:   s.counts.writersReplaced.Load(),
		EnginesRestarted:  s.counts.enginesRestarted.Load(),
		KeysForgotten:     s.counts.keysForgotten.Load(),
	}
	for _, name := range []string{fileName, logName} {
		if info, err := os.Stat(filepath.Join(s.opts.Dir, name)); err == nil {
			st.Bytes += info.Size()
		}
	}
	return st
}
