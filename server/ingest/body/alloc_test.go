//go:build !race

package body

import (
	"runtime"
	"testing"
)

// TestAllocations: a body takes few allocations beside its own bytes, and no second time
// its bytes. Under the race detector sync.Pool forgets on purpose, so it is not run there.
func TestAllocations(t *testing.T) {
	rd := NewReader(Limits{})
	data := usual(1)
	for encoding, most := range map[string]struct {
		allocations uint64 // 13 are the request's
		bytes       int    // the body's size, and of a snappy block the block's
	}{
		"":     {16, len(data)},
		Gzip:   {24, len(data)},
		Zstd:   {24, len(data)},
		Snappy: {18, len(data) + len(packedAs(t, Snappy, data))},
	} {
		sent := packedAs(t, encoding, data)
		read := func() {
			if _, err := rd.Read(request(sent, true), encoding, nil); err != nil {
				t.Error(err)
			}
		}
		read()
		const runs = 50
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			read()
		}
		runtime.ReadMemStats(&after)
		times, bytes := (after.Mallocs-before.Mallocs)/runs, (after.TotalAlloc-before.TotalAlloc)/runs
		if times > most.allocations || bytes > uint64(most.bytes*7/4) {
			t.Errorf("%q: %d allocations of %d bytes for a body of %d, %d as sent", encoding, times, bytes, len(data), len(sent))
		}
	}
}
