//go:build !(cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64)))

package duckdb

import (
	"context"
	"errors"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// errUnsupported is why this build has no embedded database.
var errUnsupported = errors.New("this build of weir has no embedded database: it was built without cgo, or for a system that DuckDB has no library for; " +
	"build it with CGO_ENABLED=1 and a C compiler, or use --store postgres://…")

// Store cannot be opened in this build.
type Store struct{ store.Store }

var _ store.Store = (*Store)(nil)

// Open returns an error that says what to do.
func Open(context.Context, Options) (*Store, error) { return nil, errUnsupported }

// Record cannot be called: there is no Store.
func (*Store) Record(context.Context, record.Position) (record.Record, error) {
	return record.Record{}, errUnsupported
}

// Count cannot be called: there is no Store.
func (*Store) Count(_ context.Context, _, _ record.Position) (uint64, error) {
	return 0, errUnsupported
}

// CountBy cannot be called: there is no Store.
func (*Store) CountBy(context.Context, record.FieldID, int) ([]ValueCount, uint64, error) {
	return nil, 0, errUnsupported
}

// CountLevel cannot be called: there is no Store.
func (*Store) CountLevel(context.Context, string, time.Time) (uint64, error) {
	return 0, errUnsupported
}

// Stats cannot be called: there is no Store.
func (*Store) Stats() Stats { return Stats{} }
