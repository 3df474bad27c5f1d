package query

import (
	"log/slog"
	"strings"

	"github.com/weirlog/weir/record"
)

// fieldKind says which fields compare in a way of their own.
type fieldKind uint8

const (
	plainField fieldKind = iota
	textField            // message, stack_trace
	levelField
	timeField
	traceField
)

func kindOf(name string) fieldKind {
	f, ok := record.FieldByName(name)
	if !ok {
		return plainField
	}
	switch f.ID {
	case record.FieldMessage, record.FieldStackTrace:
		return textField
	case record.FieldLevel:
		return levelField
	case record.FieldCreatedAt, record.FieldObservedAt:
		return timeField
	case record.FieldTraceID:
		return traceField
	}
	return plainField
}

// Match reports whether r passes the filter, its time bounds included.
func (f *Filter) Match(r *record.Record) bool {
	if f == nil {
		return true
	}
	if !f.Since.IsZero() && (r.Time.IsZero() || r.Time.Before(f.Since)) {
		return false
	}
	if !f.Until.IsZero() && (r.Time.IsZero() || !r.Time.Before(f.Until)) {
		return false
	}
	return f.root == nil || match(f.root, r)
}

func match(node Node, r *record.Record) bool {
	switch n := node.(type) {
	case *And:
		for _, child := range n.Nodes {
			if !match(child, r) {
				return false
			}
		}
		return true
	case *Or:
		for _, child := range n.Nodes {
			if match(child, r) {
				return true
			}
		}
		return false
	case *Not:
		return !match(n.Node, r)
	case *Text:
		return n.match(r)
	case *Compare:
		return n.match(r)
	}
	panic("BUG: a node of no known type")
}

func (n *Text) match(r *record.Record) bool {
	if containsFold(r.Message, n.Lower) {
		return true
	}
	if len(r.Attrs) == 0 {
		return false
	}
	stack, ok := r.Lookup(stackTrace)
	return ok && containsFold(record.ValueText(stack), n.Lower)
}

var stackTrace = record.Fields[record.FieldStackTrace].Name

func (c *Compare) match(r *record.Record) bool {
	if c.kind == levelField && c.low.comparesLevels(c) {
		return c.matchLevel(r.Severity)
	}
	v, ok := r.Lookup(c.Field)
	return ok && c.matchValue(v)
}

func (c *Compare) matchValue(v slog.Value) bool {
	if c.Op == Exists {
		return true
	}
	if v.Kind() == slog.KindAny {
		switch x := v.Any().(type) {
		case nil:
			return false
		case []slog.Value:
			for i := range x {
				if c.matchValue(x[i]) {
					return true
				}
			}
			return false
		}
	}
	switch c.Op {
	case Prefix:
		_, prefix := compareFold(record.ValueText(v), c.low.lower)
		return prefix
	case Regexp:
		return c.Re.MatchString(record.ValueText(v))
	case Equal:
		if c.kind == textField {
			return containsFold(record.ValueText(v), c.low.lower)
		}
		return c.order(v, &c.low) == 0
	case Less:
		return c.order(v, &c.low) < 0
	case AtMost:
		return c.order(v, &c.low) <= 0
	case Greater:
		return c.order(v, &c.low) > 0
	case AtLeast:
		return c.order(v, &c.low) >= 0
	case Range:
		return (c.low.empty || c.order(v, &c.low) >= 0) && (c.high.empty || c.order(v, &c.high) <= 0)
	}
	return false
}

// order compares a record's value with a bound.
func (c *Compare) order(v slog.Value, b *bound) int {
	if c.kind == timeField && v.Kind() == slog.KindTime {
		return v.Time().Compare(b.time)
	}
	if b.number.ok {
		if order, ok := compareNumber(v, &b.number); ok {
			return order
		}
	}
	order, _ := compareFold(record.ValueText(v), b.lower)
	return order
}

// comparesLevels reports whether c compares severities: not with a pattern, and
// not with the name of no level.
func (b *bound) comparesLevels(c *Compare) bool {
	switch c.Op {
	case Prefix, Regexp, Exists:
		return false
	case Range:
		return true
	}
	return b.level != record.SeverityUnknown
}

func (c *Compare) matchLevel(s record.Severity) bool {
	if s == record.SeverityUnknown || s.Level() == "" {
		return false
	}
	level := floor(s)
	switch c.Op {
	case Equal:
		return level == c.low.level
	case Less:
		return level < c.low.level
	case AtMost:
		return level <= c.low.level
	case Greater:
		return level > c.low.level
	case AtLeast:
		return level >= c.low.level
	case Range:
		return (c.low.empty || level >= c.low.level) && (c.high.empty || level <= c.high.level)
	}
	return false
}

// floor returns the least severity of s's level.
func floor(s record.Severity) record.Severity {
	if s == record.SeverityUnknown {
		return s
	}
	return (s-1)/4*4 + 1
}

// ready makes the bounds ready for matching.
func (c *Compare) ready() {
	c.kind = kindOf(c.Field)
	c.low, c.high = newBound(c.Value, c.kind), newBound(c.High, c.kind)
}

func newBound(text string, kind fieldKind) bound {
	b := bound{empty: text == "", lower: strings.ToLower(text), number: parseNumber(text)}
	switch kind {
	case levelField:
		s, _ := record.ParseLevel(text)
		b.level = floor(s)
	case timeField:
		b.time, _ = record.ParseTime(text)
	}
	return b
}
