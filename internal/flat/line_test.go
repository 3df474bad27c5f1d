package flat

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

// lineOf is how the worker writes a record: by Line, or by way of record.Record.
func lineOf(t testing.TB, l *Line, b []byte, c *Constants, r *record.Resource, site *Site, siteAttrs []slog.Attr, nanos int64, seq uint64) (byLine, byRecord string, ok bool) {
	t.Helper()
	h, err := viewHead(b)
	if err != nil {
		t.Fatal(err)
	}
	out, ok := l.Append(nil, &h, c, LoggerField("app.db"), site, nanos)
	if ok {
		out = AppendEnd(out, c, seq)
	}
	var d Decoder
	attrs, err := d.Attrs(&h, siteAttrs)
	if err != nil {
		t.Fatal(err)
	}
	rec := record.Record{
		Time: h.Time, Severity: h.Severity, Kind: h.Kind, Message: h.Message, Logger: "app.db",
		SourceID: "source", Seq: seq, Resource: r, Attrs: record.LastOfEach(attrs),
	}
	if !h.Given {
		rec.Time = time.Unix(0, nanos).UTC()
	}
	for i := 0; i < len(rec.Attrs); i++ {
		switch a := rec.Attrs[i]; {
		case a.Value.Kind() != slog.KindString:
			continue
		case a.Key == "trace_id":
			rec.TraceID = a.Value.String()
		case a.Key == "span_id":
			rec.SpanID = a.Value.String()
		default:
			continue
		}
		rec.Attrs = append(rec.Attrs[:i], rec.Attrs[i+1:]...)
		i--
	}
	return string(out), string(record.AppendJSON(nil, &rec)) + "\n", ok
}

// TestLineIsWhatAppendJSONWrites with random records: byte for byte the same, or
// declined.
func TestLineIsWhatAppendJSONWrites(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	resource := &record.Resource{Service: "shop \"x\"", Environment: "test", Host: "h1", LogType: "BACKEND"}
	c := ConstantsOf(resource, "source")
	site := SiteOf("main.work", "/src/main.go", 12)
	siteAttrs := []slog.Attr{slog.String("function_name", "main.work"), slog.String("file_path", "/src/main.go"), slog.Int("line_number", 12)}
	keys := []string{
		"n", "path", "method", "user_id", "tag", "ip", "duration_ms", "trace_id", "span_id", "level", "message", "metadata", "id", "seq",
		"service", "host", "logger", "function_name", "line_number", "deleted", "error", "ümlaut", "", "quote\"", "tenant_id", "stack_trace",
	}
	values := []slog.Value{
		slog.StringValue("x"), slog.StringValue(""), slog.StringValue("two\nlines \xff \x00"), slog.Int64Value(-7), slog.Uint64Value(math.MaxUint64),
		slog.Float64Value(1.5), slog.Float64Value(math.NaN()), slog.Float64Value(1e-9), slog.BoolValue(true), slog.DurationValue(time.Second),
		slog.TimeValue(time.Unix(5, 7000)), slog.AnyValue(nil), slog.GroupValue(slog.Int("in", 1)), slog.AnyValue([]string{"a"}), slog.AnyValue(map[string]any{"k": 1}),
	}
	var l Line
	var e Encoder
	e.MaxText = 1 << 20
	written, fields := 0, 0
	for i := range 20_000 {
		severity := record.Severity(1 + rnd.IntN(24))
		kind := record.KindLog
		if rnd.IntN(20) == 0 {
			kind = record.KindDivider
		}
		b := e.Begin(nil, kind, severity, "message \"quoted\" é", 0, 0)
		if rnd.IntN(5) == 0 {
			SetTime(b, time.Unix(rnd.Int64N(1<<33), rnd.Int64N(1e9)))
		}
		for range rnd.IntN(6) {
			b = e.Attr(b, &slog.Attr{Key: keys[rnd.IntN(len(keys))], Value: values[rnd.IntN(len(values))]})
		}
		where, whereAttrs := site, siteAttrs
		if rnd.IntN(2) == 0 {
			where, whereAttrs = nil, nil
		}
		nanos := time.Now().UnixNano() + rnd.Int64N(3e9)
		line, want, ok := lineOf(t, &l, b, &c, resource, where, whereAttrs, nanos, uint64(i+1))
		if !ok {
			continue
		}
		written++
		if len(l.fields) > 0 {
			fields++
		}
		if line != want {
			t.Fatalf("line\n%s\nwant\n%s", line, want)
		}
	}
	if written < 2000 || fields < 1000 {
		t.Errorf("only %d lines were written, %d of them with fields: the test shows little", written, fields)
	}
}

func FuzzLine(f *testing.F) {
	var e Encoder
	e.MaxText = 1 << 20
	f.Add(e.Attrs(e.Begin(nil, record.KindLog, record.SeverityInfo, "m", 1, 2), []slog.Attr{slog.Int("a", 1), slog.String("path", "/")}))
	resource := &record.Resource{Service: "s"}
	c := ConstantsOf(resource, "source")
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := viewHead(b)
		if err != nil {
			return
		}
		var d Decoder
		if _, err := d.Attrs(&h, nil); err != nil {
			return
		}
		var l Line
		line, want, ok := lineOf(t, &l, b, &c, resource, nil, nil, 1e18, 1)
		if ok && line != want {
			t.Errorf("line\n%s\nwant\n%s", line, want)
		}
	})
}

func BenchmarkLine(b *testing.B) {
	var l Line
	var e Encoder
	e.MaxText = 1 << 20
	c := ConstantsOf(&record.Resource{Service: "bench", Host: "machine"}, "0f8fad5bd9cb469fa16570867728950e")
	flat := e.Attrs(e.Begin(nil, record.KindLog, record.SeverityInfo, "request handled ok", 0, 0),
		[]slog.Attr{slog.String("path", "/api/v1/users/42"), slog.Int("n", 4711), slog.Float64("ms", 17.39)})
	h, err := viewHead(flat)
	if err != nil {
		b.Fatal(err)
	}
	var out []byte
	for i := range b.N {
		out, _ = l.Append(out[:0], &h, &c, `,"logger":"bench"`, nil, int64(i)*1000)
		out = AppendEnd(out, &c, uint64(i))
	}
	b.SetBytes(int64(len(out)))
}
