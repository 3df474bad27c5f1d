package record_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/weirlog/weir/record"
)

// readAll reads everything; an error other than io.EOF is the last entry, and a
// piece of a long line starts with ~.
func readAll(r io.Reader, limit int) []string {
	rd := record.NewReader(r, record.ReaderOptions{MaxRecord: limit})
	var got []string
	for {
		raw, err := rd.Next()
		switch {
		case errors.Is(err, io.EOF):
			return got
		case errors.Is(err, record.ErrTooLong):
			got = append(got, "~"+string(raw))
		case err != nil:
			return append(got, "error: "+err.Error())
		default:
			got = append(got, string(raw))
		}
	}
}

func TestReader(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	for _, tt := range []struct {
		name, in string
		limit    int
		want     []string
	}{
		{"nothing", "", 0, nil},
		{"white space", " \n\r\n\t\n", 0, nil},
		{"lines", "{\"a\":1}\n{\"b\":2}\n", 0, []string{`{"a":1}`, `{"b":2}`}},
		{"no last newline", "{\"a\":1}\n{\"b\":2}", 0, []string{`{"a":1}`, `{"b":2}`}},
		{"CRLF and empty lines", "{\"a\":1}\r\n\r\n\n{\"b\":2}\r\n", 0, []string{`{"a":1}`, `{"b":2}`}},
		{"byte order mark", "\xEF\xBB\xBF{\"a\":1}\n", 0, []string{`{"a":1}`}},
		{"byte order mark alone", "\xEF\xBB\xBF", 0, nil},
		{"half a byte order mark", "\xEF\xBB", 0, []string{"\xEF\xBB"}},
		{"text", "hello\n  indented\n5\n", 0, []string{"hello", "  indented", "5"}},
		{"a broken line among others", "{\"a\":1}\n{\"b\":\n{\"c\":3}\n{\"d\n{\"e\":5}\n", 0, []string{`{"a":1}`, `{"b":`, `{"c":3}`, `{"d`, `{"e":5}`}},
		{"first line broken", "{\"b\":\n{\"c\":3,\n{\"e\":5}\n", 0, []string{`{"b":`, `{"c":3,`, `{"e":5}`}},
		{"pretty object", "{\n  \"a\": \"}\",\n  \"b\": [1,\n 2]\n}\n", 0, []string{"{\n  \"a\": \"}\",\n  \"b\": [1,\n 2]\n}"}},
		{"pretty objects", "{\n\"a\":1\n}\n{\n\"b\":2\n}", 0, []string{"{\n\"a\":1\n}", "{\n\"b\":2\n}"}},
		{"array", `[{"a":1}, {"b":[2]} ,"x",5,null]`, 0, []string{`{"a":1}`, `{"b":[2]}`, `"x"`, "5", "null"}},
		{"array over lines", "[\n {\"a\":1},\n {\"b\":2}\n]\n", 0, []string{`{"a":1}`, `{"b":2}`}},
		{"empty array", "[]", 0, nil},
		{"arrays on lines", "[1]\n[2,3]\n{\"a\":1}\n", 0, []string{"1", "2", "3", `{"a":1}`}},
		{"not an array", "[2026-01-02 03:04] started\n[x] y\n[1] z\n", 0, []string{"[2026-01-02 03:04] started", "[x] y", "[1] z"}},
		{"array cut", `[{"a":1},{"b"`, 0, []string{`{"a":1}`, "error: the JSON ends where a colon should be at offset 13"}},
		{"array broken", `[{"a":1} {"b":2}]`, 0, []string{`{"a":1}`, "error: '{' where a comma or ] should be at offset 9"}},
		{"array with a comma too many", `[{"a":1},]`, 0, []string{`{"a":1}`, "error: ']' where a value should be at offset 9"}},
		{"long line", long + "\nshort\n", 40_000, []string{"~" + long[:40_000], "~" + long[:40_000], "~" + long[:20_000], "short"}},
		{"long last line", long, 50_000, []string{"~" + long[:50_000], "~" + long[:50_000]}},
		{"just long enough", long + "\r\n" + long, 100_000, []string{long, long}},
		{"long element", `[{"a":"` + long + `"},1]`, 50_000, []string{"error: an element of the array is longer than the limit at offset 1"}},
		{"long elements", `["` + long + `","` + long + `"]`, 0, []string{`"` + long + `"`, `"` + long + `"`}},
		{"long pretty object", "{\n\"a\":\"" + long + "\"\n}", 50_000, []string{"{", "~\"a\":\"" + long[:49_995], "~" + long[49_995:99_995], "~" + long[99_995:] + "\"", "}"}},
	} {
		for name, r := range map[string]io.Reader{
			"":                 strings.NewReader(tt.in),
			"byte by byte":     iotest.OneByteReader(strings.NewReader(tt.in)),
			"data with an end": iotest.DataErrReader(strings.NewReader(tt.in)),
		} {
			if name == "byte by byte" && len(tt.in) > 10_000 {
				r = iotest.HalfReader(strings.NewReader(tt.in))
			}
			if got := readAll(r, tt.limit); !slices.Equal(got, tt.want) {
				t.Errorf("%s %s:\n%.300q\n%.300q", tt.name, name, got, tt.want)
			}
		}
	}
}

func TestReaderHandsOverWhatCameBeforeAnError(t *testing.T) {
	boom := errors.New("boom")
	got := readAll(io.MultiReader(strings.NewReader("{\"a\":1}\n{\"b\""), iotest.ErrReader(boom)), 0)
	if want := []string{`{"a":1}`, "error: boom"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	got = readAll(io.MultiReader(strings.NewReader(`[{"a":1},{"b"`), iotest.ErrReader(boom)), 0)
	if want := []string{`{"a":1}`, "error: boom"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// FuzzReader checks that reading ends, that what is handed over does not depend on
// how the source is cut, and that of lines nothing is lost.
func FuzzReader(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\n\"b\":2\n}\ntext"), uint8(0))
	f.Add([]byte(`[{"a":1}, 2 ,[3]] `), uint8(9))
	f.Add([]byte("\xEF\xBB\xBF[1] x\r\n\n{\"a\n"), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, limit uint8) {
		whole := readAll(bytes.NewReader(data), int(limit))
		cut := readAll(iotest.OneByteReader(bytes.NewReader(data)), int(limit))
		if limit == 0 && !slices.Equal(whole, cut) {
			t.Fatalf("%q\n%q\n%q", data, whole, cut)
		}
		if bytes.IndexByte(data, '[') >= 0 || bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")) {
			return
		}
		strip := func(s string) string {
			return strings.NewReplacer("\n", "", "\r", "", " ", "", "\t", "", "~", "").Replace(s)
		}
		if got, want := strip(strings.Join(whole, "")), strip(string(data)); got != want {
			t.Fatalf("%q\n%q", got, want)
		}
	})
}
