//go:build !(cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64)))

package duckdb

import (
	"strings"
	"testing"
)

func TestUnsupported(t *testing.T) {
	_, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=1") {
		t.Errorf("got %v, want what to do", err)
	}
}
