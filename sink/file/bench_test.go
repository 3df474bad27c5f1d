package file_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/file"
)

// The batch of the benchmarks is what the worker hands over when it is busy.
func busyBatch() (batch []record.Record, lines []byte) {
	for i := range 1024 {
		r := record.Record{
			Time: noon, Severity: record.SeverityInfo, Logger: "shop.orders", Message: "order placed",
			Seq: uint64(i), SourceID: "0123456789abcdef0123456789abcdef",
			Attrs: []slog.Attr{slog.Int("order", i), slog.String("user_id", "u-4711"), slog.Duration("took", 1500*time.Microsecond)},
		}
		batch = append(batch, r)
		lines = append(record.AppendJSON(lines, &r), '\n')
	}
	return batch, lines
}

func benchmark(b *testing.B, o file.Options, call func(*file.Sink) error) {
	_, lines := busyBatch()
	s, err := file.New(filepath.Join(b.TempDir(), "app.log"), o)
	mustDo(b, err)
	defer func() { mustDo(b, s.Close()) }()
	b.SetBytes(int64(len(lines)))
	b.ReportAllocs()
	for b.Loop() {
		if err := call(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteLines(b *testing.B) {
	_, lines := busyBatch()
	benchmark(b, file.Options{MaxSize: 64 << 20, MaxFiles: 2}, func(s *file.Sink) error {
		return s.WriteLines(context.Background(), lines, 1024)
	})
}

func BenchmarkWriteBatch(b *testing.B) {
	batch, _ := busyBatch()
	benchmark(b, file.Options{MaxSize: 64 << 20, MaxFiles: 2}, func(s *file.Sink) error {
		return s.WriteBatch(context.Background(), batch)
	})
}

// BenchmarkWriteBatchRotating: a rotation every four batches, ten backups to number.
func BenchmarkWriteBatchRotating(b *testing.B) {
	batch, _ := busyBatch()
	benchmark(b, file.Options{MaxSize: 1 << 20}, func(s *file.Sink) error {
		return s.WriteBatch(context.Background(), batch)
	})
}
