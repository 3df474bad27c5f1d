package collector

import (
	"net/http"
	"testing"

	"github.com/weirlog/weir/server/ingest/gate"
)

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		origin  string
		allowed []string
		want    bool
	}{
		{"http://localhost:3000", nil, true},
		{"https://127.0.0.1", nil, true},
		{"http://127.9.9.9:1", nil, true},
		{"http://[::1]:5173", nil, true},
		{"http://[::ffff:127.0.0.1]:5173", nil, true},
		{"http://app.localhost:3000", nil, true},
		{"http://LOCALHOST:3000", nil, true},
		{"http://example.com", nil, true}, // the host of the request itself
		{"https://evil.example", nil, false},
		{"http://localhost.evil.example", nil, false},
		{"http://127.0.0.1.evil.example", nil, false},
		{"http://example.com:81", nil, false},
		{"null", nil, false},
		{"null", []string{"null"}, true},
		{"file://localhost", nil, false},
		{"", nil, true},
		{"https://app.example", []string{"https://APP.example/"}, true},
		{"http://app.example", []string{"https://app.example"}, false},
		{"https://x.app.example", []string{"https://app.example"}, false},
		{"https://any.example", []string{"*"}, true},
		{"http://%zz", nil, false},
	} {
		s := newServer(t, gate.Options{Origins: c.allowed})
		var headers []string
		if c.origin != "" {
			headers = []string{"Origin", c.origin}
		}
		w := s.do(http.MethodPost, "/logs", `{"logs":[{"message":"x"}]}`, headers...)
		stored := len(s.memory.Records())
		if (w.Code == 200) != c.want || (stored == 1) != c.want || !c.want && w.Code != 403 {
			t.Errorf("%q with %q: %d, %d stored", c.origin, c.allowed, w.Code, stored)
		}
		got := w.Header().Get("Access-Control-Allow-Origin")
		if c.origin != "" && (got == c.origin) != c.want || c.origin == "" && got != "" {
			t.Errorf("%q with %q: allowed %q", c.origin, c.allowed, got)
		}
	}
}

func TestPreflight(t *testing.T) {
	s := newServer(t, gate.Options{Origins: []string{"http://app.example"}})
	w := s.do(http.MethodOptions, "/logs", "",
		"Origin", "http://app.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,content-encoding")
	for key, want := range map[string]string{
		"Vary":                             "Origin",
		"Access-Control-Allow-Methods":     "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
		"Access-Control-Max-Age":           "600",
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Origin":      "http://app.example",
		"Access-Control-Allow-Headers":     "content-type,content-encoding",
		"Content-Type":                     "text/plain; charset=utf-8",
		"Content-Length":                   "2",
	} {
		if got := w.Header().Get(key); got != want {
			t.Errorf("%s: %q", key, got)
		}
	}
	if w.Code != 200 || w.Body.String() != "OK" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w = s.do(http.MethodOptions, "/logs", "", "Origin", "http://evil.example", "Access-Control-Request-Method", "POST"); w.Code != 403 || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a page that may not: %d %v", w.Code, w.Header())
	}
	if w = s.do(http.MethodOptions, "/logs", ""); w.Code != 405 {
		t.Errorf("no preflight: %d", w.Code)
	}
}

// TestErrorsAreReadable: a page that may send may also see what went wrong.
func TestErrorsAreReadable(t *testing.T) {
	s := newServer(t, gate.Options{})
	w := s.do(http.MethodPost, "/logs", "x", "Origin", "http://localhost:1")
	if w.Code != 400 || w.Header().Get("Access-Control-Allow-Origin") != "http://localhost:1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
