package slogsink_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/slogsink"
)

func sample() record.Record {
	return record.Record{
		Time: time.Date(2026, 11, 20, 10, 0, 0, 123_000_000, time.UTC), Severity: record.SeverityWarn, Logger: "shop.db", Message: "slow query",
		TraceID: "4bf9", SpanID: "00f0", Resource: &record.Resource{Service: "shop", Host: "web-1"},
		Attrs: []slog.Attr{
			slog.Int("n", 1), slog.Group("user", slog.String("plan", "pro")), slog.Duration("took", time.Second), slog.Float64("nan", math.NaN()), slog.Float64("half", 0.5),
			slog.Any("list", []slog.Value{slog.IntValue(1), slog.GroupValue(slog.Int("a", 2)), slog.Float64Value(1.5), {}}), slog.Any("big", json.Number("1e400")), slog.Any("null", nil),
			slog.Any("o", record.EmptyObject()), slog.String("function_name", "main.main"), slog.String("file_path", "/src/main.go"), slog.Int("line_number", 12),
		},
	}
}

func write(t *testing.T, h slog.Handler, opts []slogsink.Option, records ...record.Record) {
	t.Helper()
	s := slogsink.New(h, opts...)
	if err := s.WriteBatch(context.Background(), records); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestJSONHandler(t *testing.T) {
	var out bytes.Buffer
	write(t, slog.NewJSONHandler(&out, nil), []slogsink.Option{slogsink.WithResource()}, sample())
	want := `{"time":"2026-11-20T10:00:00.123Z","level":"WARN","msg":"slow query","n":1,"user":{"plan":"pro"},"took":1000000000,"nan":"NaN","half":0.5,` +
		`"list":[1,{"a":2},1.5,null],"big":1e400,"null":null,"o":{},"logger":"shop.db","trace_id":"4bf9","span_id":"00f0","service":"shop","host":"web-1",` +
		`"source":{"function":"main.main","file":"/src/main.go","line":12}}` + "\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestTextHandler(t *testing.T) {
	var out bytes.Buffer
	r := sample()
	r.Attrs = append(r.Attrs[:3:3], r.Attrs[9:]...)
	write(t, slog.NewTextHandler(&out, nil), nil, r)
	want := `time=2026-11-20T10:00:00.123Z level=WARN msg="slow query" n=1 user.plan=pro took=1s logger=shop.db trace_id=4bf9 span_id=00f0 source=/src/main.go:12` + "\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// TestLevels: slog's numbers come back, and what a handler is not enabled for does
// not reach it.
func TestLevels(t *testing.T) {
	var out bytes.Buffer
	h := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	var batch []record.Record
	for _, level := range []slog.Level{weir.LevelTrace, weir.LevelDebug, weir.LevelInfo, weir.LevelInfo + 1, weir.LevelWarn, weir.LevelError, weir.LevelFatal} {
		batch = append(batch, record.Record{Severity: record.SeverityOf(int(level))})
	}
	batch = append(batch, record.Record{Level: "LOUD", Kind: record.KindDivider})
	write(t, h, []slogsink.Option{slogsink.WithoutSource()}, batch...)
	want := "level=INFO msg=\"\"\nlevel=INFO+1 msg=\"\"\nlevel=WARN msg=\"\"\nlevel=ERROR msg=\"\"\nlevel=ERROR+4 msg=\"\"\nlevel=INFO msg=\"\" level_text=LOUD kind=divider\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// failing refuses every record but counts them.
type failing struct {
	slog.Handler
	n int
}

func (f *failing) Handle(context.Context, slog.Record) error {
	f.n++
	return errors.New("handler is full")
}

func TestAHandlerThatFails(t *testing.T) {
	f := &failing{Handler: slog.NewTextHandler(&bytes.Buffer{}, nil)}
	err := slogsink.New(f).WriteBatch(context.Background(), make([]record.Record, 10))
	if err == nil || strings.Count(err.Error(), "handler is full") != 3 || f.n != 10 {
		t.Errorf("%d calls: %v", f.n, err)
	}
}

func Example() {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	log := weir.New("shop", weir.WithSink(slogsink.New(handler, slogsink.WithoutSource())))
	log.Info("order placed", "order", 4711)
	if err := log.Close(); err != nil {
		panic(err)
	}
	// Output: level=INFO msg="order placed" order=4711 logger=shop
}

func TestName(t *testing.T) {
	s := slogsink.New(slog.NewTextHandler(&bytes.Buffer{}, nil))
	if got := s.SinkName(); got != "slog *slog.TextHandler" {
		t.Errorf("name %q", got)
	}
}

func ExampleNew() {
	handler := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	sink := slogsink.New(handler, slogsink.WithResource(), slogsink.WithoutSource())
	log := weir.New("shop", weir.WithResource(record.Resource{Service: "orders", Host: "web-1"}), weir.WithSink(sink))
	log.With("tenant", "a").Warn("stock is low", "left", 3)
	if err := log.Close(); err != nil {
		panic(err)
	}
	// Output: {"level":"WARN","msg":"stock is low","tenant":"a","left":3,"logger":"shop","service":"orders","host":"web-1"}
}
