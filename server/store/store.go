// Package store is the interface to a database of records, and what all databases
// share. Each database is a folder of its own; storetest is the suite that all
// must pass.
package store

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

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

	// Ranges and Keys say how senders call what is in the batch, so that it is known
	// when it comes again. They are committed with the records or not at all.
	Ranges []Range
	Keys   []Key
}

// Range is a stretch of a source's own numbering, both ends included.
type Range struct {
	Source      string
	First, Last uint64 // 1 <= First <= Last <= MaxSeq
}

// MaxSeq is the largest number of a source's record: 63 bits, because not every
// database has more.
const MaxSeq = 1<<63 - 1

// Key is what a sender calls a body whose records it does not number.
type Key struct {
	Text   string
	Digest string // of the body that came with it
	Before int    // records of the body that earlier batches have stored
	Stored int    // records of it that are stored with this batch: those and its own
}

// DefaultMaxKeys is how many Keys a store remembers, the newest ones: at a batch a
// second those of a day, in about 15 MB. Ranges have no such bound: they are merged, so that
// a source that sends in order has one, of about 60 bytes.
const DefaultMaxKeys = 100_000

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
	Recaller
}

// Recaller knows what was committed under which name. It may be called
// concurrently with itself and with everything else; what it says of an Append
// under way, or of one whose outcome is not known, may be either.
type Recaller interface {
	// StoredRanges returns what of a source's numbering is stored, ascending, with no
	// two ranges that overlap or touch. The caller must not change the slice.
	StoredRanges(ctx context.Context, source string) ([]Range, error)
	// StoredKey returns what is stored under a key; ok is false when nothing is, or it
	// was forgotten.
	StoredKey(ctx context.Context, text string) (k Key, ok bool, err error)
}

// Store is a database of records. Search and the optional abilities may be called
// concurrently with each other and with Append, and a long one never stops
// Append.
type Store interface {
	Writer
	view.Searcher
	io.Closer
}

// MergeRange adds a range to the ranges of its source, which ascend and do not touch,
// and returns the new ones: have is not changed.
func MergeRange(have []Range, add Range) []Range {
	// Those from first on end at or behind the place before add, those from next on
	// begin behind the place after it.
	first, _ := slices.BinarySearchFunc(have, add.First, func(r Range, n uint64) int { return cmp.Compare(r.Last, n-1) })
	next := first
	for next < len(have) && have[next].First <= add.Last+1 {
		add.First, add.Last = min(add.First, have[next].First), max(add.Last, have[next].Last)
		next++
	}
	out := make([]Range, 0, len(have)-(next-first)+1)
	out = append(out, have[:first]...)
	out = append(out, add)
	return append(out, have[next:]...)
}
