package intake

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// TestCut: whatever makes a record too long is cut, is told, and leaves a record that
// can be stored; the rest of it stays.
func TestCut(t *testing.T) {
	const most = 2000
	long := strings.Repeat("é", 5000)
	for name, c := range map[string]struct {
		make func(*record.Record)
		cut  string // the field that is told; "": nothing is
	}{
		"short":     {func(r *record.Record) { r.Message = "m" }, ""},
		"message":   {func(r *record.Record) { r.Message = long }, "message"},
		"attribute": {func(r *record.Record) { r.Attrs = []slog.Attr{slog.String("a", "b"), slog.String("long", long)} }, "long"},
		"group":     {func(r *record.Record) { r.Attrs = []slog.Attr{slog.Group("g", slog.String("x", long))} }, "g"},
		"deep group": {func(r *record.Record) {
			r.Attrs = []slog.Attr{slog.Group("g", slog.Group("h", slog.String("x", long)))}
		}, "g"},
		"list": {func(r *record.Record) {
			r.Attrs = []slog.Attr{slog.Any("l", []slog.Value{slog.StringValue(long), slog.IntValue(1)})}
		}, "l"},
		"many": {func(r *record.Record) {
			for range 20 {
				r.Attrs = append(r.Attrs, slog.String(strings.Repeat("k", len(r.Attrs)+1), strings.Repeat("v", 300)))
			}
		}, "k"},
		"logger":      {func(r *record.Record) { r.Logger = long }, "logger"},
		"level":       {func(r *record.Record) { r.Level = long }, "level"},
		"trace_id":    {func(r *record.Record) { r.TraceID = long }, "trace_id"},
		"span_id":     {func(r *record.Record) { r.SpanID = long }, "span_id"},
		"source_id":   {func(r *record.Record) { r.SourceID = long }, "source_id"},
		"service":     {func(r *record.Record) { r.Resource = &record.Resource{Service: long, Host: "h"} }, "service"},
		"host":        {func(r *record.Record) { r.Resource = &record.Resource{Service: "s", Host: long} }, "host"},
		"environment": {func(r *record.Record) { r.Resource = &record.Resource{Environment: long} }, "environment"},
		"two":         {func(r *record.Record) { r.Message = long; r.Attrs = []slog.Attr{slog.String("long", long)} }, "long"},
		"a key":       {func(r *record.Record) { r.Attrs = []slog.Attr{slog.Int(long, 1)} }, "a name"},
	} {
		t.Run(name, func(t *testing.T) {
			in, _, memory, _ := open(t, Options{MaxRecord: most})
			r := record.Record{Message: "kept", SourceID: "s"}
			c.make(&r)
			before := r.Clone()
			shared, resource := r.Attrs, r.Resource
			got, err := in.Accept(t.Context(), test, []record.Record{r})
			if err != nil || got.Count != 1 || got.Repaired == 1 != (c.cut != "") {
				t.Fatalf("%+v, %v", got, err)
			}
			for i := range shared {
				if shared[i].Key != before.Attrs[i].Key || record.ValueText(shared[i].Value) != record.ValueText(before.Attrs[i].Value) {
					t.Error("the sender's own attributes were changed")
				}
			}
			if resource != nil && *resource != *before.Resource {
				t.Error("the sender's own resource was changed")
			}
			stored := memory.Records()[0]
			// The notes come on top.
			if size := hub.SizeOf(&stored); size > most+2000 {
				t.Errorf("%d bytes are left", size)
			}
			text := string(record.AppendJSON(nil, &stored))
			if !utf8.ValidString(text) {
				t.Errorf("cut inside a character: %q", text)
			}
			if strings.Contains(text, "_replaced") {
				t.Errorf("cut inside a character: %s", text)
			}
			notes := in.Ledger()[0].Repairs
			told := slices.ContainsFunc(notes, func(n Note) bool {
				return strings.Contains(n.What, c.cut) && strings.Contains(n.What, "--max-record")
			})
			if told != (c.cut != "") {
				t.Errorf("told as %+v", notes)
			}
		})
	}
}
