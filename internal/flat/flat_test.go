package flat

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

// seal does what the queue does to a record.
func seal(b []byte) string {
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	return string(b)
}

func newEncoder() *Encoder { return &Encoder{MaxText: 1 << 20} }

func roundTrip(t *testing.T, attrs ...slog.Attr) []slog.Attr {
	t.Helper()
	e := newEncoder()
	b := e.Begin(nil, record.KindLog, record.SeverityInfo, "message", 0, 0)
	return decode(t, e.Attrs(b, attrs))
}

func decode(t *testing.T, b []byte) []slog.Attr {
	t.Helper()
	h, err := DecodeHead(seal(b))
	if err != nil {
		t.Fatalf("head: %v", err)
	}
	var d Decoder
	attrs, err := d.Attrs(&h, nil)
	if err != nil {
		t.Fatalf("attributes: %v", err)
	}
	return attrs
}

type (
	resolves  struct{ v slog.Value }
	panics    struct{}
	textual   struct{}
	stringer  struct{ n int }
	marshals  struct{}
	nilSafe   struct{ name string }
	structure struct {
		A int    `json:"a"`
		B []bool `json:"b"`
	}
)

func (r resolves) LogValue() slog.Value       { return r.v }
func (panics) LogValue() slog.Value           { panic("in LogValue") }
func (panics) Error() string                  { panic("in Error") }
func (textual) MarshalText() ([]byte, error)  { return []byte("as text"), nil }
func (s stringer) String() string             { return fmt.Sprint("number ", s.n) }
func (marshals) MarshalJSON() ([]byte, error) { panic("in MarshalJSON") }
func (n *nilSafe) String() string             { return n.name }
func (e errorWithPanic) Error() string        { panic("in Error") }
func (endless) LogValue() slog.Value          { return slog.AnyValue(endless{}) }

type (
	errorWithPanic struct{}
	endless        struct{}
)

func TestValues(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 0, 0, 123456789, time.FixedZone("", 3600))
	far := time.Date(9999, 1, 1, 0, 0, 0, 5, time.UTC)
	list := func(v ...slog.Value) slog.Value { return slog.AnyValue(v) }
	str := slog.StringValue
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for _, c := range []struct {
		name string
		in   any
		want slog.Value
	}{
		{"string", "text", str("text")},
		{"empty string", "", str("")},
		{"int", -7, slog.Int64Value(-7)},
		{"uint64", uint64(math.MaxUint64), slog.Uint64Value(math.MaxUint64)},
		{"uint8", uint8(7), slog.Uint64Value(7)},
		{"float", 1.5, slog.Float64Value(1.5)},
		{"infinity", math.Inf(1), slog.Float64Value(math.Inf(1))},
		{"true", true, slog.BoolValue(true)},
		{"false", false, slog.BoolValue(false)},
		{"duration", time.Second, slog.DurationValue(time.Second)},
		{"time", at, slog.TimeValue(at.UTC())},
		{"far time", far, slog.TimeValue(far)},
		{"nil", nil, slog.Value{}},
		{"error", errors.New("failed"), str("failed")},
		{"bytes", []byte("raw \xff"), str("raw \xff")},
		{"text marshaler", textual{}, str("as text")},
		{"stringer", stringer{3}, str("number 3")},
		{"URL", &url.URL{Scheme: "https", Host: "weir.dev"}, str("https://weir.dev")},
		{"struct", structure{1, []bool{true}}, slog.GroupValue(slog.Int("a", 1), slog.Attr{Key: "b", Value: list(slog.BoolValue(true))})},
		{"raw JSON", json.RawMessage(`[1,"a"]`), list(slog.Int64Value(1), str("a"))},
		{"map", map[string]any{"b": math.Pi, "a": nil}, slog.GroupValue(slog.Attr{Key: "a"}, slog.Float64("b", math.Pi))},
		{"empty map", map[string]string{}, record.EmptyObject()},
		{"nil map", map[string]any(nil), slog.Value{}},
		{"slice", []any{1, "a", nil, []string{"b"}, map[string]any{"c": true}}, list(slog.Int64Value(1), str("a"), slog.Value{}, list(str("b")), slog.GroupValue(slog.Bool("c", true)))},
		{"ints", []int{1, 2}, list(slog.Int64Value(1), slog.Int64Value(2))},
		{"floats with NaN", []float64{math.NaN()}, list(slog.Float64Value(math.NaN()))},
		{"empty slice", []string{}, list()},
		{"named int", json.Delim('a'), str("a")},
		{"pointer", ptr(5), slog.Int64Value(5)},
		{"channel", make(chan int), str("!ERROR: json: unsupported type: chan int")},
		{"resolved", resolves{slog.IntValue(3)}, slog.Int64Value(3)},
		{"resolved twice", resolves{slog.AnyValue(resolves{str("deep")})}, str("deep")},
		{"resolved to a group", resolves{slog.GroupValue(slog.Int("a", 1))}, slog.GroupValue(slog.Int("a", 1))},
		{"resolved for ever", endless{}, str("!ERROR: LogValue returned a LogValuer too often")},
		{"panic in LogValue", panics{}, str("!PANIC: in LogValue")},
		{"panic in Error", errorWithPanic{}, str("!PANIC: in Error")},
		{"panic in MarshalJSON", marshals{}, str("!PANIC: in MarshalJSON")},
		{"nil pointer", (*nilSafe)(nil), str("<nil>")},
		{"panic inside a list", []any{1, panics{}}, list(slog.Int64Value(1), str("!PANIC: in LogValue"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEncoder()
			b := e.Begin(nil, record.KindLog, record.SeverityInfo, "m", 0, 0)
			direct := decode(t, e.Value(b, "k", c.in))
			viaAttr := roundTrip(t, slog.Any("k", c.in))
			for _, got := range [][]slog.Attr{direct, viaAttr} {
				if len(got) != 1 || got[0].Key != "k" || !same(got[0].Value, c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
	t.Run("cycle", func(t *testing.T) {
		got := fmt.Sprint(roundTrip(t, slog.Any("k", cyclic)))
		if !strings.Contains(got, "nested too deep") {
			t.Errorf("a map in itself became %.100s", got)
		}
	})
}

func ptr[T any](v T) *T { return &v }

// same compares values deeply, NaN equal to itself.
func same(a, b slog.Value) bool { return fmt.Sprintf("%#v", plain(a)) == fmt.Sprintf("%#v", plain(b)) }

func plain(v slog.Value) any {
	switch v.Kind() {
	case slog.KindGroup:
		out := [][2]any{}
		for _, a := range v.Group() {
			out = append(out, [2]any{a.Key, plain(a.Value)})
		}
		return out
	case slog.KindTime:
		return v.Time().UTC().Format(time.RFC3339Nano)
	}
	if list, ok := v.Any().([]slog.Value); ok {
		out := []any{"list"}
		for _, e := range list {
			out = append(out, plain(e))
		}
		return out
	}
	return v.Any()
}

func TestGroups(t *testing.T) {
	a, b := slog.Int("a", 1), slog.Int("b", 2)
	for _, c := range []struct {
		name string
		in   []slog.Attr
		want []slog.Attr
	}{
		{"plain", []slog.Attr{slog.Group("g", a, b)}, []slog.Attr{slog.Group("g", a, b)}},
		{"nested", []slog.Attr{slog.Group("g", a, slog.Group("h", b)), a}, []slog.Attr{slog.Group("g", a, slog.Group("h", b)), a}},
		{"empty", []slog.Attr{slog.Group("g"), a}, []slog.Attr{a}},
		{"empty inside", []slog.Attr{slog.Group("g", slog.Group("h")), a}, []slog.Attr{a}},
		{"inline", []slog.Attr{slog.Group("", a, b)}, []slog.Attr{a, b}},
		{"empty attribute", []slog.Attr{{}, a}, []slog.Attr{a}},
		{"LogValuer inside", []slog.Attr{slog.Group("g", slog.Any("v", resolves{slog.IntValue(1)}))}, []slog.Attr{slog.Group("g", slog.Int("v", 1))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := roundTrip(t, c.in...); !same(slog.GroupValue(got...), slog.GroupValue(c.want...)) || len(got) != len(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestHead(t *testing.T) {
	e := newEncoder()
	at := time.Date(1, 2, 3, 4, 5, 6, 7, time.UTC)
	b := e.Begin(nil, record.KindDivider, record.SeverityWarn, "label", 42, 77)
	h, err := DecodeHead(seal(b))
	h.body = ""
	if want := (Head{Severity: record.SeverityWarn, Kind: record.KindDivider, Message: "label", Caller: 42, Clock: 77}); err != nil || !reflect.DeepEqual(h, want) {
		t.Errorf("got %+v %v, want %+v", h, err, want)
	}
	SetTime(b, at)
	if h, err = DecodeHead(seal(b)); err != nil || !h.Given || !h.Time.Equal(at) {
		t.Errorf("given time: %+v %v", h, err)
	}
	b = e.Begin(nil, record.KindLog, record.SeverityWarn, "", 0, 77)
	SetTime(b, time.Time{})
	if h, err = DecodeHead(seal(b)); err != nil || !h.Given || !h.Time.IsZero() {
		t.Errorf("no time: %+v %v", h, err)
	}
}

func TestDecoderReusesMemory(t *testing.T) {
	e := newEncoder()
	b := e.Begin(nil, record.KindLog, record.SeverityInfo, "message", 0, 0)
	b = e.Attrs(b, []slog.Attr{slog.String("a", "x"), slog.Int("b", 1), slog.Group("g", slog.Bool("c", true))})
	s := seal(b)
	var d Decoder
	allocs := testing.AllocsPerRun(100, func() {
		d.Reset()
		for range 10 {
			h, err := DecodeHead(s)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Attrs(&h, nil); err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations for ten records", allocs)
	}
}

func TestShrink(t *testing.T) {
	const limit = 2000
	long := strings.Repeat("äöü", 5000)
	many := make([]int, 5000)
	for _, c := range []struct {
		name  string
		msg   string
		attrs []slog.Attr
		cuts  int
		whole []string // keys that must be there unchanged
	}{
		{"message", long, []slog.Attr{slog.Int("n", 1)}, 1, []string{"n"}},
		{"attribute", "m", []slog.Attr{slog.String("a", "short"), slog.String("b", long), slog.Int("n", 1)}, 1, []string{"a", "n"}},
		{"both", long, []slog.Attr{slog.String("b", long), slog.String("c", long)}, 3, nil},
		{"JSON", "m", []slog.Attr{slog.Any("j", structureOf(long)), slog.Int("n", 1)}, 1, []string{"n"}},
		{"in groups", "m", []slog.Attr{slog.Group("g", slog.String("b", long)), slog.Int("n", 1)}, 1, []string{"n"}},
		{"too many", long, []slog.Attr{slog.Any("list", many)}, 1, []string{"_cut"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEncoder()
			b := e.Attrs(e.Begin(nil, record.KindLog, record.SeverityInfo, c.msg, 0, 0), c.attrs)
			before := string(b)
			out, cuts := Shrink(b, limit)
			if string(b) != before {
				t.Error("the record that was given has changed")
			}
			if len(out) > limit || cuts != c.cuts {
				t.Errorf("%d bytes with %d cuts, want at most %d with %d", len(out), cuts, limit, c.cuts)
			}
			attrs := decode(t, out)
			text := fmt.Sprint(attrs)
			h, _ := DecodeHead(seal(out))
			if !strings.Contains(h.Message+text, "[cut: ") {
				t.Errorf("no mark in %s %s", h.Message, text)
			}
			for _, key := range c.whole {
				if !strings.Contains(text, key+"=") {
					t.Errorf("%s is gone: %s", key, text)
				}
			}
		})
	}
}

func structureOf(s string) any {
	return struct {
		S string `json:"s"`
	}{s}
}

func TestLongTextsAreCutAtOnce(t *testing.T) {
	e := &Encoder{MaxText: 1000}
	long := strings.Repeat("é", 2000)
	b := e.Begin(nil, record.KindLog, record.SeverityInfo, long, 0, 0)
	b = e.Attr(b, ptr(slog.String("k", long)))
	b = e.Attr(b, ptr(slog.Int(strings.Repeat("k", 100_000), 1)))
	if e.Cut != 3 || len(b) > 70_000 {
		t.Errorf("%d cuts in %d bytes, want 3", e.Cut, len(b))
	}
	if v := decode(t, b)[0].Value.String(); !strings.HasSuffix(v, "é… [cut: 4000 bytes in all]") || len(v) > 1000 {
		t.Errorf("%d bytes end in %q", len(v), v[max(0, len(v)-40):])
	}
}

// FuzzDecode feeds bytes that no encoder wrote: the decoder must refuse or read
// them, never fail otherwise.
func FuzzDecode(f *testing.F) {
	e := newEncoder()
	f.Add(e.Attrs(e.Begin(nil, record.KindLog, record.SeverityInfo, "message", 1, 2), []slog.Attr{
		slog.String("s", "text"), slog.Int("i", 1), slog.Time("t", time.Unix(1, 2)), slog.Group("g", slog.Bool("b", true)),
		slog.Any("l", []any{1, "a"}), slog.Any("j", structure{}),
	}))
	f.Add(appendOp(e.Begin(nil, record.KindLog, 0, "", 0, 0), opEnd, ""))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= 4 {
			binary.LittleEndian.PutUint32(b, uint32(len(b)))
		}
		h, err := DecodeHead(string(b))
		if err != nil {
			return
		}
		var d Decoder
		attrs, err := d.Attrs(&h, nil)
		if err != nil {
			return
		}
		// What was read can be written and read again.
		e := newEncoder()
		again := e.Attrs(e.Begin(nil, h.Kind, h.Severity, h.Message, h.Caller, h.Clock), attrs)
		if e.Cut > 0 {
			return
		}
		h2, err := DecodeHead(seal(again))
		if err != nil {
			t.Fatalf("head of what was read: %v", err)
		}
		if _, err := d.Attrs(&h2, nil); err != nil {
			t.Fatalf("attributes of what was read: %v", err)
		}
	})
}

// FuzzShrink: any text fits after shrinking, and can be decoded.
func FuzzShrink(f *testing.F) {
	f.Add("message", "value", "key", 1000)
	f.Add(strings.Repeat("日本", 1000), strings.Repeat("x", 5000), "k", 700)
	f.Fuzz(func(t *testing.T, msg, value, key string, limit int) {
		if limit < 512 || limit > 1<<20 {
			return
		}
		e := newEncoder()
		b := e.String(e.Begin(nil, record.KindLog, record.SeverityInfo, msg, 0, 0), key, value)
		out, _ := Shrink(b, limit)
		if len(out) > limit {
			t.Fatalf("%d bytes, limit %d", len(out), limit)
		}
		decode(t, out)
	})
}

// TestEmptyObjects: an empty map is a value, also inside another one, where
// slog.GroupValue would drop it.
func TestEmptyObjects(t *testing.T) {
	e := Encoder{MaxText: 1 << 10}
	b := e.Value(nil, "a", map[string]any{"b": map[string]any{}, "c": []any{map[string]any{}}})
	var d Decoder
	attrs, err := d.Body(string(b))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(record.AppendAttrs(nil, attrs)); got != `{"a":{"b":{},"c":[{}]}}` {
		t.Error(got)
	}
}
