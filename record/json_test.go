package record_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

func TestAppendJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("", 3600))
	for _, tt := range []struct {
		name string
		r    record.Record
		want string
	}{
		{"zero", record.Record{}, `{"message":"","severity":0}`},
		{"plain", record.Record{ID: 7, Time: at, Severity: record.SeverityInfo, Message: "hi"}, `{"id":"7","created_at":"2026-01-02T02:04:05.123456Z","level":"INFO","message":"hi"}`},
		{"between levels", record.Record{Severity: 14}, `{"level":"WARN","message":"","severity":14}`},
		{"unknown level", record.Record{Level: "SILLY"}, `{"level":"SILLY","message":"","severity":0}`},
		{"kind and source", record.Record{Severity: 9, Kind: record.KindDivider, Seq: math.MaxUint64, SourceID: "s"}, `{"level":"INFO","message":"","kind":"divider","seq":18446744073709551615,"source_id":"s"}`},
		{"resource", record.Record{Severity: 9, Resource: &record.Resource{Service: "a", Host: "h"}, Attrs: []slog.Attr{slog.String("service", "b")}}, `{"level":"INFO","message":"","service":"b","host":"h"}`},
		{"fields and metadata", record.Record{Severity: 9, Attrs: []slog.Attr{
			slog.Int("n", 1), slog.Int("user_id", 42), slog.Duration("took", 1500*time.Millisecond), slog.Float64("duration_ms", 1.5), slog.Bool("deleted", true), slog.String("line_number", "12"), slog.Any("nothing", nil),
		}}, `{"level":"INFO","message":"","user_id":"42","duration_ms":1.5,"deleted":true,"metadata":{"n":1,"took":"1.5s","line_number":"12"}}`},
		{"values", record.Record{Severity: 9, Attrs: []slog.Attr{
			slog.Float64("nan", math.NaN()), slog.Float64("inf", math.Inf(-1)), slog.Any("list", []slog.Value{slog.IntValue(1), {}}), slog.Group("g", slog.Time("t", at)),
			slog.Any("big", json.Number("1e400")), slog.Any("odd", json.Number("x")), slog.Uint64("u", math.MaxUint64), slog.Float64("e", 1e-7), slog.Float64("z", math.Copysign(0, -1)),
			{Key: "o", Value: record.EmptyObject()},
		}}, `{"level":"INFO","message":"","metadata":{"nan":"NaN","inf":"-Infinity","list":[1,null],"g":{"t":"2026-01-02T02:04:05.123456Z"},"big":1e400,"odd":"x","u":18446744073709551615,"e":1e-7,"z":-0,"o":{}}}`},
		{"text", record.Record{Severity: 9, Message: "quote \" slash \\ newline \n bell \a nul \x00 bad \xff é😀\u2028 </script>"}, `{"level":"INFO","message":"quote \" slash \\ newline \n bell \u0007 nul \u0000 bad ` + "\uFFFD" + ` é😀` + "\u2028" + ` </script>"}`},
		{"no nulls only", record.Record{Severity: 9, Attrs: []slog.Attr{{}}}, `{"level":"INFO","message":""}`},
	} {
		if got := string(record.AppendJSON(nil, &tt.r)); got != tt.want {
			t.Errorf("%s:\n%s\n%s", tt.name, got, tt.want)
		}
	}
}

// TestStringsLikeTheStandardLibrary compares with encoding/json at every place in
// the eight bytes that are looked at in one step.
func TestStringsLikeTheStandardLibrary(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			s := strings.Repeat("x", at) + string([]byte{byte(c)}) + strings.Repeat("y", 20-at)
			var back string
			text := record.AppendValue(nil, slog.StringValue(s))
			if err := json.Unmarshal(text, &back); err != nil || back != strings.ToValidUTF8(s, "\uFFFD") {
				t.Fatalf("%q: %s %q %v", s, text, back, err)
			}
			r, _, err := record.ParseJSON(append(append([]byte(`{"message":`), text...), '}'), record.ParseOptions{})
			if err != nil || r.Message != back {
				t.Fatalf("%s: %q %v", text, r.Message, err)
			}
		}
	}
}

// describe prints what a test compares: the JSON, then the repairs.
func describe(r *record.Record, repairs []record.Repair) string {
	text := string(record.AppendJSON(nil, r))
	for _, rep := range repairs {
		text += "\n" + rep.Field + ": " + rep.Reason
	}
	return text
}

func TestParseJSON(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 66) + "1" + strings.Repeat("}", 66)
	for _, tt := range []struct{ name, in, want string }{
		{"empty", `{}`, `{"message":"","severity":0}`},
		{"spaces", " \t{ \"message\" : \"a\" , \"level\" : \"info\" }\r\n", `{"level":"INFO","message":"a"}`},
		{"nulls", `{"message":null,"service":null,"metadata":null,"user_id":null,"x":null}`, `{"message":"","severity":0}`},
		{"id and seq", `{"id":"9223372036854775807","seq":18446744073709551615}`, `{"id":"9223372036854775807","message":"","severity":0,"seq":18446744073709551615}`},
		{
			"wrong types", `{"id":5,"seq":-1,"kind":"x","created_at":"soon","message":[1],"metadata":"m","deleted":"yes","duration_ms":"5","line_number":1.5,"severity":99,"trace_id":{"a":1}}`,
			`{"message":"","metadata":{"deleted":"yes","line_number":1.5},"severity":0}`,
		},
		{"numbers in text fields", `{"message":5,"user_id":7,"service":true,"trace_id":1.50}`, `{"message":"5","service":"true","trace_id":"1.5","user_id":"7","severity":0}`},
		{"integral floats", `{"line_number":12.0,"duration_ms":3}`, `{"message":"","duration_ms":3,"severity":0,"line_number":12}`},
		{"duration too exact", `{"duration_ms":0.1000000000000000055}`, "{\"message\":\"\",\"metadata\":{\"duration_ms\":0.1000000000000000055},\"severity\":0}\nduration_ms: not a number"},
		{"level alias", `{"level":"critical"}`, `{"level":"FATAL","message":"","metadata":{"level_text":"critical"}}`},
		{"level and severity", `{"level":"warn","severity":15}`, `{"level":"WARN","message":"","severity":15}`},
		{"level against severity", `{"level":"warn","severity":9}`, "{\"level\":\"WARN\",\"message\":\"\",\"metadata\":{\"severity\":9}}\nseverity: not a severity of level WARN"},
		{"unknown level with severity", `{"level":"verbose2","severity":5}`, `{"level":"DEBUG","message":"","metadata":{"level_text":"verbose2"}}`},
		{"level with offset", `{"level":"INFO+2"}`, `{"level":"INFO","message":"","severity":11}`},
		{"level with offset down", `{"level":"debug-1"}`, `{"level":"TRACE","message":"","severity":4}`},
		{"number as level", `{"level":30}`, `{"level":"30","message":"","severity":0}`},
		{"duplicates", `{"message":"a","x":1,"message":"b","x":2}`, "{\"message\":\"b\",\"metadata\":{\"x\":2},\"severity\":0}\nmessage: given more than once: the last one was kept\nx: given more than once: the last one was kept"},
		{"duplicates of equal value", `{"x":1,"x":1}`, `{"message":"","metadata":{"x":1},"severity":0}`},
		{"conflict", `{"a":1,"metadata":{"a":2}}`, "{\"message\":\"\",\"metadata\":{\"_conflict.a\":1,\"a\":2},\"severity\":0}\na: given more than once: the first is kept as _conflict.a"},
		{"conflict of a conflict", `{"a":1,"_conflict.a":0,"metadata":{"a":2}}`, "{\"message\":\"\",\"metadata\":{\"_conflict.a_2\":1,\"_conflict.a\":0,\"a\":2},\"severity\":0}\na: given more than once: the first is kept as _conflict.a"},
		{"no conflict", `{"a":1,"metadata":{"a":1}}`, `{"message":"","metadata":{"a":1},"severity":0}`},
		{
			"field and metadata", `{"user_id":"a","service":"s","metadata":{"user_id":"b","service":"t","message":"m"}}`,
			"{\"message\":\"\",\"service\":\"s\",\"user_id\":\"a\",\"metadata\":{\"_conflict.user_id\":\"b\",\"_conflict.service\":\"t\",\"message\":\"m\"},\"severity\":0}\nuser_id: given beside metadata's: metadata's is kept as _conflict.user_id\nservice: given beside metadata's: metadata's is kept as _conflict.service",
		},
		{"fields in metadata", `{"metadata":{"user_id":"b","service":"t","id":1}}`, `{"message":"","service":"t","user_id":"b","metadata":{"id":1},"severity":0}`},
		{
			"numbers", `{"a":123456789012345678901234567890,"b":0.1,"c":1e2,"d":-0,"e":18446744073709551615,"f":1.0,"g":1e400,"h":1e-400,"i":0.30000000000000004}`,
			`{"message":"","metadata":{"a":123456789012345678901234567890,"b":0.1,"c":100,"d":-0,"e":18446744073709551615,"f":1,"g":1e400,"h":1e-400,"i":0.30000000000000004},"severity":0}`,
		},
		{"words", `{"a":NaN,"b":Infinity,"c":-Infinity,"d":true,"e":[null,false]}`, `{"message":"","metadata":{"a":"NaN","b":"Infinity","c":"-Infinity","d":true,"e":[null,false]},"severity":0}`},
		{"escapes", `{"message":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud800\u0000"}`, "{\"message\":\"\\\"\\\\/\\u0008\\u000c\\n\\r\\té😀\uFFFD\uFFFD\uFFFD\\u0000\",\"severity\":0}"},
		{"control characters", "{\"message\":\"a\tb\nc\"}", `{"message":"a\tb\nc","severity":0}`},
		{"empty objects", `{"a":{},"b":{"c":{}},"d":[{}],"e":[]}`, `{"message":"","metadata":{"a":{},"b":{"c":{}},"d":[{}],"e":[]},"severity":0}`},
		{"too deep", `{"x":` + deep + `}`, ""},
		{"times", `{"created_at":1767323045123,"observed_at":"2026-01-02 03:04:05,5"}`, `{"created_at":"2026-01-02T03:04:05.123000Z","message":"","observed_at":"2026-01-02T03:04:05.500000Z","severity":0}`},
	} {
		r, repairs, err := record.ParseJSON([]byte(tt.in), record.ParseOptions{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := describe(&r, repairs)
		switch tt.name {
		case "wrong types":
			for _, part := range []string{
				`"id":5`, `"seq":-1`, `"kind":"x"`, `"created_at":"soon"`, `"message":[1]`, `"metadata":"m"`, `"deleted":"yes"`, `"duration_ms":"5"`, `"severity":99`, `"trace_id":{"a":1}`,
				"\nid: not a decimal", "\nseq: not a count", "\nkind: not log", "\ncreated_at: not a time: \"soon\"", "\nmessage: not a text", "\nmetadata: not an object", "\ndeleted: neither", "\nduration_ms: not a number", "\nline_number: not a whole", "\nseverity: not a severity",
			} {
				if !strings.Contains(got, part) {
					t.Errorf("%s: %s misses %s", tt.name, got, part)
				}
			}
		case "too deep":
			if !strings.Contains(got, `"{\"a\":{\"a\":1}}"`) || !strings.Contains(got, "\nx: deeper") {
				t.Errorf("%s: %s", tt.name, got)
			}
		default:
			if got != tt.want {
				t.Errorf("%s:\n%s\n%s", tt.name, got, tt.want)
			}
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, tt := range []struct {
		in     string
		offset int
	}{
		{"", 0},
		{"[]", 0},
		{"text", 0},
		{`{"a":1`, 6},
		{`{"a":1,}`, 7},
		{`{"a" 1}`, 5},
		{`{"a":}`, 5},
		{`{"a":01}`, 6},
		{`{"a":1.}`, 6},
		{`{"a":tru}`, 5},
		{`{"a":"b`, 7},
		{`{"a":"\x"}`, 6},
		{`{"a":"\u12"}`, 6},
		{`{"a":[1 2]}`, 8},
		{`{"a":1} x`, 8},
		{`{"a":` + strings.Repeat("[", 100_000), 100_005},
	} {
		_, _, err := record.ParseJSON([]byte(tt.in), record.ParseOptions{})
		var e *record.SyntaxError
		if !errors.As(err, &e) || e.Offset != tt.offset {
			t.Errorf("%.20s: %v", tt.in, err)
		}
	}
}

func TestTooManyKeysAreKept(t *testing.T) {
	var b strings.Builder
	for i := range record.MaxAttributes + 5 {
		fmt.Fprintf(&b, `"k%d":%d,`, i, i)
	}
	for _, in := range []string{"{" + b.String() + `"message":"m"}`, `{"message":"m","metadata":{` + b.String() + `"z":1}}`, `{"message":"m","group":{` + b.String() + `"z":1}}`} {
		r, repairs, err := record.ParseJSON([]byte(in), record.ParseOptions{})
		if err != nil || len(repairs) != 1 || r.Message != "m" {
			t.Fatalf("%v %v %q", err, repairs, r.Message)
		}
		if repairs := record.Normalize(&r); repairs != nil {
			t.Fatal(repairs)
		}
		v, ok := r.Lookup("_rest")
		if !ok {
			v, ok = r.Lookup("group._rest")
		}
		if !ok || !strings.Contains(v.String(), `"k10000":10000,"k10001"`) {
			t.Fatalf("%v %.80s", ok, v)
		}
		checkNormal(t, &r)
	}
}

func TestMembersAndElements(t *testing.T) {
	var got []string
	err := record.Members([]byte(` {"logs" : [ {"a":1}, 2 ],"x":{"y":[]}, "k\u0065y":"v" } `), func(key string, value []byte) bool {
		got = append(got, key+"="+string(value))
		return true
	})
	if want := `logs=[ {"a":1}, 2 ]|x={"y":[]}|key="v"`; err != nil || strings.Join(got, "|") != want {
		t.Errorf("%v %v", got, err)
	}
	got = nil
	err = record.Elements([]byte(` [ {"a":"]"}, "x\"," , [1,[2]], NaN] `), func(value []byte) bool {
		got = append(got, string(value))
		return true
	})
	if want := `{"a":"]"}|"x\","|[1,[2]]|NaN`; err != nil || strings.Join(got, "|") != want {
		t.Errorf("%v %v", got, err)
	}
	if err := record.Elements([]byte("[]"), nil); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		in     string
		offset int
	}{{"", 0}, {"[1", 2}, {"[1,]", 3}, {"[1 2]", 3}, {"{}", 0}, {"[] x", 3}} {
		err := record.Elements([]byte(tt.in), func([]byte) bool { return true })
		var e *record.SyntaxError
		if !errors.As(err, &e) || e.Offset != tt.offset {
			t.Errorf("%q: %v", tt.in, err)
		}
	}
	for _, in := range []string{"", "[]", `{"a":}`, `{"a":1`, `{"a":1}}`, `{a:1}`} {
		if record.Members([]byte(in), func(string, []byte) bool { return true }) == nil {
			t.Errorf("%q: no error", in)
		}
	}
}

func TestParseAttrs(t *testing.T) {
	attrs, err := record.ParseAttrs([]byte(`{"a":1,"b":{"c":[true]},"a":2}`))
	if err != nil || string(record.AppendAttrs(nil, attrs)) != `{"b":{"c":[true]},"a":2}` {
		t.Errorf("%s %v", record.AppendAttrs(nil, attrs), err)
	}
	if _, err := record.ParseAttrs([]byte(`[1]`)); err == nil {
		t.Error("no error")
	}
}

func TestParseTime(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"},
		{"2026-01-02T03:04:05.123456789+02:30", "2026-01-02T00:34:05.123456Z"},
		{"2026-01-02t03:04:05z", "2026-01-02T03:04:05.000000Z"},
		{"2026-01-02 03:04:05,250", "2026-01-02T03:04:05.250000Z"},
		{"2026-01-02 03:04:05.25 -0700", "2026-01-02T10:04:05.250000Z"},
		{"2026-01-02 03:04:05 +0000 UTC", "2026-01-02T03:04:05.000000Z"},
		{"2026/01/02 03:04:05", "2026-01-02T03:04:05.000000Z"},
		{"2026-01-02T03:04Z", "2026-01-02T03:04:00.000000Z"},
		{"2026-01-02T03:04:05+07", "2026-01-01T20:04:05.000000Z"},
		{"2026-01-02", "2026-01-02T00:00:00.000000Z"},
		{"2024-02-29", "2024-02-29T00:00:00.000000Z"},
		{"2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000000Z"},
		{"1767323045", "2026-01-02T03:04:05.000000Z"},
		{"1767323045.5", "2026-01-02T03:04:05.500000Z"},
		{"1767323045123", "2026-01-02T03:04:05.123000Z"},
		{"1767323045123456", "2026-01-02T03:04:05.123456Z"},
		{"1767323045123456789", "2026-01-02T03:04:05.123456Z"},
		{"-1", "1969-12-31T23:59:59.000000Z"},
	} {
		got, ok := record.ParseTime(tt.in)
		if text := string(record.AppendTime(nil, got)); !ok || text != tt.want {
			t.Errorf("%s: %s %v", tt.in, text, ok)
		}
	}
	for _, in := range []string{"", "soon", "2026-13-01", "2026-02-29", "2026-01-02T25:00:00Z", "2026-01-02X03:04:05Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05 MST", "0000-01-01", "2026-01-02T03:04:05+2x:00", "1e30", "0001-01-01T00:00:00+02:00"} {
		if got, ok := record.ParseTime(in); ok {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestDecimal(t *testing.T) {
	ordered := []string{"-1e401", "-1e400", "-2", "-1.5", "-0.1", "0", "1e-400", "0.09", "0.1", "0.1000000000000000055", "1", "1.5", "9", "10", "9007199254740992", "9007199254740993", "1e400", "1.1e400"}
	for i, a := range ordered {
		for j, b := range ordered {
			x, ok1 := record.ParseDecimal(a)
			y, ok2 := record.ParseDecimal(b)
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := x.Cmp(y); !ok1 || !ok2 || got != want {
				t.Errorf("%s %s: %d", a, b, got)
			}
		}
	}
	for _, same := range [][2]string{{"1", "1.0"}, {"100", "1e2"}, {"0", "-0.00e5"}, {"0.001", "1e-3"}, {"120", "0.12E+3"}} {
		x, _ := record.ParseDecimal(same[0])
		y, _ := record.ParseDecimal(same[1])
		if x.Cmp(y) != 0 {
			t.Error(same)
		}
	}
	for _, bad := range []string{"", "-", "+1", "01", "1.", ".5", "1e", "0x1", "NaN", "1 ", "1_000"} {
		if _, ok := record.ParseDecimal(bad); ok {
			t.Errorf("%q is a number", bad)
		}
	}
}
