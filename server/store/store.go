// Package store is the interface to a database of records, and what all databases
// share. Each database is a folder of its own; storetest is the suite that all
// must pass.
package store

import (
	"context"
	"errors"
	"io"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// Errors that callers tell apart. Every other error of Append means that nothing
// of the batch was stored.
var (
	// ErrAmbiguous: the batch may or may not have been committed. LastCommit tells,
	// once the store answers again.
	ErrAmbiguous = errors.New("the outcome of the commit is not known")
	// ErrLocked: another process owns the database.
	ErrLocked = errors.New("the database is in use by another process")
	// ErrVersion: the database was written by a newer Weir.
	ErrVersion = errors.New("the database was written by a newer version")
)

// Batch is what is committed at once. Its records are normalized, have ascending
// positions above every earlier batch's, and belong to the caller: the store does
// not keep them.
type Batch struct {
	ID      string // unique; tells whether this batch was committed
	Records []record.Record
}

// Commit describes the newest commit of a store. It survives retention.
type Commit struct {
	Position record.Position // the last position given
	BatchID  string
}

// Writer takes batches in. It has one caller at a time, the committer.
type Writer interface {
	// Append commits the batch with its ID, all or nothing; when it returns nil the
	// records are durable. It does not retry.
	Append(ctx context.Context, b Batch) error
	// LastCommit returns the newest commit, the zero Commit when there is none.
	LastCommit(ctx context.Context) (Commit, error)
}

// Store is a database of records. Search and the optional abilities may be called
// concurrently with each other and with Append, and a long one never stops
// Append.
type Store interface {
	Writer
	view.Searcher
	io.Closer
}
