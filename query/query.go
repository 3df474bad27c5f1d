// Package query is the search language: what people type into the search box,
// the `q` of the API and the terminal's commands.
//
// [Parse] reads a text, [Filter.Match] says what it means. Stores may search in
// their own way, but Match decides: whatever an engine finds must be what Match
// would have found. The package knows nothing of stores and reads no clock.
package query

import (
	"strings"
	"time"
)

// Limits of a query; all bound the work that a text of a stranger can cause.
const (
	MaxQueryBytes  = 4 << 10 // more than anybody types, and fits into a URL
	MaxQueryNodes  = 500     // words, comparisons and operators
	MaxQueryDepth  = 50      // parentheses inside each other
	MaxRegexpBytes = 1 << 10 // of one regular expression
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
func Parse(text string, now time.Time) (*Filter, error) {
	if len(text) > MaxQueryBytes {
		return nil, &Error{Offset: MaxQueryBytes, Message: "the query is longer than 4096 bytes"}
	}
	p := parser{s: text, now: now}
	root := p.either()
	p.space()
	if p.err == nil && p.i < len(p.s) {
		p.fail(p.i, "there is a ) without its (; put it in quotes to search for it")
	}
	if p.split && p.bounded {
		p.fail(p.boundAt, "since: and until: stand beside the whole query; put the rest in parentheses: since:15m (a OR b)")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Filter{root: root, Since: p.since, Until: p.until}, nil
}

// PlainText is the filter for a text that does not parse: a phrase in the
// message or stack trace.
func PlainText(text string) *Filter {
	return &Filter{root: newText(text)}
}

func newText(value string) *Text {
	return &Text{Value: value, Lower: strings.ToLower(value)}
}

// Error says what is wrong with a query and where.
type Error struct {
	Offset  int    // in bytes
	Message string // for people, with what to do
}

func (e *Error) Error() string { return e.Message }
