package processor

import (
	"github.com/weirlog/weir"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
)

// Filter keeps the records that match a query of the search language, as
// query.Parse reads it; nil keeps all. A since: or until: in it is fixed at the time
// it was parsed. It may stand in several places.
func Filter(q *query.Filter) weir.Processor { return queryFilter{q} }

type queryFilter struct{ query *query.Filter }

func (queryFilter) String() string { return "filter" }

func (f queryFilter) Process(r *record.Record, emit func(record.Record)) error {
	if f.query.Match(r) {
		emit(*r)
	}
	return nil
}
