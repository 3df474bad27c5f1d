//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
)

func TestCounts(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir()})
	if counts, total, err := s.CountBy(t.Context(), record.FieldService, 10); err != nil || total != 0 || len(counts) != 0 {
		t.Fatalf("of nothing: %v, %d, %v", counts, total, err)
	}
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	var batch []record.Record
	add := func(service string, severity record.Severity, age time.Duration, attrs ...slog.Attr) {
		r := record.Record{ID: record.Position(len(batch) + 1), Severity: severity, Time: now.Add(-age), Observed: now, Attrs: attrs}
		if service != "" {
			r.Resource = &record.Resource{Service: service}
		}
		record.Normalize(&r)
		batch = append(batch, r)
	}
	add("pay", record.SeverityError, time.Minute)
	add("pay", record.SeverityError, 2*time.Hour)
	add("shop", record.SeverityInfo, 0)
	add("auth", record.SeverityError, 0, slog.Bool("deleted", true))
	add("", record.SeverityError, time.Hour)
	if err := s.Append(t.Context(), store.Batch{ID: "one", Records: batch}); err != nil {
		t.Fatal(err)
	}
	counts, total, err := s.CountBy(t.Context(), record.FieldService, 10)
	want := []duckdb.ValueCount{{Value: "pay", Records: 2}, {Value: "shop", Records: 1}}
	if diff := cmp.Diff(want, counts); err != nil || total != 4 || diff != "" {
		t.Errorf("%d, %v (-want +got):\n%s", total, err, diff)
	}
	if counts, total, err := s.CountBy(t.Context(), record.FieldService, 1); err != nil || total != 4 || len(counts) != 1 {
		t.Errorf("bounded: %v, %d, %v", counts, total, err)
	}
	if n, err := s.CountLevel(t.Context(), "ERROR", now.Add(-time.Hour)); err != nil || n != 2 {
		t.Errorf("errors of the last hour: %d, %v", n, err)
	}
}
