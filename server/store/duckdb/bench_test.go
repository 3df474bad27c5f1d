//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
	"github.com/weirlog/weir/server/store/storetest"
	"github.com/weirlog/weir/view"
)

// feed makes realistic records: a web shop's requests, about 450 bytes as JSON.
type feed struct {
	rng *rand.Rand
	n   int
}

func (f *feed) batch(n int) store.Batch {
	b := store.Batch{Records: make([]record.Record, n)}
	for i := range b.Records {
		b.Records[i] = f.record()
	}
	b.ID = fmt.Sprint(f.n)
	return b
}

var services = []*record.Resource{
	{Service: "gateway", Environment: "production", ServiceVersion: "v3.1.0", LogType: "BACKEND", Host: "node-1"},
	{Service: "checkout", Environment: "production", ServiceVersion: "v1.8.2", LogType: "BACKEND", Host: "node-2"},
	{Service: "search", Environment: "production", ServiceVersion: "v0.9.7", LogType: "BACKEND", Host: "node-3"},
	{Service: "web", Environment: "production", ServiceVersion: "v5.0.1", LogType: "FRONTEND"},
}

func (f *feed) record() record.Record {
	f.n++
	at := storetest.Epoch.Add(time.Duration(f.n) * time.Millisecond)
	r := record.Record{
		ID: record.NextPosition(0, at), Time: at, Observed: at, Severity: record.SeverityInfo, Logger: "app.http",
		TraceID: fmt.Sprintf("%016x%016x", f.rng.Uint64(), f.n/5), SpanID: fmt.Sprintf("%016x", f.rng.Uint64()),
		SourceID: "7d44-1", Seq: uint64(f.n), Resource: services[f.rng.IntN(len(services))],
		Message: fmt.Sprintf("GET /api/v1/items/%d completed in %d ms for customer %d", f.rng.IntN(100_000), f.rng.IntN(900), f.rng.IntN(5000)),
		Attrs: []slog.Attr{
			slog.String("user_id", fmt.Sprint("u", f.rng.IntN(5000))),
			slog.String("path", fmt.Sprintf("/api/v1/items/%d", f.rng.IntN(100))),
			slog.String("method", "GET"),
			slog.Float64("duration_ms", float64(f.rng.IntN(90_000))/100),
			slog.Int("status", []int{200, 200, 200, 204, 404, 500}[f.rng.IntN(6)]),
			slog.Group("cart", slog.Int("items", f.rng.IntN(20)), slog.String("currency", "EUR")),
		},
	}
	switch {
	case f.rng.IntN(20) == 0:
		r.Severity, r.Message = record.SeverityError, fmt.Sprintf("connection to payments-%d failed: i/o timeout after 3 attempts", f.rng.IntN(9))
	case f.n%300_000 == 7:
		r.Message = "the needle in the haystack"
	}
	return r
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b, duckdb.Options{Dir: b.TempDir()})
			f := &feed{rng: rand.New(rand.NewPCG(1, 1))}
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				batch := f.batch(size)
				b.StartTimer()
				if err := s.Append(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(f.n)/b.Elapsed().Seconds(), "rows/s")
			if err := s.Close(); err != nil { // the log is in the file then
				b.Fatal(err)
			}
			b.ReportMetric(float64(s.Stats().Bytes)/float64(f.n), "bytes/row")
		})
	}
}

// BenchmarkSearch searches one million records.
func BenchmarkSearch(b *testing.B) {
	const rows = 1_000_000
	s := open(b, duckdb.Options{Dir: b.TempDir()})
	f := &feed{rng: rand.New(rand.NewPCG(1, 1))}
	for range rows / 10_000 {
		if err := s.Append(b.Context(), f.batch(10_000)); err != nil {
			b.Fatal(err)
		}
	}
	for _, bench := range []struct {
		name, query string
		order       view.Order
		found       bool
	}{
		{"newest", "", view.NewestFirst, true},
		{"oldest", "", view.OldestFirst, true},
		{"earliest", "", view.ByTime, true},
		{"word", "timeout", view.NewestFirst, true},
		{"level", "level>=error", view.NewestFirst, true},
		{"needle", "haystack", view.NewestFirst, true},
		{"nothing", "nonexistent", view.NewestFirst, false},
		{"service and word", "service:checkout timeout", view.NewestFirst, true},
		{"user", "user_id:u4711", view.NewestFirst, true},
		{"attribute", "status:500", view.NewestFirst, true},
		{"nested attribute", "cart.items>18", view.NewestFirst, true},
		{"regexp", "message:/payments-[78] failed/", view.NewestFirst, true},
		{"regexp without a literal", `message:/[x-z]{3}\d/`, view.NewestFirst, false},
		{"negation", "-level:info -timeout", view.NewestFirst, false},
	} {
		b.Run(bench.name, func(b *testing.B) {
			filter, err := query.Parse(bench.query, storetest.Epoch)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				page, err := s.Search(b.Context(), view.Query{Filter: filter, Order: bench.order, Limit: 200})
				if err != nil || page.Reason == view.ReasonDeadline || (len(page.Records) > 0) != bench.found {
					b.Fatalf("%d records, %q, %v", len(page.Records), page.Reason, err)
				}
			}
		})
	}
}
