package duckdb

import (
	"time"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// plan is a query as SQL: a condition that every record passes which the query
// finds.
type plan struct {
	sql    string // " AND …", or empty
	params []any
	// exact says that no other record passes it. Otherwise query.Filter.Match
	// decides, on records that have fields only.
	exact  bool
	fields []record.FieldID
}

// args are the parameters of a statement on a window.
func (p plan) args(w window) []any {
	return append([]any{int64(w.lo), int64(w.hi)}, p.params...)
}

// compile makes the plan of a query.
func compile(q view.Query, f folding) plan {
	p := plan{exact: true}
	p.bound(q.Since, q.Until, " OR created_at IS NULL")
	if q.Filter == nil {
		return p
	}
	p.bound(q.Filter.Since, q.Filter.Until, "")
	root := q.Filter.Root()
	if root == nil {
		return p
	}
	b := compiler{fold: f}.node(root)
	if b.over.sql != always {
		p.sql += " AND " + b.over.sql
		p.params = append(p.params, b.over.params...)
	}
	p.exact = b.exact
	if !p.exact {
		p.fields = fieldsOf(root)
	}
	return p
}

// bound adds [since, until) on created_at. untimed says that a record without a
// time is before every until: so it is for a view.Query, not for a filter.
func (p *plan) bound(since, until time.Time, untimed string) {
	if !since.IsZero() {
		p.sql += " AND created_at >= ?"
		p.params = append(p.params, ceilMicrosecond(since))
	}
	if !until.IsZero() {
		p.sql += " AND (created_at < ?" + untimed + ")"
		p.params = append(p.params, ceilMicrosecond(until))
	}
}

// ceilMicrosecond rounds up: stored times have whole microseconds, so a bound
// within one is the same as the next.
func ceilMicrosecond(t time.Time) time.Time {
	cut := t.Truncate(time.Microsecond)
	if cut.Before(t) {
		cut = cut.Add(time.Microsecond)
	}
	return cut.UTC()
}

// fieldsOf are the columns that Match looks at, besides id and created_at, which
// a query bounds.
func fieldsOf(root query.Node) []record.FieldID {
	var need [record.NumFields]bool
	use := func(ids ...record.FieldID) {
		for _, id := range ids {
			need[id] = true
		}
	}
	use(record.FieldPosition, record.FieldCreatedAt)
	var walk func(query.Node)
	walk = func(n query.Node) {
		switch n := n.(type) {
		case *query.And:
			for _, child := range n.Nodes {
				walk(child)
			}
		case *query.Or:
			for _, child := range n.Nodes {
				walk(child)
			}
		case *query.Not:
			walk(n.Node)
		case *query.Text:
			use(record.FieldMessage, record.FieldStackTrace)
		case *query.Compare:
			f, ok := record.FieldByName(n.Field)
			switch {
			case ok && f.ID == record.FieldLevel:
				use(f.ID, record.FieldSeverity)
			case ok && f.ID != record.FieldMetadata:
				use(f.ID)
			default:
				// An attribute of one of these names is in metadata only when the record
				// has the field itself.
				use(record.FieldMetadata, record.FieldTraceID, record.FieldSpanID, record.FieldLogger)
			}
		}
	}
	walk(root)
	var fields []record.FieldID
	for i, ok := range need {
		if ok {
			fields = append(fields, record.FieldID(i))
		}
	}
	return fields
}
