package text

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
)

func textAttr(r *record.Record, key string) string {
	for _, a := range r.Attrs {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

// TestWhatEndsAJoin: a line with its own time, level or JSON is a record, wherever
// it comes.
func TestWhatEndsAJoin(t *testing.T) {
	starts := []string{`{"msg":"m","level":"info"}`, "2026-01-02T03:04:05Z INFO m", "INFO m", "[WARN] m"}
	for name, lines := range map[string][]string{
		"go":     {"panic: x", "", "goroutine 1 [running]:", "main.main()", "\t/a/main.go:8 +0x1d"},
		"python": {"Traceback (most recent call last):", "  File \"a.py\", line 1, in f", "    f()", "ValueError: x"},
		"java":   {"Exception in thread \"main\" java.lang.E: x", "\tat a.B.c(B.java:1)", "Caused by: java.lang.F: y", "\t... 3 more"},
		"node":   {"/a/x.js:1", "code", "^", "", "TypeError: x", "    at f (x.js:1:1)"},
		"object": {"{", `  "a": 1,`, `  "b": 2`},
		"plain":  {"2026-01-02T03:04:05Z ERROR x", "  more", "", "  more"},
	} {
		for cut := range lines {
			for _, start := range starts {
				in := append(append(append([]string{}, lines[:cut+1]...), start), lines[cut+1:]...)
				records := readAll(t, []byte(strings.Join(in, "\n")), testOptions())
				found := 0
				for i := range records {
					if records[i].Message == "m" || strings.HasPrefix(records[i].Message, "m\n") {
						found++
					}
				}
				if found != 1 {
					t.Errorf("%s, %q behind line %d: %q", name, start, cut+1, messages(records))
				}
			}
		}
	}
}

// TestJoinNothingAlone: lines that only look like the beginning of something are
// what they are without joining.
func TestJoinNothingAlone(t *testing.T) {
	for _, in := range []string{
		"panic: x", "Error: x", "{", "{\n}", "/a/b.js:3", "/a/b.js:3\nx\ny", "/a/b.js:3\n/a/b.js:4\n{", "runtime: x", "Uncaught x", "thread 'x'",
		"goroutine 1", "  indented", "a\n  indented", "INFO a\n\nb", "INFO a\nValueError: x\nb", "{\n  x", "{ \"a\"\n}",
	} {
		joined := readAll(t, []byte(in), testOptions())
		opts := testOptions()
		opts.NoJoin = true
		var a, b strings.Builder
		for _, r := range joined {
			describe(&a, &r)
		}
		for _, r := range readAll(t, []byte(in), opts) {
			describe(&b, &r)
		}
		if a.String() != b.String() {
			t.Errorf("%q:\n%s\nwithout joining:\n%s", in, a.String(), b.String())
		}
	}
}

func TestJoinLogfmt(t *testing.T) {
	in := "level=error msg=failed time=2026-11-21T10:00:04Z\njava.io.IOException: x\n\tat a.B.c(B.java:1)\nlevel=info msg=next\n  more\n"
	records := readAll(t, []byte(in), testOptions())
	if len(records) != 2 || records[0].Message != "failed" || textAttr(&records[0], "error_type") != "java.io.IOException" || records[1].Message != "next\n  more" {
		t.Errorf("%+v", records)
	}
}

// TestJoinBounds: a record that is too long goes on in parts, which together have
// every line.
func TestJoinBounds(t *testing.T) {
	for name, c := range map[string]struct {
		first, line  string
		lines, bytes int
	}{
		"lines":         {"2026-01-02T03:04:05Z INFO head", "  more %d", 10, 0},
		"bytes":         {"2026-01-02T03:04:05Z INFO head", "  more %d", 0, 100},
		"trace":         {"Exception in thread \"main\" java.lang.E: x", "\tat a.B.c(B.java:%d)", 10, 0},
		"logged trace":  {"2026-01-02T03:04:05Z ERROR head", "\tat a.B.c(B.java:%d)", 10, 0},
		"split at once": {"2026-01-02T03:04:05Z ERROR head", "\tat a.B.c(B.java:%d)", 1, 0},
	} {
		opts := testOptions()
		opts.MaxJoinLines, opts.MaxJoinBytes, opts.Counts = c.lines, c.bytes, &Counts{}
		var want []string
		for n := range 35 {
			want = append(want, fmt.Sprintf(c.line, n))
		}
		records := readAll(t, []byte(c.first+"\n"+strings.Join(want, "\n")+"\nlast\n"), opts)
		var got []string
		for i, r := range records[:len(records)-1] {
			text := textAttr(&r, "stack_trace")
			if text == "" {
				text = r.Message
			}
			for line := range strings.SplitSeq(text, "\n") {
				if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
					got = append(got, line)
				}
			}
			if textAttr(&r, "_part") != fmt.Sprint(i+1) || r.LevelText() != records[0].LevelText() || !r.Time.Equal(records[0].Time) {
				t.Errorf("%s: part %d: %+v", name, i+1, r)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || records[len(records)-1].Message != "last" {
			t.Errorf("%s: %q", name, got)
		}
		if n := opts.Counts.Split.Load(); n != uint64(len(records)-1) {
			t.Errorf("%s: %d of %d parts counted", name, n, len(records)-1)
		}
	}
}

// TestObjectBounds: an object that is too long is lines of text, the first says why.
func TestObjectBounds(t *testing.T) {
	opts := testOptions()
	opts.MaxJoinLines, opts.Counts = 5, &Counts{}
	in := "{\n" + strings.Repeat("  \"a\": 1,\n", 10) + "  \"b\": 1\n}"
	records := readAll(t, []byte(in), opts)
	if got := strings.Join(messages(records), "\n"); got != in {
		t.Errorf("%q", got)
	}
	if !strings.Contains(fmt.Sprint(records[0].Attrs), "more than 5 lines") || opts.Counts.Split.Load() != 1 {
		t.Errorf("%v, %d counted", records[0].Attrs, opts.Counts.Split.Load())
	}
}
