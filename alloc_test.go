//go:build !race

package weir_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/weirlog/weir"
)

// TestAllocations: the promise of the hot path. Under the race detector sync.Pool
// forgets at random, so this file is not built there.
func TestAllocations(t *testing.T) {
	l := weir.New("app", weir.WithSink(discard{}))
	defer l.Close()
	ctx := context.Background()
	s := l.Slog()
	with := l.With("service", "shop").WithGroup("request")
	at := time.Now()
	for _, c := range []struct {
		name string
		call func()
	}{
		{"InfoFast", func() { l.InfoFast("m") }},
		{"Info", func() { l.Info("m") }},
		{"five attributes", func() {
			l.LogAttrs(ctx, slog.LevelInfo, "m", slog.String("a", "x"), slog.Int("b", 1000), slog.Float64("c", 1.5), slog.Duration("d", time.Second), slog.Time("e", at))
		}},
		{"five attributes behind slog", func() {
			s.LogAttrs(ctx, slog.LevelInfo, "m", slog.String("a", "x"), slog.Int("b", 1000), slog.Float64("c", 1.5), slog.Bool("d", true), slog.Time("e", at))
		}},
		{"with a scope", func() { with.LogAttrs(ctx, slog.LevelInfo, "m", slog.Int("b", 1000)) }},
		{"disabled", func() { l.LogAttrs(ctx, slog.LevelDebug, "m", slog.String("a", "x"), slog.Int("b", 1000)) }},
		{"disabled behind slog", func() { s.LogAttrs(ctx, slog.LevelDebug, "m", slog.Int("b", 1000)) }},
	} {
		if n := testing.AllocsPerRun(2000, c.call); n != 0 {
			t.Errorf("%s: %v allocations a call", c.name, n)
		}
	}
}
