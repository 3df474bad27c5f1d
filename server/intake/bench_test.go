package intake

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// blackhole stores nothing, so that the intake's own cost shows.
type blackhole struct{ last store.Commit }

func (b *blackhole) Append(_ context.Context, batch store.Batch) error {
	b.last = store.Commit{Position: batch.Records[len(batch.Records)-1].ID, BatchID: batch.ID}
	return nil
}

func (b *blackhole) LastCommit(context.Context) (store.Commit, error) { return b.last, nil }

func (*blackhole) StoredRanges(context.Context, string) ([]store.Range, error) { return nil, nil }

func (*blackhole) StoredKey(context.Context, string) (store.Key, bool, error) {
	return store.Key{}, false, nil
}

func (*blackhole) Publish([]record.Record) {}

// BenchmarkAccept takes batches from several senders at once.
func BenchmarkAccept(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			hole := &blackhole{}
			in, err := New(hole, hole, Options{})
			if err != nil {
				b.Fatal(err)
			}
			resource := &record.Resource{Service: "bench", Environment: "test"}
			attrs := []slog.Attr{slog.String("user_id", "u-1"), slog.Int("status", 200), slog.Float64("duration_ms", 1.5)}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					batch := make([]record.Record, size)
					for i := range batch {
						batch[i] = record.Record{Time: time.Now(), Severity: record.SeverityInfo, Message: "request done in the usual time", Resource: resource, Attrs: attrs}
					}
					if _, err := in.Accept(b.Context(), test, batch); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)*float64(size)/b.Elapsed().Seconds(), "records/s")
			if err := in.Close(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
	}
}
