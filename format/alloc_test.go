//go:build !race

package format_test

import (
	"testing"

	"github.com/weirlog/weir/format"
)

// TestAllocs: once its buffer is there, a form costs no allocation for a usual
// record.
func TestAllocs(t *testing.T) {
	r := usual()
	for name, f := range forms(t) {
		b := f.Append(nil, &r)
		if n := testing.AllocsPerRun(1000, func() { b = f.Append(b[:0], &r) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	indented := format.JSON(format.JSONOptions{Indent: 2})
	b := indented.Append(nil, &r)
	if n := testing.AllocsPerRun(1000, func() { b = indented.Append(b[:0], &r) }); n > 40 {
		t.Errorf("indented JSON: %v allocations", n)
	}
}
