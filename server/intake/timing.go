package intake

import (
	"sync"
	"time"
)

// timing is the histogram of how long commits take.
type timing struct {
	bounds []float64 // upper bounds, in seconds

	mu      sync.Mutex
	buckets []uint64 // by the bounds, cumulative
	count   uint64
	sum     float64 // seconds
}

// newTiming takes its bounds from what was seen: one-record commits of DuckDB take
// 2 ms, a full commit 70 ms, one behind a checkpoint 1.6 s.
func newTiming() *timing {
	bounds := []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	return &timing{bounds: bounds, buckets: make([]uint64, len(bounds))}
}

func (t *timing) observe(d time.Duration) {
	seconds := d.Seconds()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	t.sum += seconds
	for i, bound := range t.bounds {
		if seconds <= bound {
			t.buckets[i]++
		}
	}
}

func (t *timing) snapshot() (count uint64, sum float64, buckets map[float64]uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	buckets = make(map[float64]uint64, len(t.buckets))
	for i, bound := range t.bounds {
		buckets[bound] = t.buckets[i]
	}
	return t.count, t.sum, buckets
}
