package duckdb

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files, and the fixture of the present format if there is none")

// TestTableDDL shows every change of the table. A change needs a migration too:
// Open compares the columns of the migrated table with the projection.
func TestTableDDL(t *testing.T) {
	golden := filepath.Join("testdata", "logs.sql")
	got := tableDDL()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestFirstMigration checks that the first step makes the table that was the
// projection's then: later steps change it, this one never.
func TestFirstMigration(t *testing.T) {
	step, err := migration(1)
	if err != nil {
		t.Fatal(err)
	}
	if formatVersion == 1 && !strings.HasSuffix(step, tableDDL()) {
		t.Errorf("migration 1 does not end with the table that the projection asks for:\n%s", tableDDL())
	}
	if _, err := migration(formatVersion + 1); err == nil {
		t.Error("there is a migration that formatVersion does not know")
	}
}
