package collector

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/ingest/gate"
)

// entries are n entries with a comma between them, each with created_at and a name.
func entries(name string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"message":"%s%d","created_at":%d}`, name, i, 1795219903+i)
	}
	return b.String()
}

// TestWhichArrayCounts: the last of the name does, and nothing is stored of a body that
// breaks off or has too much, whether it is stored in parts or not.
func TestWhichArrayCounts(t *testing.T) {
	const limit = 2*gate.PartRecords + 100
	for _, n := range []int{3, limit - 50} {
		a, b, many := entries("a", n), entries("b", n), entries("m", limit+1)
		ok := fmt.Sprintf(`{"status":"ok","count":%d}`, n)
		for name, c := range map[string]struct {
			body   string
			status int
			want   string // the answer, or its beginning
			first  string // the message of the first record, when there is one
		}{
			"one":             {`{"logs":[` + a + `]}`, 200, ok, "a0"},
			"more before":     {`{"x":[1],"logs":[` + a + `]}`, 200, ok, "a0"},
			"more behind":     {`{"logs":[` + a + `],"x":[{"logs":[5]}]}`, 200, ok, "a0"},
			"two":             {`{"logs":[` + a + `],"logs":[` + b + `]}`, 200, ok, "b0"},
			"two, escaped":    {`{"logs":[` + a + `],"l\u006fgs":[` + b + `]}`, 200, ok, "b0"},
			"none, then some": {`{"logs":null,"logs":[` + b + `]}`, 200, ok, "b0"},
			"some, then none": {`{"logs":[` + a + `],"logs":[]}`, 200, `{"status":"ok","count":0}`, ""},
			"no array at end": {`{"logs":[` + a + `],"logs":5}`, 400, `{"detail":"'logs' must be an array"}`, ""},
			"many, then few":  {`{"logs":[` + many + `],"logs":[` + b + `]}`, 200, ok, "b0"},
			"few, then many":  {`{"logs":[` + a + `],"logs":[` + many + `]}`, 413, `{"detail":"Body too large: the body has more than 20100 records`, ""},
			"many":            {`{"logs":[` + many + `]}`, 413, `{"detail":"Body too large: the body has more than 20100 records`, ""},
			"many, broken":    {`{"logs":[` + many + `]`, 400, `{"detail":"Invalid JSON: the JSON ends where a comma or } should be at offset`, ""},
			"open array":      {`{"logs":[` + a, 400, `{"detail":"Invalid JSON: the JSON ends where a comma or ] should be at offset`, ""},
			"a comma more":    {`{"logs":[` + a + `,]}`, 400, `{"detail":"Invalid JSON: ']' where a value should be at offset`, ""},
			"open object":     {`{"logs":[` + a + `]`, 400, `{"detail":"Invalid JSON: the JSON ends where a comma or } should be at offset`, ""},
			"broken behind":   {`{"logs":[` + a + `],"x":}`, 400, `{"detail":"Invalid JSON: '}' where a value should be at offset`, ""},
			"text behind":     {`{"logs":[` + a + `]} x`, 400, `{"detail":"Invalid JSON: there is more text after the object at offset`, ""},
		} {
			t.Run(fmt.Sprint(name, " of ", n), func(t *testing.T) {
				s := newServer(t, gate.Options{PerBody: limit})
				w := s.do(http.MethodPost, "/logs", c.body)
				if got := w.Body.String(); w.Code != c.status || got != c.want && !(c.status != 200 && strings.HasPrefix(got, c.want)) {
					t.Fatalf("%d %.300s", w.Code, got)
				}
				stored, want := s.memory.Records(), 0
				if c.first != "" {
					want = n
				}
				if len(stored) != want || want > 0 && (stored[0].Message != c.first || stored[n-1].Message != fmt.Sprint(c.first[:1], n-1)) {
					t.Fatalf("%d stored", len(stored))
				}
				// The same again is known, and what was not stored is not.
				w = s.do(http.MethodPost, "/logs", c.body)
				if w.Code != c.status || strings.Contains(w.Body.String(), `"duplicate":true`) != (want > 0) || len(s.memory.Records()) != want {
					t.Errorf("again: %d %.300s, %d stored", w.Code, w.Body, len(s.memory.Records()))
				}
			})
		}
	}
}
