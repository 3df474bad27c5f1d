package record_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

// typical is a record of about 700 bytes of JSON.
func typical() record.Record {
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC)
	return record.Record{
		ID: 1_850_000_000_000_000_000, Time: at, Observed: at.Add(time.Millisecond), Severity: record.SeverityWarn,
		Message: "payment provider answered slowly, the order stays pending until the next attempt",
		Logger:  "checkout.payment", TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", SpanID: "00f067aa0ba902b7", SourceID: "7f3c9a", Seq: 123456,
		Resource: &record.Resource{Service: "checkout", Environment: "production", ServiceVersion: "v1.10.2", LogType: "BACKEND", Host: "web-1"},
		Attrs: []slog.Attr{
			slog.String("user_id", "u-42"), slog.String("path", "/api/v1/orders/7/pay"), slog.String("method", "POST"), slog.Float64("duration_ms", 512.25), slog.Int("status", 503),
			slog.Group("order", slog.Int("id", 7), slog.String("currency", "EUR"), slog.Float64("total", 19.9)), slog.Bool("retry", true), slog.String("note", "said \"later\"\nthen nothing"),
			slog.Any("tags", []slog.Value{slog.StringValue("slow"), slog.StringValue("provider")}),
		},
	}
}

func TestAllocRecord(t *testing.T) {
	r := typical()
	record.Normalize(&r)
	buf := record.AppendJSON(nil, &r)
	text := bytes.Clone(buf)
	var row record.Row
	plain := r
	plain.Attrs = r.Attrs[:4] // all of them fields
	var in record.Interner
	for _, tt := range []struct {
		name string
		most float64
		run  func()
	}{
		{"AppendJSON", 0, func() { buf = record.AppendJSON(buf[:0], &r) }},
		{"Row without metadata", 0, func() { plain.Row(&row) }},
		{"Row", 1, func() { r.Row(&row) }},
		{"Lookup a field", 0, func() { r.Lookup("duration_ms"); r.Lookup("service"); r.Lookup("message") }},
		{"Lookup an attribute", 0, func() { r.Lookup("order.currency"); r.Lookup("metadata.status"); r.Lookup("nothing") }},
		{"Normalize", 0, func() { record.Normalize(&r) }},
		// The text, an escaped text, the stacks of attributes and values, metadata, a group, an array and its slog.Value, the attributes.
		{"ParseJSON", 9, func() { _, _, _ = record.ParseJSON(text, record.ParseOptions{Resources: &in}) }},
	} {
		if n := testing.AllocsPerRun(100, tt.run); n > tt.most {
			t.Errorf("%s: %v allocations", tt.name, n)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	r := typical()
	buf := record.AppendJSON(nil, &r)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = record.AppendJSON(buf[:0], &r)
	}
}

func BenchmarkParseJSON(b *testing.B) {
	r := typical()
	text := record.AppendJSON(nil, &r)
	for _, aliases := range []bool{false, true} {
		name := "own names"
		if aliases {
			name = "aliases"
			text = []byte(`{"time":"2026-01-02T03:04:05.123456789Z","level":"INFO","source":{"function":"main.f","file":"/a/main.go","line":12},"msg":"` + strings.Repeat("payment provider ", 10) + `","order":{"id":7,"currency":"EUR","total":19.9},"a":1,"b":true,"c":"d","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","status":503,"path":"/api/v1/orders"}`)
		}
		b.Run(name, func(b *testing.B) {
			var in record.Interner
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := record.ParseJSON(text, record.ParseOptions{Aliases: aliases, Resources: &in}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNormalize(b *testing.B) {
	r := typical()
	b.ReportAllocs()
	for b.Loop() {
		record.Normalize(&r)
	}
}

func BenchmarkRow(b *testing.B) {
	r := typical()
	var row record.Row
	b.ReportAllocs()
	for b.Loop() {
		r.Row(&row)
	}
}

func BenchmarkReader(b *testing.B) {
	r := typical()
	line := append(record.AppendJSON(nil, &r), '\n')
	body := bytes.Repeat(line, 1000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		rd := record.NewReader(bytes.NewReader(body), record.ReaderOptions{})
		for {
			if _, err := rd.Next(); err != nil {
				break
			}
		}
	}
}
