//go:build !race

package processor_test

import (
	"log/slog"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
)

// usual is a record as most are.
func usual() record.Record {
	r := info("order placed: 3 items in 12.5ms, see https://example.com/orders/4711?lang=de",
		slog.String("function_name", "github.com/example/shop/orders.(*Service).Place"), slog.String("file_path", "/src/shop/orders/service.go"), slog.Int("line_number", 118),
		slog.String("order", "4711-2026"), slog.Int("items", 3), slog.Float64("total", 99.5), user(slog.String("plan", "pro"), slog.Int("id", 7)),
		slog.Any("tags", []slog.Value{slog.StringValue("new"), slog.IntValue(2)}))
	r.Time, r.Logger = start, "shop.orders"
	return r
}

func keep(record.Record) {}

// stages are what most programs use, with nothing to do.
func stages(t testing.TB) map[string]weir.Processor {
	return map[string]weir.Processor{
		"level":        processor.Level(slog.LevelInfo),
		"drop":         processor.Drop("password", "user.email"),
		"keep":         processor.Keep("function_name", "file_path", "line_number", "order", "items", "total", "user", "tags"),
		"rename":       processor.Rename(map[string]string{"orderId": "order", "account.mail": "email"}),
		"defaults":     processor.Defaults(slog.Int("items", 0)),
		"callsite":     must(t)(processor.Callsite("function_name", "file_path", "line_number")),
		"redact":       must(t)(processor.Redact(processor.RedactOptions{})),
		"sample":       processor.Sample(processor.SampleOptions{First: 1 << 30}),
		"rate_limit":   processor.RateLimit(processor.RateLimitOptions{Burst: 1 << 30}),
		"deduplicate":  processor.Deduplicate(processor.DeduplicateOptions{}),
		"strip_markup": processor.StripMarkup(processor.StripOptions{Rich: true}),
		"errors":       processor.Errors(processor.ErrorsOptions{}),
	}
}

// TestAllocNothingToDo: a record that a processor does not change costs no allocation,
// nor does one that deduplicate holds back.
func TestAllocNothingToDo(t *testing.T) {
	for name, p := range stages(t) {
		r := usual()
		process := func() {
			if err := p.Process(&r, keep); err != nil {
				t.Error(err)
			}
		}
		process() // the first of its key is remembered
		if n := testing.AllocsPerRun(1000, process); n != 0 {
			t.Errorf("%s: %v allocations a record", name, n)
		}
	}
}

// BenchmarkProcess is the cost of a record that there is nothing to do for.
func BenchmarkProcess(b *testing.B) {
	for name, p := range stages(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := usual()
			for b.Loop() {
				_ = p.Process(&r, keep)
			}
		})
	}
}

// BenchmarkRedactSecrets is the cost of a record with secrets.
func BenchmarkRedactSecrets(b *testing.B) {
	p := redactor(b, processor.RedactOptions{})
	b.ReportAllocs()
	for b.Loop() {
		r := info("login bob@example.com password=hunter2", slog.String("token", "x"), slog.Int("n", 1))
		_ = p.Process(&r, keep)
	}
}

// BenchmarkRedactStack is the cost of a long text.
func BenchmarkRedactStack(b *testing.B) {
	p := redactor(b, processor.RedactOptions{})
	stack := ""
	for range 100 {
		stack += "github.com/example/shop/orders.(*Service).Place(0xc000012345, {0x1, 0x2})\n\t/go/pkg/mod/github.com/example/shop@v1.2.3/orders/service.go:118 +0x1d\n"
	}
	b.SetBytes(int64(len(stack)))
	b.ReportAllocs()
	for b.Loop() {
		r := info("failed", slog.String("stack_trace", stack))
		_ = p.Process(&r, keep)
	}
}
