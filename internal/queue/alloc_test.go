//go:build !race

package queue

import (
	"context"
	"testing"
)

// TestPushAllocations: none, under either bound, but for the chunks, which are made
// once.
func TestPushAllocations(t *testing.T) {
	for name, o := range map[string]Options{
		"bytes":   {Limit: 1 << 20},
		"records": {Limit: 1 << 20, MaxRecords: 2000},
	} {
		q := New(o)
		h := q.Hint()
		r := rec(0, 0, 130)
		ctx := context.Background()
		call := func() {
			if err := q.Push(ctx, &h, r, info, q.Now()); err != nil {
				t.Fatal(err)
			}
			_ = q.OverHalf()
		}
		for range 20_000 {
			call() // until chunks are evicted and used again
		}
		if n := testing.AllocsPerRun(20_000, call); n != 0 {
			t.Errorf("%s: %v allocations a call", name, n)
		}
	}
}
