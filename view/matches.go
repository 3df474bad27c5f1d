package view

import "github.com/weirlog/weir/record"

// Matches reports whether r is what q asks for: its filter, the bounds on
// created_at and those on positions.
func (q *Query) Matches(r *record.Record) bool {
	switch {
	case q.After > 0 && r.ID <= q.After, q.Before > 0 && r.ID >= q.Before:
		return false
	case !q.Since.IsZero() && r.Time.Before(q.Since), !q.Until.IsZero() && !r.Time.Before(q.Until):
		return false
	}
	return q.Filter == nil || q.Filter.Match(r)
}

// PageLimit is the number of records a page may have.
func (q *Query) PageLimit() int {
	if q.Limit <= 0 {
		return DefaultLimit
	}
	return min(q.Limit, MaxLimit)
}
