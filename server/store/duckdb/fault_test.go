package duckdb

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/store"
)

func TestExplain(t *testing.T) {
	for _, test := range []struct {
		name, text string
		is         error
		says       string
		unsound    bool
	}{
		{"disk full", `IO Error: Could not write file "/data/weir.duckdb.wal": No space left on device`, nil, "disk is full", true},
		{"locked", `IO Error: Could not set lock on file "/data/weir.duckdb": Conflicting lock is held in /usr/bin/duckdb (PID 4711)`, store.ErrLocked, "PID 4711", true},
		{"newer", `IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 67.`, store.ErrVersion, "newer", true},
		{"damaged", "IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2", nil, "weir store repair", true},
		{"damaged log", "Failure while replaying WAL file", nil, "weir store repair", false},
		{"gone", "FATAL Error: Failed: database has been invalidated because of a previous fatal error", nil, "invalidated", true},
		{"memory", "Out of Memory Error: failed to pin block\n\nPossible solutions:\n* Increasing the memory limit", nil, "more memory", false},
		{"syntax", "Parser Error: syntax error at or near", nil, "Parser Error", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			cause := errors.New(test.text)
			got := explain(cause)
			if !errors.Is(got, cause) || test.is != nil && !errors.Is(got, test.is) {
				t.Errorf("%v is not %v and %v", got, cause, test.is)
			}
			if !strings.Contains(got.Error(), test.says) || strings.Contains(got.Error(), "Possible solutions") {
				t.Errorf("%q does not say %q, or too much", got, test.says)
			}
			if isUnsound(got) != test.unsound {
				t.Errorf("isUnsound: %v", !test.unsound)
			}
		})
	}
	if explain(nil) != nil || isUnsound(nil) || isOutOfMemory(nil) {
		t.Error("no error became one")
	}
	if !isUnsound(fmt.Errorf("%w: whatever", store.ErrAmbiguous)) {
		t.Error("a failed commit is taken for sound")
	}
}
