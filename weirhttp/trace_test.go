package weirhttp

import (
	"net/http"
	"strings"
	"testing"
)

const (
	someTrace = "0af7651916cd43dd8448eb211c80319c"
	someSpan  = "b7ad6b7169203331"
)

func TestTraceparent(t *testing.T) {
	for _, c := range []struct {
		name, value string
		ok          bool
	}{
		{"as in the standard", "00-" + someTrace + "-" + someSpan + "-01", true},
		{"not sampled", "00-" + someTrace + "-" + someSpan + "-00", true},
		{"with blanks around", " 00-" + someTrace + "-" + someSpan + "-01\t", true},
		{"a later version", "cc-" + someTrace + "-" + someSpan + "-01", true},
		{"a later version with more", "cc-" + someTrace + "-" + someSpan + "-01-what-the-future-brings", true},
		{"a later version with something stuck to it", "cc-" + someTrace + "-" + someSpan + "-01.more", false},
		{"more in version 00", "00-" + someTrace + "-" + someSpan + "-01-more", false},
		{"the version that does not exist", "ff-" + someTrace + "-" + someSpan + "-01", false},
		{"capital letters", "00-" + strings.ToUpper(someTrace) + "-" + someSpan + "-01", false},
		{"a trace of zeros", "00-" + strings.Repeat("0", 32) + "-" + someSpan + "-01", false},
		{"a span of zeros", "00-" + someTrace + "-" + strings.Repeat("0", 16) + "-01", false},
		{"not hex", "00-" + someTrace[:31] + "g-" + someSpan + "-01", false},
		{"flags not hex", "00-" + someTrace + "-" + someSpan + "-0x", false},
		{"too short", "00-" + someTrace + "-" + someSpan, false},
		{"other marks", "00_" + someTrace + "_" + someSpan + "_01", false},
		{"empty", "", false},
	} {
		got, ok := parseTraceparent(c.value)
		if ok != c.ok {
			t.Errorf("%s: %v, want %v", c.name, ok, c.ok)
		}
		if ok && (got.id != someTrace || got.parent != someSpan) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if !ok && got != (trace{}) {
			t.Errorf("%s: refused, yet %+v", c.name, got)
		}
	}
}

// TestTraceOfHeaders covers the collector's "HTTP context": a dashed UUID, the id of
// its own example, is taken without its dashes; what is none is replaced.
func TestTraceOfHeaders(t *testing.T) {
	const made = "" // a fresh one is expected
	for _, c := range []struct {
		name   string
		header http.Header
		want   string
		span   string
	}{
		{"none", http.Header{}, made, ""},
		{"traceparent", http.Header{"Traceparent": {"00-" + someTrace + "-" + someSpan + "-01"}}, someTrace, someSpan},
		{"traceparent before x-trace-id", http.Header{"Traceparent": {"00-" + someTrace + "-" + someSpan + "-01"}, "X-Trace-Id": {"other"}}, someTrace, someSpan},
		{"two traceparents", http.Header{"Traceparent": {"00-" + someTrace + "-" + someSpan + "-01", "00-" + someTrace + "-" + someSpan + "-01"}}, made, ""},
		{"a bad traceparent and an x-trace-id", http.Header{"Traceparent": {"rubbish"}, "X-Trace-Id": {someTrace}}, someTrace, ""},
		{"x-trace-id", http.Header{"X-Trace-Id": {someTrace}}, someTrace, ""},
		{"capital letters", http.Header{"X-Trace-Id": {strings.ToUpper(someTrace)}}, someTrace, ""},
		{"a dashed UUID", http.Header{"X-Trace-Id": {"0af76519-16cd-43dd-8448-eb211c80319c"}}, someTrace, ""},
		{"an id of another make", http.Header{"X-Trace-Id": {"req-42_A.b:c"}}, "req-42_A.b:c", ""},
		{"Zipkin's", http.Header{"X-Trace-Id": {someSpan}}, someSpan, ""},
		{"empty", http.Header{"X-Trace-Id": {""}}, made, ""},
		{"blanks", http.Header{"X-Trace-Id": {"   "}}, made, ""},
		{"zeros", http.Header{"X-Trace-Id": {strings.Repeat("0", 32)}}, made, ""},
		{"too long", http.Header{"X-Trace-Id": {strings.Repeat("a", maxTraceID+1)}}, made, ""},
		{"markup", http.Header{"X-Trace-Id": {"<script>"}}, made, ""},
		{"a forged line", http.Header{"X-Trace-Id": {"a\nb"}}, made, ""},
	} {
		got := traceOf(c.header)
		if c.want == made {
			if len(got.id) != traceIDDigits || !isHex(got.id) || allZeros(got.id) {
				t.Errorf("%s: a fresh id is expected, not %q", c.name, got.id)
			}
		} else if got.id != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.id, c.want)
		}
		if got.parent != c.span {
			t.Errorf("%s: span %q, want %q", c.name, got.parent, c.span)
		}
	}
	if first, second := traceOf(http.Header{}), traceOf(http.Header{}); first.id == second.id {
		t.Error("two requests got the same id")
	}
}

func FuzzTraceparent(f *testing.F) {
	f.Add("00-" + someTrace + "-" + someSpan + "-01")
	f.Add("cc-" + someTrace + "-" + someSpan + "-01-more")
	f.Add("--")
	f.Fuzz(func(t *testing.T, value string) {
		got, ok := parseTraceparent(value)
		if !ok {
			return
		}
		again, ok := parseTraceparent("00-" + got.id + "-" + got.parent + "-" + got.flags)
		if !ok || again != got {
			t.Errorf("%q was read as %+v, which reads as %+v", value, got, again)
		}
	})
}

func FuzzTraceID(f *testing.F) {
	f.Add("0af76519-16cd-43dd-8448-eb211c80319c")
	f.Add("a\r\nSet-Cookie: b")
	f.Fuzz(func(t *testing.T, value string) {
		id := traceOf(http.Header{"X-Trace-Id": {value}}).id
		if id == "" || len(id) > maxTraceID || strings.ContainsAny(id, "\r\n\x00<>\" ") {
			t.Errorf("%q became %q", value, id)
		}
		if again := traceOf(http.Header{"X-Trace-Id": {id}}).id; again != id {
			t.Errorf("%q became %q, and that %q", value, id, again)
		}
	})
}
