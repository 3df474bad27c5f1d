package format_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/record/recordtest"
)

func TestJSONOptions(t *testing.T) {
	r := info("café 😀", slog.Group("user", slog.String("plan", "pro"), slog.String("password", "x")), slog.Any("list", []slog.Value{slog.IntValue(1), slog.GroupValue(slog.Int("b", 1), slog.Int("a", 2))}),
		slog.Any("none", []slog.Value{}), slog.Any("o", record.EmptyObject()), slog.Float64("nan", math.NaN()), slog.String("a\"b", "\u2028"))
	r.SourceID = "s"
	plain := string(record.AppendJSON(nil, &r)) + "\n"
	if got := line(format.JSON(format.JSONOptions{}), r); got != plain {
		t.Errorf("zero options: %s", got)
	}
	var out []byte
	for _, o := range []format.JSONOptions{
		{},
		{ASCII: true},
		{SortKeys: true},
		{SkipKeys: []string{"source_id", "user.password", "list", "created_at"}},
		{Indent: 2, SortKeys: true, ASCII: true},
		{Indent: -1, SkipKeys: []string{"metadata"}},
	} {
		out = format.JSON(o).Append(out, &r)
	}
	golden(t, "json.golden", out)
}

// C17. TestJSONRenderer of ko-log: a line, and the attributes as JSON below it.
func TestJSONRenderer(t *testing.T) {
	prefix := func(o format.JSONOptions) format.Formatter {
		o.Prefix = mustText(t, "%(asctime)s - %(level)s - %(event)s", format.TextOptions{DateFormat: "%Y-%m-%d %H:%M:%S"})
		return format.JSON(o)
	}
	const first = "2024-01-01 12:00:00 - INFO - Test log message"
	place := slog.String("file_path", "/src/main.go")
	t.Run("with_context", func(t *testing.T) {
		got := line(prefix(format.JSONOptions{Indent: 2}), info("Test log message", place, slog.Int("user_id", 123), slog.String("action", "login")))
		if want := first + ":\n{\n  \"user_id\": 123,\n  \"action\": \"login\"\n}\n"; got != want {
			t.Errorf("%q", got)
		}
	})
	t.Run("without_context", func(t *testing.T) {
		if got := line(prefix(format.JSONOptions{Indent: 2}), info("Test log message", place)); got != first+"\n" {
			t.Errorf("%q", got)
		}
	})
	t.Run("json_parameters", func(t *testing.T) {
		attrs := []slog.Attr{slog.String("c", "café"), slog.Int("a", 1), slog.Int("b", 2)}
		for name, c := range map[string]struct {
			o    format.JSONOptions
			want string
		}{
			"sort_keys":    {format.JSONOptions{SortKeys: true}, `{"a":1,"b":2,"c":"café"}`},
			"ensure_ascii": {format.JSONOptions{ASCII: true}, `{"c":"caf\u00e9","a":1,"b":2}`},
			"skip":         {format.JSONOptions{SkipKeys: []string{"c", "b"}}, `{"a":1}`},
			"none":         {format.JSONOptions{}, `{"c":"café","a":1,"b":2}`},
		} {
			if got := line(prefix(c.o), info("Test log message", attrs...)); got != first+":\n"+c.want+"\n" {
				t.Errorf("%s: %q", name, got)
			}
		}
	})
	t.Run("non_serializable", func(t *testing.T) {
		got := line(prefix(format.JSONOptions{}), info("Test log message", slog.Any("object", struct{ A int }{1}), slog.Float64("nan", math.NaN())))
		if want := first + ":\n" + `{"object":"{1}","nan":"NaN"}` + "\n"; got != want {
			t.Errorf("%q", got)
		}
	})
	t.Run("trace ids are attributes", func(t *testing.T) {
		r := info("Test log message")
		r.TraceID, r.SpanID = "t", "s"
		if got, want := line(prefix(format.JSONOptions{}), r), first+":\n"+`{"trace_id":"t","span_id":"s"}`+"\n"; got != want {
			t.Errorf("%q", got)
		}
	})
}

// TestPlainRenderer and Colored of ko-log, but for their own level: a form does not
// drop records, sinks and loggers have levels (C19).
func TestPlainRenderer(t *testing.T) {
	t.Run("output_format", func(t *testing.T) {
		f := mustText(t, "%(asctime)s - %(level)s - %(event)s", format.TextOptions{DateFormat: "%Y-%m-%d %H:%M:%S"})
		if got := line(f, info("Test log message")); got != "2024-01-01 12:00:00 - INFO - Test log message\n" {
			t.Errorf("%q", got)
		}
	})
	t.Run("custom_fields", func(t *testing.T) {
		if got := line(mustText(t, "%(numeric_field)d", format.TextOptions{}), info("", slog.Int("numeric_field", 42))); got != "42\n" {
			t.Errorf("%q", got)
		}
	})
	t.Run("missing_field", func(t *testing.T) { // ko-log raised into the program
		if got := line(mustText(t, "%(missing)s.", format.TextOptions{Missing: "?"}), info("")); got != "?.\n" {
			t.Errorf("%q", got)
		}
	})
}

// C18. A coloured line ends with a newline and reads no markup.
func TestColoredRenderer(t *testing.T) {
	f := mustText(t, "%(level)s %(event)s", format.TextOptions{Color: format.ColorAlways})
	if got := line(f, info("[bold red]hot[/]")); got != "\x1b[34mINFO\x1b[0m [bold red]hot[/]\n" {
		t.Errorf("%q", got)
	}
}

// decode reads JSON without rounding its numbers.
func decode(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// FuzzJSON: every form of a record's JSON has the same content, in the form asked
// for.
func FuzzJSON(f *testing.F) {
	f.Add(uint64(1), uint8(2), true, true)
	f.Add(uint64(99), uint8(0), true, false)
	f.Fuzz(func(t *testing.T, seed uint64, indent uint8, sorted, ascii bool) {
		r := recordtest.Random(rand.New(rand.NewPCG(seed, 0)))
		got := format.JSON(format.JSONOptions{Indent: int(indent), SortKeys: sorted, ASCII: ascii}).Append([]byte("x"), &r)[1:]
		have, want := decode(t, got), decode(t, record.AppendJSON(nil, &r))
		if !reflect.DeepEqual(have, want) {
			t.Errorf("%s", got)
		}
		if ascii && bytes.ContainsFunc(got, func(c rune) bool { return c > 0x7F }) {
			t.Errorf("not ASCII: %s", got)
		}
		if indent > 0 {
			var indented bytes.Buffer
			if err := json.Indent(&indented, bytes.TrimSpace(got), "", strings.Repeat(" ", min(int(indent), format.MaxIndent))); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(bytes.TrimSpace(got), indented.Bytes()) {
				t.Errorf("indented\n%s\nwant\n%s", got, indented.Bytes())
			}
		}
	})
}
