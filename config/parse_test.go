package config

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "4096": 4096, "16MiB": 16 << 20, "16 mib": 16 << 20, "10MB": 10_000_000, "10mb": 10_000_000, "1.5GiB": 3 << 29,
		"1kb": 1000, "1KiB": 1024, "7 B": 7, "2TB": 2e12, "0.5KB": 500, " 12 ": 12, "9223372036854775807": 1<<63 - 1,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MB", "-1", "-1MB", "1e6", "0x10", "1MBit", "ten", "1 2", "1..2MB", "9223372036854775808", "9EiB", "8388608TiB", "NaN", "1M", "Inf", "1_000"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: accepted as %d", text, got)
		}
	}
	for n, want := range map[int64]string{0: "0", 1000: "1000", 1024: "1KiB", 16 << 20: "16MiB", 10_000_000: "10MB", 1<<30 + 1: "1073741825", 3 << 40: "3TiB"} {
		if got := showSize(n); got != want {
			t.Errorf("%d is shown as %s, want %s", n, got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"5s": 5 * time.Second, "7d": 7 * 24 * time.Hour, "1h30m": 90 * time.Minute, "0": 0, " 250ms ": 250 * time.Millisecond} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "d", "1.5d", "-1d", "70000d", "soon"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q: accepted as %v", text, got)
		}
	}
	for d, want := range map[time.Duration]string{0: "0s", time.Second: "1s", time.Minute: "1m", 90 * time.Minute: "1h30m", time.Hour: "1h", 48 * time.Hour: "2d", 1500 * time.Millisecond: "1.5s", 10 * time.Minute: "10m", time.Hour + time.Second: "1h0m1s"} {
		if got := showDuration(d); got != want {
			t.Errorf("%v is shown as %s, want %s", d, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"max_size", "max_files", "max_age", "interval", "mode", "path"}
	for typed, want := range map[string]string{
		"max_sise": "max_size", "maxSize": "max_size", "max-files": "max_files", "intervall": "interval", "mdoe": "mode", "pth": "path",
		"colour": "", "x": "", "": "", strings.Repeat("max_size", 20): "",
	} {
		if got := nearest(typed, keys); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func TestParseDotEnv(t *testing.T) {
	const text = "\ufeffA=1\r\n" +
		"# comment\n\n" +
		"  export B = two words # comment\n" +
		"C='single # not a comment $A \\n' # comment\n" +
		"D=\"a\\tb\\\"c\\\\d\\$e\\q\"\n" +
		"E=\"two\nlines\"\n" +
		"F=a#b\n" +
		"G=\n" +
		"H=x=y\n" +
		"A=2\n" +
		"I='last'"
	got, err := parseDotEnv(text)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]variable{
		"A": {"2", 12}, "B": {"two words", 4}, "C": {`single # not a comment $A \n`, 5}, "D": {"a\tb\"c\\d$e\\q", 6},
		"E": {"two\nlines", 7}, "F": {"a#b", 9}, "G": {"", 10}, "H": {"x=y", 11}, "I": {"last", 13},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for text, place := range map[string]int{"A=1\nB": 2, "A='1\nB=2": 1, "A=\"1": 1, "\n\n1A=2": 3, "=1": 1, "A B=1": 1, "A='1' 2": 1, "export =1": 1} {
		_, err := parseDotEnv(text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Line != place {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzDotEnv(f *testing.F) {
	f.Add("A=1\nexport B='x'\nC=\"y\\n\" # z\n")
	f.Add("A='")
	f.Add("\ufeff=\r\n#")
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := parseDotEnv(text)
		var syntax *SyntaxError
		if err != nil && (!errors.As(err, &syntax) || syntax.Line < 1) {
			t.Errorf("an error without a line: %v", err)
		}
		lines := strings.Count(text, "\n") + 1
		for name, v := range vars {
			if !isVariable(name) || v.line < 1 || v.line > lines {
				t.Errorf("%q in line %d of %d", name, v.line, lines)
			}
		}
	})
}

func FuzzSize(f *testing.F) {
	for _, text := range []string{"16MiB", "10 MB", "1.5GiB", "-1", "1e400", "999999999999TiB", ".", "1.TB"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseSize(text)
		if err != nil {
			return
		}
		if n < 0 {
			t.Errorf("%q is %d", text, n)
		}
		if again, err := parseSize(showSize(n)); err != nil || again != n {
			t.Errorf("%q is %d, shown as %s, which is %d, %v", text, n, showSize(n), again, err)
		}
	})
}

func FuzzLevels(f *testing.F) {
	f.Add("app.db=debug,app.http=warn")
	f.Add("=,;a=")
	f.Add("a=info;a=warn")
	f.Fuzz(func(t *testing.T, text string) {
		members, err := splitLevels(text)
		if err != nil {
			return
		}
		for _, m := range members {
			if m.Key == "" || m.Value.Text == "" || m.Value.Kind != KindText {
				t.Errorf("%q has %+v", text, m)
			}
		}
		r := &report{}
		root := &Node{Kind: KindObject}
		(&environment{}).setLevels(root, r, Node{Kind: KindText, Text: text, Origin: "WEIR_LEVELS"})
		if len(r.problems) > 0 {
			t.Errorf("%q: %v", text, r.err())
		}
	})
}

func FuzzDuration(f *testing.F) {
	f.Add("5s")
	f.Add("7d")
	f.Add("-1h0m0s")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := parseDuration(text)
		if err != nil || d < 0 {
			return
		}
		if again, err := parseDuration(showDuration(d)); err != nil || again != d {
			t.Errorf("%q is %v, shown as %s, which is %v, %v", text, d, showDuration(d), again, err)
		}
	})
}

// FuzzJSON: no file makes the reading panic, and every error names a key's path or a
// place in the file.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"log": {"level": "info", "sinks": {"a": {"type": "file", "path": "a.log", "max_size": "10MB"}}}}`))
	f.Add([]byte(`{"console": {"format": {"type": "text", "layout": "%(message)s"}}, "processors": ["errors", {"type": "drop", "keys": ["a"]}]}`))
	f.Add([]byte(`{"levels": {"a": 1}, "loggers": {"root": {"sinks": ["x"]}}, "resource": null, "server": "http://a"}`))
	f.Add([]byte("\ufeff[{\n"))
	lookup := func(string) (string, bool) { return "", false }
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Parse(data, "fuzz.json", Options{LookupEnv: lookup})
		if err == nil {
			return
		}
		eachOf(err, func(err error) {
			var e *weir.Error
			if !errors.As(err, &e) || !strings.Contains(e.Error(), "fuzz.json") {
				t.Errorf("an error without a place: %v", err)
			}
			if key, _ := e.Context["key"].(string); key == "" && e.Context["line"] == nil {
				t.Errorf("an error without a key: %v %v", err, e.Context)
			}
			if utf8.Valid(data) && !utf8.ValidString(e.Error()) {
				t.Errorf("an error that is no text: %q", e.Error())
			}
		})
	})
}

func eachOf(err error, f func(error)) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // the joined error itself
		for _, e := range joined.Unwrap() {
			eachOf(e, f)
		}
		return
	}
	f(err)
}

func TestJSONPlaces(t *testing.T) {
	n, err := decodeJSON([]byte("{\n  \"a\" : [1,\n   \"ü\", {\"b\":true}],\n\t\"c\": null\n}"))
	if err != nil {
		t.Fatal(err)
	}
	list := n.Members[0]
	type at struct{ line, column int }
	for name, c := range map[string][2]at{
		"a":    {{list.Line, list.Column}, {2, 3}},
		"list": {{list.Value.Line, list.Value.Column}, {2, 9}},
		"1":    {{list.Value.Items[0].Line, list.Value.Items[0].Column}, {2, 10}},
		"ü":    {{list.Value.Items[1].Line, list.Value.Items[1].Column}, {3, 4}},
		"b":    {{list.Value.Items[2].Members[0].Line, list.Value.Items[2].Members[0].Column}, {3, 10}},
		"true": {{list.Value.Items[2].Members[0].Value.Line, list.Value.Items[2].Members[0].Value.Column}, {3, 14}},
		"c":    {{n.Members[1].Line, n.Members[1].Column}, {4, 2}},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is at %v, want %v", name, c[0], c[1])
		}
	}
}
