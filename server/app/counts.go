package app

import (
	"context"
	"fmt"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/collector"
	"github.com/weirlog/weir/server/store/duckdb"
)

// counts give the log-collector's summary what the store has.
type counts struct{ store *duckdb.Store }

var _ collector.Counter = counts{}

// CountBy implements collector.Counter.
func (c counts) CountBy(ctx context.Context, field string, limit int) ([]collector.Count, uint64, error) {
	for i := range record.Fields {
		if record.Fields[i].Name != field {
			continue
		}
		found, total, err := c.store.CountBy(ctx, record.Fields[i].ID, limit)
		list := make([]collector.Count, len(found))
		for j := range found {
			list[j] = collector.Count{Value: found[j].Value, Records: found[j].Records}
		}
		return list, total, err
	}
	return nil, 0, fmt.Errorf("count by %s: no such field", field)
}

// CountErrors implements collector.Counter.
func (c counts) CountErrors(ctx context.Context, since time.Time) (uint64, error) {
	return c.store.CountLevel(ctx, "ERROR", since)
}
