package record_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

func TestNormalize(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("", 3600))
	nested := slog.Value{}
	for range 66 {
		nested = slog.GroupValue(slog.Attr{Key: "a", Value: nested})
	}
	for _, tt := range []struct {
		name string
		r    record.Record
		want string
	}{
		{"clean", record.Record{Time: at, Severity: 9, Message: "m"}, `{"created_at":"2026-01-02T02:04:05.123456Z","level":"INFO","message":"m"}`},
		{"no time", record.Record{Observed: at, Severity: 9}, `{"created_at":"2026-01-02T02:04:05.123456Z","level":"INFO","message":"","observed_at":"2026-01-02T02:04:05.123456Z"}`},
		{
			"far time",
			record.Record{Time: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), Observed: at, Severity: 9},
			"{\"created_at\":\"2026-01-02T02:04:05.123456Z\",\"level\":\"INFO\",\"message\":\"\",\"metadata\":{\"created_at\":\"12026-01-01T00:00:00Z\"},\"observed_at\":\"2026-01-02T02:04:05.123456Z\"}\ncreated_at: outside the years 1 to 9999: 12026-01-01T00:00:00Z",
		},
		{
			"bad text",
			record.Record{Severity: 9, Message: "a\x00b\xff", Attrs: []slog.Attr{slog.Group("g", slog.String("k\xfe", "\xed\xa0\x80")), slog.Any("l", []slog.Value{slog.StringValue("\xff")})}},
			"{\"level\":\"INFO\",\"message\":\"a\uFFFDb\uFFFD\",\"metadata\":{\"g\":{\"k\uFFFD\":\"\uFFFD\uFFFD\uFFFD\"},\"l\":[\"\uFFFD\"],\"_replaced\":{\"message\":\"1:00,3:ff\",\"g.k\uFFFD (key)\":\"1:fe\",\"g.k\uFFFD\":\"0:ed,1:a0,2:80\",\"l.0\":\"0:ff\"}}}" +
				"\nmessage: NUL and invalid UTF-8 replaced\ng.k\uFFFD: NUL and invalid UTF-8 replaced\ng.k\uFFFD: NUL and invalid UTF-8 replaced\nl.0: NUL and invalid UTF-8 replaced",
		},
		{
			"keys that become equal",
			record.Record{Severity: 9, Attrs: []slog.Attr{slog.Int("\xff", 1), slog.Int("\xfe", 2)}},
			"{\"level\":\"INFO\",\"message\":\"\",\"metadata\":{\"\uFFFD\":1,\"\uFFFD_2\":2,\"_replaced\":{\"\uFFFD (key)\":\"0:ff\",\"\uFFFD_2 (key)\":\"0:fe\"}}}\n\uFFFD: NUL and invalid UTF-8 replaced\n\uFFFD_2: NUL and invalid UTF-8 replaced",
		},
		{
			"moves",
			record.Record{Severity: 9, Resource: &record.Resource{Service: "a", Host: "h"}, Attrs: []slog.Attr{slog.String("service", "b"), slog.String("trace_id", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"), slog.String("logger", "x"), slog.Int("host", 1)}},
			`{"level":"INFO","message":"","service":"b","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","metadata":{"host":1},"logger":"x","host":"h"}`,
		},
		{
			"moves where something is",
			record.Record{Severity: 9, TraceID: "t", Logger: "l", Attrs: []slog.Attr{slog.String("trace_id", "u"), slog.String("logger", "l")}},
			"{\"level\":\"INFO\",\"message\":\"\",\"trace_id\":\"t\",\"metadata\":{\"_conflict.trace_id\":\"u\"},\"logger\":\"l\"}\ntrace_id: set already: the attribute is kept as _conflict.trace_id",
		},
		{
			"duplicates",
			record.Record{Severity: 9, Attrs: []slog.Attr{slog.Int("a", 1), slog.Int("b", 1), slog.Int("a", 2), slog.Group("g", slog.Int("x", 1), slog.Int("x", 2))}},
			"{\"level\":\"INFO\",\"message\":\"\",\"metadata\":{\"b\":1,\"a\":2,\"g\":{\"x\":2}}}\na: given more than once: the last one was kept\ng.x: given more than once: the last one was kept",
		},
		{"not deleted", record.Record{Severity: 9, Attrs: []slog.Attr{slog.Bool("deleted", false), {Key: "null"}}}, `{"level":"INFO","message":""}`},
		{"level text", record.Record{Level: "Panic"}, `{"level":"FATAL","message":"","metadata":{"level_text":"Panic"}}`},
		{"level above all", record.Record{Severity: 99}, "{\"level\":\"FATAL\",\"message\":\"\",\"severity\":24}\nseverity: above 24"},
	} {
		repairs := record.Normalize(&tt.r)
		if got := describe(&tt.r, repairs); got != tt.want {
			t.Errorf("%s:\n%s\n%s", tt.name, got, tt.want)
		}
		checkNormal(t, &tt.r)
	}
	r := record.Record{Attrs: []slog.Attr{{Key: "deep", Value: nested}}}
	if repairs := record.Normalize(&r); len(repairs) != 1 {
		t.Error(repairs)
	}
	checkNormal(t, &r)
}

func TestRestore(t *testing.T) {
	for _, original := range []string{"a\x00b\xff", "\xff\xfe", "x\uFFFD\xed\xa0\x80y", "\x00"} {
		r := record.Record{Message: original}
		record.Normalize(&r)
		note, ok := r.Lookup("_replaced.message")
		if !ok {
			t.Fatalf("%q: no note", original)
		}
		if got, ok := record.Restore(r.Message, note.String()); !ok || got != original {
			t.Errorf("%q: %q %v", original, got, ok)
		}
	}
	for _, note := range []string{"", "x", "0:zz", "5:00", "-1:00", "0:00"} {
		if got, ok := record.Restore("abc", note); ok {
			t.Errorf("%q: %q", note, got)
		}
	}
}

func TestLookup(t *testing.T) {
	r := record.Record{
		Severity: 9, Message: "m", Resource: &record.Resource{Service: "s"},
		Attrs: []slog.Attr{
			slog.String("user_id", "u"), slog.Group("user", slog.String("plan", "inside"), slog.Group("deep", slog.Int("n", 1))), slog.String("a.b", "literal"), slog.Group("a", slog.String("b", "group"), slog.String("c", "only")),
			slog.Int("level", 5), slog.Any("nothing", nil), slog.Group("x.y", slog.Int("z", 1)), slog.Group("x", slog.Group("y", slog.Int("w", 2))), slog.String("duration_ms", "text"), slog.Int("twice", 1), slog.Int("twice", 2),
		},
	}
	for _, tt := range []struct {
		name, want string
	}{
		{"message", "m"},
		{"service", "s"},
		{"level", "INFO"},
		{"metadata.level", "5"},
		{"user_id", "u"},
		{"metadata.user_id", ""},
		{"user.plan", "inside"},
		{"metadata.user.plan", "inside"},
		{"user.deep.n", "1"},
		{"user.deep", `{"n":1}`},
		{"user.none", ""},
		{"a.b", "literal"},
		{"a.c", "only"},
		{"x.y.z", "1"},
		{"x.y.w", "2"},
		{"nothing", ""},
		{"none", ""},
		{"duration_ms", ""},
		{"metadata.duration_ms", "text"},
		{"twice", "2"},
		{"host", ""},
		{"deleted", "false"},
		{"kind", "log"},
		{"severity", "9"},
		{"", ""},
		{".", ""},
	} {
		v, ok := r.Lookup(tt.name)
		if got := record.ValueText(v); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s: %q %v", tt.name, got, ok)
		}
	}
}

func TestParseLevel(t *testing.T) {
	for text, want := range map[string]record.Severity{
		"info": 9, " WARNING ": 13, "Err": 17, "f": 21, "INFO+2": 11, "DEBUG-1": 4, "ERROR+99": 24, "TRACE-9": 1,
		"": 0, "silly": 0, "INFO+": 0, "INFO+x": 0, "+2": 0, "INFO++2": 0, "10": 0,
	} {
		if got, ok := record.ParseLevel(text); got != want || ok != (want != 0) {
			t.Errorf("%q: %d %v", text, got, ok)
		}
	}
}

func TestFieldByName(t *testing.T) {
	for _, f := range record.Fields {
		if got, ok := record.FieldByName(f.Name); !ok || got.ID != f.ID {
			t.Errorf("%s: %v", f.Name, got)
		}
	}
	for _, name := range []string{"", "x", "Message", "messag", "messages", "service_versionx"} {
		if f, ok := record.FieldByName(name); ok {
			t.Errorf("%q: %v", name, f)
		}
	}
}

func TestInterner(t *testing.T) {
	var in record.Interner
	var first *record.Resource
	for range 1000 {
		r, _, err := record.ParseJSON([]byte(`{"service":"checkout","host":"h","message":"m"}`), record.ParseOptions{Resources: &in})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r.Resource
		}
		if r.Resource != first {
			t.Fatal("not shared")
		}
		n := record.Normalizer{Resources: &in}
		moved := record.Record{Resource: &record.Resource{Host: "h"}, Attrs: []slog.Attr{slog.String("service", "checkout")}}
		n.Normalize(&moved)
		if moved.Resource != first {
			t.Fatal("the normalizer does not share")
		}
	}
	for i := range record.MaxResources + 1 {
		in.Intern(record.Resource{Service: string(rune(i + 0x10000))})
	}
	if in.Forgotten() == 0 {
		t.Error("nothing was forgotten: the interner grows without bound")
	}
	if in.Intern(record.Resource{}) != nil {
		t.Error("the zero resource is not nil")
	}
}

func TestMarkRepaired(t *testing.T) {
	attrs := []slog.Attr{slog.Int("a", 1)}
	r := record.Record{Severity: 9, Attrs: attrs[:1:1]}
	record.MarkRepaired(&r, nil)
	record.MarkRepaired(&r, []record.Repair{{Field: "a", Reason: "x"}, {Field: "b", Reason: "y"}})
	record.MarkRepaired(&r, []record.Repair{{Field: "a", Reason: "x"}, {Field: "c", Reason: "z"}})
	if got, want := describe(&r, nil), `{"level":"INFO","message":"","metadata":{"a":1,"_repaired":["a: x","b: y","c: z"]}}`; got != want {
		t.Errorf("%s\n%s", got, want)
	}
	r = record.Record{Severity: 9, Attrs: []slog.Attr{slog.String("_repaired", "mine")}}
	record.MarkRepaired(&r, []record.Repair{{Field: "a", Reason: "x"}})
	if got, want := describe(&r, nil), `{"level":"INFO","message":"","metadata":{"_conflict._repaired":"mine","_repaired":["a: x"]}}`; got != want {
		t.Errorf("%s\n%s", got, want)
	}
}
