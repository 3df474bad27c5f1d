package queue

import (
	"context"
	"testing"
)

// benchmarkPush pushes records of the usual size; the queue is emptied, unmeasured,
// before it is full.
func benchmarkPush(b *testing.B, o Options) {
	b.Helper()
	const burst = 1000
	q := New(o)
	d := q.Drainer()
	h := q.Hint()
	r := rec(0, 0, 130)
	ctx := context.Background()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if err := q.Push(ctx, &h, r, 2, q.Now()); err != nil {
			b.Fatal(err)
		}
		if n++; n%burst == 0 {
			b.StopTimer()
			d.Round()
			for d.Next() != "" {
			}
			b.StartTimer()
		}
	}
}

func BenchmarkPush(b *testing.B) {
	const limit = 16 << 20
	b.Run("bytes", func(b *testing.B) { benchmarkPush(b, Options{Limit: limit}) })
	b.Run("bytes, no reserve", func(b *testing.B) { benchmarkPush(b, Options{Limit: limit, NoReserve: true}) })
	b.Run("records", func(b *testing.B) { benchmarkPush(b, Options{Limit: limit, MaxRecords: 10_000}) })
}

// BenchmarkPushParallel is what producers pay each when they meet, with the oldest
// records evicted all the time.
func BenchmarkPushParallel(b *testing.B) {
	for name, o := range map[string]Options{
		"bytes":   {Limit: 16 << 20},
		"records": {Limit: 16 << 20, MaxRecords: 10_000},
	} {
		b.Run(name, func(b *testing.B) {
			q := New(o)
			b.ReportAllocs()
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				h := q.Hint()
				r := rec(0, 0, 130)
				ctx := context.Background()
				for pb.Next() {
					_ = q.Push(ctx, &h, r, 2, q.Now())
				}
			})
		})
	}
}
