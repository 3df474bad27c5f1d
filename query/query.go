// Package query is the search language: what people type into the search box,
// the `q` of the API and the terminal's commands.
//
// [Parse] reads a text, [Filter.Match] says what it means. Stores may search in
// their own way, but Match decides: whatever an engine finds must be what Match
// would have found.
package query

import (
	"time"

	"github.com/weirlog/weir/record"
)

// Filter is a parsed query. The zero Filter and nil match every record. It is
// immutable and safe for concurrent use.
type Filter struct {
	root Node
	// Since and Until are the bounds on created_at that the query itself names
	// (since:15m, until:…), resolved against the clock given to Parse; zero: none.
	// The bounds are [Since, Until).
	Since, Until time.Time
}

// Node is one node of the tree, for stores that compile a filter: *And, *Or,
// *Not, *Text or *Compare.
type Node interface{ node() }

// Root returns the tree, nil when the filter matches everything but its time
// bounds.
func (f *Filter) Root() Node {
	if f == nil {
		return nil
	}
	return f.root
}

// Parse reads a query. An empty text matches everything. The error is an *Error;
// callers that search anyway use [PlainText].
func Parse(text string, now time.Time) (*Filter, error) { panic("BUG: not written") }

// PlainText is the filter for a text that does not parse: a phrase in the
// message or stack trace.
func PlainText(text string) *Filter { panic("BUG: not written") }

// Match reports whether r passes the filter, its time bounds included.
func (f *Filter) Match(r *record.Record) bool { panic("BUG: not written") }

// String prints the filter in its canonical form; Parse reads it back to an equal
// filter.
func (f *Filter) String() string { panic("BUG: not written") }

// Error says what is wrong with a query and where.
type Error struct {
	Offset  int    // in bytes
	Message string // for people, with what to do
}

func (e *Error) Error() string { return e.Message }
