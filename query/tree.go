package query

import (
	"regexp"
	"time"

	"github.com/weirlog/weir/record"
)

// And matches what all its nodes match; it has at least two.
type And struct{ Nodes []Node }

// Or matches what any of its nodes matches; it has at least two.
type Or struct{ Nodes []Node }

// Not matches what its node does not match: negation is two-valued, so a record
// without the field matches the negation.
type Not struct{ Node Node }

// Text is a bare word or phrase: it is in the message or the stack trace,
// compared after strings.ToLower on both sides.
type Text struct {
	Value string // as typed
	Lower string // folded
}

// Op is how a Compare compares.
type Op uint8

// The operators. For Equal, Less … and Range the comparison is numeric, by decimal
// value and exact, when the record's value is a number (not a text that looks like
// one) and the query's value is written like one in JSON; else it is of the folded
// text of record.ValueText, byte by byte.
const (
	Equal   Op = iota // field:value
	Prefix            // field:pre*
	Regexp            // field:/re/
	Less              // field<value
	AtMost            // field<=value
	Greater           // field>value
	AtLeast           // field>=value
	Range             // field:a..b, both ends included, either may be empty
	Exists            // has:field
)

// Compare tests one field or attribute, found as record.Record.Lookup finds it.
// A missing value never matches. An array matches when any of its elements does, for
// every operator but Exists. Other fields that are special:
//
//   - message and stack_trace: Equal means that the folded text contains the value;
//   - level: Equal, Less … and Range compare the six levels (WARN+1 is a WARN), and
//     a record of unknown level matches none; Equal with the name of no level
//     compares the folded text;
//   - created_at, observed_at: Equal, Less … and Range compare times; Value and High
//     are RFC 3339 in UTC;
//   - trace_id: Value is without the dashes of a UUID;
//   - deleted is false when it is missing.
type Compare struct {
	Field string
	Op    Op
	Value string         // as typed, or as above; for Range the lower end
	High  string         // for Range the upper end
	Re    *regexp.Regexp // for Regexp, RE2, matched against the unfolded text

	kind      fieldKind
	low, high bound
}

// bound is one side of a comparison, made ready.
type bound struct {
	empty  bool
	lower  string // folded
	number number
	time   time.Time
	level  record.Severity // the least severity of the level; zero: no level's name
}

func (*And) node()     {}
func (*Or) node()      {}
func (*Not) node()     {}
func (*Text) node()    {}
func (*Compare) node() {}
