package weirhttp

import (
	"net/http"
	"testing"
)

func TestAccept(t *testing.T) {
	for _, c := range []struct {
		name, accept string
		html         bool
	}{
		{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true},
		{"curl", "*/*", false},
		{"nothing said", "", false},
		{"text only", "text/plain", false},
		{"HTML only", "TEXT/HTML", true},
		{"any text", "text/*", false},
		{"text rather than HTML", "text/html;q=0.5, text/plain", false},
		{"HTML rather than text", "text/html, text/plain;q=0.5", true},
		{"no HTML", "text/html;q=0, */*", false},
		{"a weight that is none", "text/html;q=high", true},
		{"JSON", "application/json", false},
	} {
		h := http.Header{}
		if c.accept != "" {
			h.Set("Accept", c.accept)
		}
		if got := prefersHTML(h); got != c.html {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func FuzzAccept(f *testing.F) {
	f.Add("text/html,*/*;q=0.8")
	f.Add(";;q==,")
	f.Fuzz(func(t *testing.T, value string) {
		for _, subtype := range []string{"html", "plain"} {
			if q := quality(http.Header{"Accept": {value}}, subtype); q < 0 || q > 1 {
				t.Errorf("%q: %v", value, q)
			}
		}
	})
}
