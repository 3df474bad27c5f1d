//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
	"github.com/weirlog/weir/server/store/storetest"
	"github.com/weirlog/weir/view"
)

// numbered makes a record at a position.
func numbered(id int, message string) record.Record {
	return record.Record{ID: record.Position(id), Time: storetest.Epoch, Observed: storetest.Epoch, Severity: record.SeverityInfo, Message: message}
}

// TestTextsOfAllLengths appends what lies around the bounds of how rows are handed over: texts that DuckDB
// keeps beside their length and those it does not, more rows than a chunk has, and more text.
func TestTextsOfAllLengths(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir()})
	var want []string
	for n := range 40 {
		want = append(want, strings.Repeat("é", n/2)+strings.Repeat("x", n%2), strings.Repeat("\x00", n))
	}
	want = append(want, strings.Repeat("large ", 1<<20), "", strings.Repeat("again ", 400_000))
	for n := range 5000 {
		want = append(want, strings.Repeat("row ", n%7))
	}
	batch := store.Batch{ID: "all"}
	for i, text := range want {
		r := numbered(i+1, text)
		if i%3 == 0 { // other columns are null in between
			r.TraceID, r.Seq = "t"+text[:min(len(text), 20)], uint64(i+1)
			r.Attrs = []slog.Attr{slog.Float64("duration_ms", float64(i)), slog.Bool("deleted", true), slog.String("note", text), slog.Int("line_number", -i)}
		}
		batch.Records = append(batch.Records, r)
	}
	if err := s.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	next := 0
	for next < len(want) {
		page, err := s.Search(t.Context(), view.Query{Order: view.OldestFirst, After: record.Position(next), Limit: 1000})
		if err != nil || len(page.Records) == 0 {
			t.Fatalf("after %d: %d records, %v", next, len(page.Records), err)
		}
		for i := range page.Records {
			got, sent := record.AppendJSON(nil, &page.Records[i]), record.AppendJSON(nil, &batch.Records[next])
			if string(got) != string(sent) {
				t.Fatalf("record %d: %.200s, not %.200s", next+1, got, sent)
			}
			next++
		}
	}
}

// TestUnfitText refuses a batch whole, and goes on with the next.
func TestUnfitText(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir()})
	bad := store.Batch{ID: "bad", Records: []record.Record{numbered(1, "fits"), numbered(2, "half of an é: \xc3")}}
	if err := s.Append(t.Context(), bad); err == nil {
		t.Fatal("a text that is not UTF-8 was stored")
	}
	good := store.Batch{ID: "good", Records: []record.Record{numbered(3, "fits too")}}
	if err := s.Append(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	if n := s.Stats().Records; n != 1 {
		t.Errorf("%d records are stored, not 1", n)
	}
}
