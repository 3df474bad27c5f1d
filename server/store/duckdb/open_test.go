//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
	"github.com/weirlog/weir/server/store/storetest"
)

// rawSQL changes a database behind the store's back.
func rawSQL(t *testing.T, dir, statements string) {
	t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(dir, "weir.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// made returns a directory with a closed store of a few records.
func made(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s := open(t, duckdb.Options{Dir: dir})
	b := store.Batch{ID: "first", Records: storetest.NewGenerator(1).Records(10)}
	if err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	first := open(t, duckdb.Options{Dir: dir, Address: "127.0.0.1:5678"})
	_, err := duckdb.Open(t.Context(), duckdb.Options{Dir: dir})
	if !errors.Is(err, store.ErrLocked) {
		t.Fatalf("got %v, want store.ErrLocked", err)
	}
	for _, part := range []string{dir, fmt.Sprint("pid ", os.Getpid()), "127.0.0.1:5678", "--data"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, duckdb.Options{Dir: dir})
}

func TestOpenErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "weir.duckdb"), []byte(strings.Repeat("not a database ", 5000)), 0o600); err != nil {
		t.Fatal(err)
	}
	flipped := made(t)
	flip(t, filepath.Join(flipped, "weir.duckdb"), 5000)
	newer := made(t)
	rawSQL(t, newer, "UPDATE meta SET format = 99")
	foreign := t.TempDir()
	rawSQL(t, foreign, "CREATE TABLE mine (a INTEGER)")
	changed := made(t)
	rawSQL(t, changed, "ALTER TABLE logs RENAME COLUMN tag TO label")
	wider := made(t)
	rawSQL(t, wider, "ALTER TABLE logs ADD COLUMN mine INTEGER")
	odd := filepath.Join(t.TempDir(), "what?")

	for _, test := range []struct {
		name string
		dir  string
		is   error
		says string
	}{
		{"no directory", "", nil, "--data"},
		{"below a file", filepath.Join(file, "data"), nil, "--data"},
		{"a file", file, nil, "--data"},
		{"not a database", damaged, nil, "weir store repair"},
		{"a flipped bit", flipped, nil, "weir store repair"},
		{"newer", newer, store.ErrVersion, "format 99"},
		{"not ours", foreign, nil, "not made by Weir"},
		{"renamed column", changed, nil, "tag"},
		{"added column", wider, nil, "mine"},
		{"a path that DuckDB cuts", odd, nil, "cannot open a path"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // the first failure must not leave the directory locked
				s, err := duckdb.Open(t.Context(), duckdb.Options{Dir: test.dir})
				if err == nil {
					s.Close()
					t.Fatal("no error")
				}
				if test.is != nil && !errors.Is(err, test.is) {
					t.Errorf("got %v, want %v", err, test.is)
				}
				if !strings.Contains(err.Error(), test.says) {
					t.Errorf("%q does not say %q", err, test.says)
				}
			}
		})
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOutside checks that nothing outside the database can be reached in SQL, and
// that a statement cannot change that.
func TestOutside(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir()})
	for _, statement := range []string{
		"SELECT * FROM read_csv('/etc/passwd')",
		"SELECT * FROM read_text('" + filepath.ToSlash(os.Args[0]) + "')",
		"COPY logs TO '" + filepath.ToSlash(filepath.Join(t.TempDir(), "out.csv")) + "'",
		"ATTACH '" + filepath.ToSlash(filepath.Join(t.TempDir(), "other.duckdb")) + "'",
		"SET enable_external_access = true",
		"SET memory_limit = '100GB'",
		"SET lock_configuration = false",
		"INSTALL httpfs",
	} {
		if err := duckdb.ReadSQL(t.Context(), s, statement); err == nil {
			t.Errorf("%s: no error", statement)
		}
	}
	if err := duckdb.ReadSQL(t.Context(), s, "SELECT count(*) FROM logs"); err != nil {
		t.Error(err)
	}
}
