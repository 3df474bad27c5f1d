//go:build !race

package body

import (
	"runtime"
	"testing"
)

// TestAllocations: a body takes few allocations beside its own bytes, and what it takes on
// the way, because room grows only as bytes come, is bounded. Under the race detector sync.Pool forgets on purpose, so it is not run there.
func TestAllocations(t *testing.T) {
	rd := NewReader(Limits{})
	data := usual(1)
	const steps = 16<<10 + 64<<10 + 256<<10
	for encoding, most := range map[string]struct {
		allocations uint64 // 13 are the request's
		bytes       int    // the body's size or the step that it fits into, and the packed one's where that is read first
	}{
		"":     {20, len(data) + steps},
		Gzip:   {28, 1<<20 + steps},
		Zstd:   {28, 1<<20 + steps + 2*len(packedAs(t, Zstd, data))},
		Snappy: {22, len(data) + len(packedAs(t, Snappy, data)) + steps},
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
		if times > most.allocations || bytes > uint64(most.bytes+64<<10) {
			t.Errorf("%q: %d allocations of %d bytes for a body of %d, %d as sent", encoding, times, bytes, len(data), len(sent))
		}
	}
}
