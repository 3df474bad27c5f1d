package weirtest

import (
	"encoding/json"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// HostileRecords returns records such as a program should not log, and logs: invalid
// UTF-8, NUL, newlines and escape sequences, a megabyte of text, groups in groups, not-a-number,
// no time, no resource, an unknown level. Each call makes new ones.
func HostileRecords() []record.Record {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	resource := &record.Resource{Service: "se\xffrvice\n", Environment: "\x00", Host: strings.Repeat("h", 1000)}
	deep := slog.StringValue("bottom")
	for range 100 {
		deep = slog.GroupValue(slog.Attr{Key: "in", Value: deep})
	}
	texts := [...]string{
		"", "\xff\xc3\x28\xed\xa0\x80", "a\x00b\x00", "one\ntwo\r\nthree\r\u2028four\n", "   \t", "\x1b[2J\x1b]0;title\x07\u009b31m",
		"\u202egnp.exe", `"'\{}[],=:%s%d`, strings.Repeat("x", 1<<20), `{"level":"FATAL"}`, "ΟΔΟΣ 日本語 😀 \uFFFD",
	}
	var out []record.Record
	add := func(change func(r *record.Record)) {
		r := record.Record{Time: at, Severity: record.SeverityInfo, Message: "m", Logger: "app", Resource: resource}
		change(&r)
		out = append(out, r)
	}
	for _, text := range texts {
		add(func(r *record.Record) {
			if len(text) > 1000 {
				r.Message, r.Attrs = text, []slog.Attr{slog.String("text", text)}
				return
			}
			r.Message, r.Logger, r.TraceID, r.SpanID, r.SourceID = text, text, text, text, text
			r.Attrs = []slog.Attr{slog.Int(text, 1), slog.String("text", text), slog.String("stack_trace", text), slog.String("file_path", text)}
		})
		add(func(r *record.Record) { r.Severity, r.Level = record.SeverityUnknown, text })
	}
	add(func(r *record.Record) { *r = record.Record{} })
	add(func(r *record.Record) { r.Resource, r.Time, r.Observed = nil, time.Time{}, at })
	for _, far := range []time.Time{time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(math.MaxInt64/2, 0)} {
		add(func(r *record.Record) { r.Time, r.Attrs = far, []slog.Attr{slog.Time("far", far)} })
	}
	for _, severity := range []record.Severity{2, 24, 25, math.MaxUint8} {
		add(func(r *record.Record) { r.Severity = severity })
	}
	for _, kind := range []record.Kind{record.KindDivider, record.KindCheckpoint, math.MaxUint8} {
		add(func(r *record.Record) { r.Kind, r.Message = kind, "a\nb" })
	}
	add(func(r *record.Record) { r.ID, r.Seq = math.MaxInt64, math.MaxUint64 })
	for _, v := range []slog.Value{
		slog.Float64Value(math.NaN()), slog.Float64Value(math.Inf(-1)), slog.Float64Value(5e-324), slog.Int64Value(math.MinInt64), slog.Uint64Value(math.MaxUint64),
		slog.DurationValue(math.MinInt64), slog.TimeValue(time.Time{}), slog.AnyValue(nil), slog.AnyValue(json.Number("1e400")), slog.AnyValue(json.Number("no number")),
		slog.AnyValue([]slog.Value{}), slog.AnyValue([]slog.Value{slog.AnyValue(nil), slog.AnyValue([]slog.Value{slog.GroupValue(slog.Int("a", 1))})}),
		slog.GroupValue(), record.EmptyObject(), deep, slog.AnyValue(struct{ A any }{make(chan int)}),
	} {
		add(func(r *record.Record) {
			r.Attrs = []slog.Attr{{Key: "value", Value: v}, {Key: "", Value: v}, {Key: "line_number", Value: v}, {Key: "error_type", Value: v}, {Key: "level", Value: v}}
		})
	}
	add(func(r *record.Record) {
		for range 5000 {
			r.Attrs = append(r.Attrs, slog.String("same", "key"))
		}
	})
	return out
}
