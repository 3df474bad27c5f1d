//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/storetest"
	"github.com/weirlog/weir/view"
)

// fixtureRecords is how many records the fixture has: enough for two vectors.
const fixtureRecords = 3000

// TestFormat1 opens a database as the first released format left it, and reads
// every record. The file is made once, by -update, and never again.
func TestFormat1(t *testing.T) {
	packed := filepath.Join("testdata", "v1", fileName+".gz")
	golden := filepath.Join("testdata", "v1", "records.ndjson.gz")
	if _, err := os.Stat(packed); *update && formatVersion == 1 && errors.Is(err, fs.ErrNotExist) {
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
	defer s.Close()
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
}

func makeFixture(t *testing.T, packed, golden string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	records := storetest.NewGenerator(1).Records(fixtureRecords)
	if err := s.Append(t.Context(), store.Batch{ID: "fixture", Records: records}); err != nil {
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
