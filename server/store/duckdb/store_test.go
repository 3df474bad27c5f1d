//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb_test

import (
	"os"
	"testing"

	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
	"github.com/weirlog/weir/server/store/storetest"
)

// roleVariable makes a copy of the test binary play a process that a test kills
// or starves.
const roleVariable = "WEIR_DUCKDB_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "appender":
		appendUntilKilled(os.Args[1])
	case "starved":
		os.Exit(appendStarved(os.Args[1]))
	}
	os.Exit(m.Run())
}

func open(t testing.TB, o duckdb.Options) *duckdb.Store {
	t.Helper()
	s, err := duckdb.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T, dir string) store.Store {
		s, err := duckdb.Open(t.Context(), duckdb.Options{Dir: dir})
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		return s
	})
}
