//go:build !race

package ship

import (
	"testing"
	"time"
)

// TestAllocations: taking a record costs no allocation of its own.
func TestAllocations(t *testing.T) {
	const n = 1000
	sink := taken(t, Options{BatchRecords: 10 * n, FlushInterval: time.Hour, QueueRecords: 1 << 20, QueueBytes: 1 << 30})
	records := realistic(n)
	allocs := testing.AllocsPerRun(20, func() {
		if err := sink.WriteBatch(t.Context(), records); err != nil {
			t.Fatal(err)
		}
	})
	// What there is belongs to batches: their buffers, and their requests.
	if allocs/n > 0.05 {
		t.Errorf("%v allocations a record", allocs/n)
	}
}
