// Package duckdb is the embedded store: one DuckDB file in one directory, owned
// by one process.
//
// [Open] takes the directory and returns a [Store]; [Store.Append] commits a
// batch and [Store.Search] finds records. A batch is one transaction of the rows,
// of the position and id it was committed with, and of what its senders call it, so
// [Store.LastCommit], [Store.StoredRanges] and [Store.StoredKey] always tell the
// truth about the rows.
//
// The package does not retry, repair text or give positions: intake does. It
// keeps no index; searches read columns, newest positions first, in windows that
// widen. It needs cgo and one of the systems DuckDB's library is built for;
// elsewhere Open says so.
package duckdb

import (
	"errors"
	"time"

	"github.com/weirlog/weir/server/store"
)

// Options say where the database is and how much it may use. Dir is required;
// other zero fields take the defaults.
type Options struct {
	Dir string
	// Address is where this process can be reached. Whoever finds the directory
	// taken is told.
	Address string
	// MemoryLimit is what DuckDB may use, in bytes. Default DefaultMemoryLimit.
	MemoryLimit int64
	// SpillLimit is what sorts that exceed the memory may use of the directory's
	// disk, in bytes. Default DefaultSpillLimit.
	SpillLimit int64
	// MaxReads is how many searches and counts run at once; others wait for their
	// turn within their deadlines. Default DefaultMaxReads.
	MaxReads int
	// QueryTimeout bounds reads whose context has no deadline. Default
	// DefaultQueryTimeout.
	QueryTimeout time.Duration
	// MaxKeys is how many keys of batches are remembered, the newest ones. Default
	// store.DefaultMaxKeys.
	MaxKeys int
}

// Defaults.
const (
	// 512 MB were enough for 3 million rows with every query of the measurements.
	DefaultMemoryLimit = 512 << 20
	// Searches sort ids only and never spill; this is for questions in SQL.
	DefaultSpillLimit = 2 << 30
	// Together they use all cores: more at once only make each other, and Append, late.
	DefaultMaxReads = 2
	// A full scan of 300 million rows is estimated at 9 s.
	DefaultQueryTimeout = 30 * time.Second
)

const (
	fileName = "weir.duckdb"
	logName  = fileName + ".wal" // DuckDB's own name for it
	lockName = "weir.lock"
	tempName = "tmp"

	// maxPageBytes bounds the text of one page of results; a page that reaches it
	// ends early, as a page that reaches its limit does. A page of view.MaxLimit
	// ordinary records has 7 MB.
	maxPageBytes = 64 << 20
)

// ErrClosed is returned by every method after Close.
var ErrClosed = errors.New("the database is closed")

func (o Options) withDefaults() Options {
	if o.MemoryLimit <= 0 {
		o.MemoryLimit = DefaultMemoryLimit
	}
	if o.SpillLimit <= 0 {
		o.SpillLimit = DefaultSpillLimit
	}
	if o.MaxReads <= 0 {
		o.MaxReads = DefaultMaxReads
	}
	if o.QueryTimeout <= 0 {
		o.QueryTimeout = DefaultQueryTimeout
	}
	if o.MaxKeys <= 0 {
		o.MaxKeys = store.DefaultMaxKeys
	}
	return o
}

// Stats is a snapshot of what the store holds and of its counters since Open.
type Stats struct {
	Records uint64 // stored now
	Bytes   int64  // on disk: the file and its log

	ReadsWaited       uint64 // reads that found MaxReads others running
	Deadlines         uint64 // searches that ended before everything was looked at
	FullPages         uint64 // pages that ended at the bound on their bytes
	SmallerReads      uint64 // reads repeated with fewer rows because the memory limit was reached
	Checkpoints       uint64 // times the log was written into the file
	CheckpointsPutOff uint64 // … and waited for a statement that took too long
	CheckpointsFailed uint64

	WritersReplaced  uint64 // writer connections given up after an error
	EnginesRestarted uint64 // times the database had to be opened again after a fatal error

	KeysForgotten uint64 // keys of batches that were forgotten because there were too many
}

// ValueCount is how many records have a value.
type ValueCount struct {
	Value   string
	Records uint64
}
