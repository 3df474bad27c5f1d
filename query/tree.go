package query

import (
	"regexp"
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

// The operators. For Equal, Less … and Range the comparison is numeric when both
// sides are finite numbers, else of folded text; level compares by severity.
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
// A missing value never matches.
type Compare struct {
	Field string
	Op    Op
	Value string         // as typed; for Range the lower end
	High  string         // for Range the upper end
	Re    *regexp.Regexp // for Regexp, RE2, matched against the unfolded text
}

func (*And) node()     {}
func (*Or) node()      {}
func (*Not) node()     {}
func (*Text) node()    {}
func (*Compare) node() {}
