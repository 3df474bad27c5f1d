package weir_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/jsonl"
)

// discard is the fastest sink there can be.
type discard struct{}

func (discard) WriteBatch(context.Context, []record.Record) error { return nil }
func (discard) Close() error                                      { return nil }

// benchmarkCall measures calls in bursts of 1,000, each followed by a flush that is
// not measured: what a program pays, not what one worker can take.
func benchmarkCall(b *testing.B, l *weir.Logger, call func(i int)) {
	b.Helper()
	defer l.Close()
	ctx := context.Background()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		call(n)
		if n++; n%1000 == 0 {
			b.StopTimer()
			_ = l.Flush(ctx)
			b.StartTimer()
		}
	}
	if s := l.Stats(); s.Dropped.Total() > 0 {
		b.Fatalf("dropped: %+v", s.Dropped)
	}
}

func BenchmarkCall(b *testing.B) {
	ctx := context.Background()
	three := func(i int) []slog.Attr {
		return []slog.Attr{slog.String("path", "/api/v1/users/42"), slog.Int("n", i), slog.Float64("ms", float64(i)*0.37)}
	}
	quiet := []weir.Option{weir.WithSink(discard{}), weir.WithErrorOutput(io.Discard)}
	plain := append(quiet[:2:2], weir.WithoutSource())
	for _, c := range []struct {
		name string
		opts []weir.Option
	}{{"source", quiet}, {"plain", plain}} {
		b.Run(c.name+"/fast", func(b *testing.B) {
			l := weir.New("bench", c.opts...)
			benchmarkCall(b, l, func(int) { l.InfoFast("request handled ok") })
		})
		b.Run(c.name+"/message", func(b *testing.B) {
			l := weir.New("bench", c.opts...)
			benchmarkCall(b, l, func(int) { l.LogAttrs(ctx, slog.LevelInfo, "request handled ok") })
		})
		b.Run(c.name+"/attrs3", func(b *testing.B) {
			l := weir.New("bench", c.opts...)
			benchmarkCall(b, l, func(i int) { l.LogAttrs(ctx, slog.LevelInfo, "request handled ok", three(i)...) })
		})
		b.Run(c.name+"/args3", func(b *testing.B) {
			l := weir.New("bench", c.opts...)
			benchmarkCall(b, l, func(i int) {
				l.Info("request handled ok", "path", "/api/v1/users/42", "n", i, "ms", float64(i)*0.37)
			})
		})
		b.Run(c.name+"/slog3", func(b *testing.B) {
			l := weir.New("bench", c.opts...)
			s := l.Slog()
			benchmarkCall(b, l, func(i int) { s.LogAttrs(ctx, slog.LevelInfo, "request handled ok", three(i)...) })
		})
		b.Run(c.name+"/disabled", func(b *testing.B) {
			l := weir.New("bench", c.opts...)
			benchmarkCall(b, l, func(i int) { l.LogAttrs(ctx, slog.LevelDebug, "request handled ok", three(i)...) })
		})
	}
}

// BenchmarkThrough measures calls and worker together, with nothing dropped: what
// one goroutine gets through to JSON.
func BenchmarkThrough(b *testing.B) {
	ctx := context.Background()
	l := weir.New("bench", weir.WithSink(jsonl.New(io.Discard)), weir.WithOverflow(weir.Block), weir.WithBlockTimeout(time.Minute), weir.WithoutSource())
	defer l.Close()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		l.LogAttrs(ctx, slog.LevelInfo, "request handled ok", slog.String("path", "/api/v1/users/42"), slog.Int("n", i), slog.Float64("ms", float64(i)*0.37))
	}
	_ = l.Flush(ctx)
	if s := l.Stats(); s.Dropped.Total() > 0 {
		b.Fatalf("dropped: %+v", s.Dropped)
	}
}
