//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/storetest"
	"github.com/weirlog/weir/view"
)

// fixtureRecords is how many records the fixture has: enough for two vectors.
const fixtureRecords = 3000

// fixtureRanges and fixtureKey are in fixtures from format 2 on.
func fixtureRanges() []store.Range {
	return []store.Range{{Source: "fixture", First: 1, Last: 1000}, {Source: "fixture", First: 2001, Last: 4000}, {Source: "other", First: 1, Last: store.MaxSeq}}
}

var fixtureKey = store.Key{Text: "fixture key", Digest: "0123", Stored: 5}

// TestFormat1 opens a database as the first released format left it.
func TestFormat1(t *testing.T) {
	s := openFixture(t, 1)
	if ranges, err := s.StoredRanges(t.Context(), "fixture"); err != nil || ranges != nil {
		t.Errorf("StoredRanges: got %v, %v, want none", ranges, err)
	}
	// It goes on in the present format.
	b := store.Batch{ID: "next", Records: storetest.NewGenerator(1).Records(fixtureRecords + 1)[fixtureRecords:], Ranges: fixtureRanges()[:1]}
	if err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if ranges, err := s.StoredRanges(t.Context(), "fixture"); err != nil || !slices.Equal(ranges, b.Ranges) {
		t.Errorf("StoredRanges: got %v, %v", ranges, err)
	}
}

// TestFormat2: the format that knows what senders call their batches.
func TestFormat2(t *testing.T) {
	s := openFixture(t, 2)
	for _, source := range []string{"fixture", "other"} {
		want := slices.DeleteFunc(fixtureRanges(), func(r store.Range) bool { return r.Source != source })
		if ranges, err := s.StoredRanges(t.Context(), source); err != nil || !slices.Equal(ranges, want) {
			t.Errorf("StoredRanges(%q): got %v, %v, want %v", source, ranges, err, want)
		}
	}
	if k, ok, err := s.StoredKey(t.Context(), fixtureKey.Text); err != nil || !ok || k != fixtureKey {
		t.Errorf("StoredKey: got %+v, %v, %v", k, ok, err)
	}
}

// openFixture opens a database as a format left it and reads every record. A
// format's file is made once, by -update, and never again.
func openFixture(t *testing.T, format int) *Store {
	t.Helper()
	packed := filepath.Join("testdata", fmt.Sprint("v", format), fileName+".gz")
	golden := filepath.Join("testdata", fmt.Sprint("v", format), "records.ndjson.gz")
	if _, err := os.Stat(packed); *update && formatVersion == format && errors.Is(err, fs.ErrNotExist) {
		makeFixture(t, packed, golden)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), unpack(t, packed), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	page, err := s.Search(t.Context(), view.Query{Order: view.OldestFirst, Limit: view.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Records) != fixtureRecords || !page.Complete {
		t.Fatalf("%d records, complete %v", len(page.Records), page.Complete)
	}
	if got, want := string(asLines(page.Records)), string(unpack(t, golden)); got != want {
		t.Error("the records are not those that were stored")
	}
	last := store.Commit{Position: page.Records[fixtureRecords-1].ID, BatchID: "fixture"}
	if c, err := s.LastCommit(t.Context()); err != nil || c != last {
		t.Errorf("LastCommit: got %+v, %v, want %+v", c, err, last)
	}
	return s
}

func makeFixture(t *testing.T, packed, golden string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	records := storetest.NewGenerator(1).Records(fixtureRecords)
	if err := s.Append(t.Context(), store.Batch{ID: "fixture", Records: records, Ranges: fixtureRanges(), Keys: []store.Key{fixtureKey}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(packed), 0o755); err != nil {
		t.Fatal(err)
	}
	pack(t, packed, data)
	pack(t, golden, asLines(records))
}

func asLines(records []record.Record) []byte {
	var out []byte
	for i := range records {
		out = append(record.AppendJSON(out, &records[i]), '\n')
	}
	return out
}

func pack(t *testing.T, path string, data []byte) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(data)
	if err := errors.Join(err, w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
