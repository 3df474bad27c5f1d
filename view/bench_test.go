package view_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

func realistic(n int) []record.Record {
	resource := &record.Resource{Service: "shop", Environment: "production", Host: "web-1"}
	out := make([]record.Record, n)
	for i := range out {
		out[i] = record.Record{
			Time: time.Now(), Severity: record.SeverityInfo, Logger: "shop.http", Resource: resource, SourceID: "s", Seq: uint64(i + 1),
			Message: fmt.Sprintf("GET /orders/%d answered", i),
			Attrs:   []slog.Attr{slog.String("method", "GET"), slog.Int("status", 200), slog.Float64("duration_ms", 12.5), slog.String("user_id", "u-17")},
		}
	}
	return out
}

// BenchmarkCommit is what a record costs the worker of a program that has a page.
func BenchmarkCommit(b *testing.B) {
	m := view.NewMemory(hub.Options{}, nil)
	batch := realistic(500)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		m.Commit(batch)
		n += len(batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/record")
}

// BenchmarkMemorySearch looks through a full ring for what is not there.
func BenchmarkMemorySearch(b *testing.B) {
	m := view.NewMemory(hub.Options{MaxBytes: 1 << 30}, nil)
	m.Commit(realistic(hub.DefaultMaxRecords))
	for _, text := range []string{"needle", "status>=500", "level>=error user_id:u-9"} {
		b.Run(text, func(b *testing.B) {
			q := view.Query{Filter: parse(b, text)}
			for b.Loop() {
				if _, err := m.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
