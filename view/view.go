// Package view is what a page needs of a backend: to search what is stored and
// to follow what arrives. [Memory] is the backend of a program's own page; the
// server puts one together from a store and a hub ([Stored]).
package view

import (
	"context"
	"errors"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
)

// ErrNotFound is returned by Record for an id that is not stored (any more).
var ErrNotFound = errors.New("no such record")

// Limits of a search, as the API documents them.
const (
	DefaultLimit = 200    // records in a page of results unless told
	MaxLimit     = 10_000 // the most a page may have: about 7 MB of JSON
)

// Order is the order of a search's records.
type Order uint8

// The orders. All but ByTime follow positions, that is, arrival.
const (
	NewestFirst Order = iota // by id, descending; Query.Before moves on
	OldestFirst              // by id, ascending; Query.After moves on
	ByTime                   // by created_at, then id, ascending
)

// Query is one search. The zero Query asks for the newest DefaultLimit records.
type Query struct {
	Filter *query.Filter // nil matches everything
	// Since and Until bound created_at to [Since, Until); zero: no bound. A filter's
	// own bounds apply as well.
	Since, Until time.Time
	// After and Before bound positions to (After, Before), both exclusive; zero: no
	// bound.
	After, Before record.Position
	Limit         int // at most MaxLimit; zero: DefaultLimit
	Order         Order
}

// The reasons why a Page is not complete.
const (
	ReasonLimit    = "limit"    // the page is full
	ReasonDeadline = "deadline" // time ran out before everything was looked at
	ReasonEvicted  = "evicted"  // older records have left the memory
)

// Page is one page of a search's result.
type Page struct {
	Records []record.Record // shared, read only
	// Next is the position to go on from (as Before, or as After when the order is
	// OldestFirst), zero when there is nothing more.
	Next record.Position
	// Complete says that nothing that matches was left out before or after this
	// page; Reason tells why when it is false.
	Complete bool
	Reason   string
	// ScannedUntil is created_at of the last record looked at when Reason is
	// ReasonDeadline.
	ScannedUntil time.Time
}

// Searcher finds stored records. Search may be called concurrently; it ends early
// with the context's error when the client has left, and with a partial page and
// ReasonDeadline when the context's deadline has passed. The records' attributes
// are not changed by anyone.
type Searcher interface {
	Search(ctx context.Context, q Query) (Page, error)
}

// Backend is what the page and the API are served from.
type Backend interface {
	Searcher
	// Record finds one record by its id; ErrNotFound when it is not there.
	Record(ctx context.Context, id record.Position) (record.Record, error)
	// Hub is where committed records arrive. Every record at or below a hub's
	// cursor can be searched, unless it has been evicted or deleted.
	Hub() *hub.Hub
}

// Counter is the optional ability to count the records with positions in
// (after, upto] without reading them.
type Counter interface {
	Count(ctx context.Context, after, upto record.Position) (uint64, error)
}
