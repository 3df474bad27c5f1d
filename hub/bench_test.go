package hub_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// BenchmarkPublish measures the publisher, per record, beside viewers that read.
func BenchmarkPublish(b *testing.B) {
	for _, size := range []int{1, 500} {
		for _, viewers := range []int{0, 20} {
			b.Run(fmt.Sprintf("batch=%d/viewers=%d", size, viewers), func(b *testing.B) {
				h := hub.New(hub.Options{}, 0)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				for range viewers {
					s := h.Subscribe()
					go func() {
						for {
							if _, err := s.Next(ctx, 2000); err != nil {
								return
							}
						}
					}()
				}
				records := batch(0, size)
				b.ReportAllocs()
				next := record.Position(1)
				for b.Loop() {
					for i := range records {
						records[i].ID = next
						next++
					}
					h.Publish(records)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(next-1), "ns/record")
			})
		}
	}
}
