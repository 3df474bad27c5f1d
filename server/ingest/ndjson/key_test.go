package ndjson

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
)

func postKey(h http.Handler, text string, keys ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(text))
	for _, key := range keys {
		r.Header.Add(KeyHeader, key)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "{\"message\":\"%d\"}\n", i)
	}
	return b.String()
}

// TestStoredOnce are requests to one server, one after the other.
func TestStoredOnce(t *testing.T) {
	h, st, memory := newHandler(t)
	for i, c := range []struct {
		name, body, key string
		status, stored  int
		says            string
		faults          []faulty.Fault
	}{
		{"the first time", lines(1, 5), "src/1-5", 200, 5, `"status":"ok","count":5,"first":"`, nil},
		{"again", lines(1, 5), "src/1-5", 200, 5, `{"status":"ok","count":5,"duplicate":true,"deduplicated":5}`, nil},
		{"quoted, with another text: the numbers decide", lines(11, 15), ` "src/1-5" `, 200, 5, `"duplicate":true`, nil},
		{"a part of it is new", lines(4, 8), "src/4-8", 200, 8, `"deduplicated":2`, nil},
		{"another source", lines(1, 5), "src/2/1-5", 200, 13, `"count":5,"first"`, nil},
		{"numbers that do not fit", lines(1, 4), "src/20-24", 400, 13, `"bad_key"`, nil},
		{"a text", lines(1, 2), "0a1b-2c3d", 200, 15, `"count":2,"first"`, nil},
		{"the text again", lines(1, 2), "0a1b-2c3d", 200, 15, `"duplicate":true`, nil},
		{"the text with another body", lines(1, 3), "0a1b-2c3d", 422, 15, `"key_reused"`, nil},
		{"numbers that run backwards are a text", lines(1, 3), "2026/11-2", 200, 18, `"count":3`, nil},
		{"numbers from zero are a text", lines(1, 3), "a/0-2", 200, 21, `"count":3`, nil},
		{"stored in part", lines(1, 25), "big/1-25", 503, 31, "with the same key", []faulty.Fault{faulty.None, faulty.FailBefore}},
		{"and the rest", lines(1, 25), "big/1-25", 200, 46, `"deduplicated":10`, nil},
		{"committed, but the answer was lost", lines(1, 3), "x/1-3", 200, 49, `"count":3`, []faulty.Fault{faulty.AmbiguousCommitted}},
		{"which does not matter", lines(1, 3), "x/1-3", 200, 49, `"duplicate":true`, nil},
		{"no records", "", "nothing", 200, 49, `"count":0`, nil},
		{"empty", lines(1, 1), `""`, 400, 49, `"bad_key"`, nil},
		{"too long", lines(1, 1), strings.Repeat("k", MaxKeyBytes+1), 400, 49, `"bad_key"`, nil},
		{"not printable", lines(1, 1), "k\u00e4", 400, 49, `"bad_key"`, nil},
	} {
		st.Next(c.faults...)
		w := postKey(h, c.body, c.key)
		if w.Code != c.status || len(memory.Records()) != c.stored || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%d. %s: %d %s; %d stored", i, c.name, w.Code, w.Body, len(memory.Records()))
		}
	}
	if w := postKey(h, lines(1, 1), "a", "b"); w.Code != 400 || !strings.Contains(w.Body.String(), `"bad_key"`) {
		t.Errorf("two keys: %d %s", w.Code, w.Body)
	}
}

func FuzzParseRange(f *testing.F) {
	for _, text := range []string{"a/1-2", "a/b/1-1", "/1-2", "a/01-2", "a/+1-2", "a/1-9223372036854775807", "a/1-9223372036854775808", "a/5-4", "a/1-2-3", "a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, ok := parseRange(text)
		if !ok {
			return
		}
		if key.First < 1 || key.Last < key.First || key.Last > intake.MaxSeq || key.Source == "" {
			t.Fatalf("%q became %+v", text, key)
		}
		// Each range has one text, so no two of them are taken for different ones.
		if again := fmt.Sprintf("%s/%d-%d", key.Source, key.First, key.Last); again != text {
			t.Fatalf("%q became %q", text, again)
		}
	})
}
