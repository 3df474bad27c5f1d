package format_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

// usual is a record as programs log them.
func usual() record.Record {
	r := info("request handled ok", slog.String("path", "/api/v1/users/42"), slog.Int("n", 100_000), slog.Float64("ms", 1.25), slog.Bool("cached", true),
		slog.Duration("took", 1500*time.Millisecond), slog.String("function_name", "example.org/shop.(*Server).serve"), slog.String("file_path", "/src/shop/server.go"), slog.Int("line_number", 120))
	r.Time = time.Date(2026, 11, 20, 10, 0, 0, 123_456_789, time.UTC)
	r.Resource = &record.Resource{Service: "shop", Host: "web-1"}
	return r
}

func forms(t testing.TB) map[string]format.Formatter {
	return map[string]format.Formatter{
		"python":  mustText(t, "%(asctime)s.%(msecs)06d - %(name)s - %(levelname)-8s - %(message)s", format.TextOptions{DateFormat: "%Y-%m-%d %H:%M:%S"}),
		"names":   mustText(t, "[%(asctime)s] [%(level)-8s] [%(lineno)-4s::%(funcName)s] %(hostname)s %(process)d %(n)6d %(ms).2f %(event)s", format.TextOptions{Color: format.ColorAlways}),
		"attrs":   mustText(t, "%(asctime)s %(levelname)s %(message)s %(attrs)s", format.TextOptions{}),
		"JSON":    format.JSON(format.JSONOptions{}),
		"console": format.Console(format.ConsoleOptions{Location: time.UTC}),
	}
}

func BenchmarkAppend(b *testing.B) {
	r := usual()
	for name, f := range forms(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 1024)
			for b.Loop() {
				buf = f.Append(buf[:0], &r)
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}
