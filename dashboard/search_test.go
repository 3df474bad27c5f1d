package dashboard_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

func itoa(p record.Position) string { return strconv.FormatInt(int64(p), 10) }

// page is dashboard.Page as a client reads it.
type page struct {
	Records      []json.RawMessage `json:"records"`
	Next         string            `json:"next"`
	Complete     bool              `json:"complete"`
	Reason       string            `json:"reason"`
	ScannedUntil string            `json:"scanned_until"`
	Cursor       string            `json:"cursor"`
	PlainText    string            `json:"plain_text"`
}

func search(t *testing.T, base, query string) (page, string) {
	t.Helper()
	resp, body := fetch(t, http.MethodGet, base+"/api/v1/records?"+query, "")
	var p page
	if err := json.Unmarshal([]byte(body), &p); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s: %v", query, resp.Status, body, err)
	}
	if resp.Header.Get("Content-Type") != "application/json; charset=utf-8" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the headers are %v", resp.Header)
	}
	seqs := ""
	for _, r := range parseAll(t, p.Records) {
		seqs += fmt.Sprint(r.Seq, " ")
	}
	return p, strings.TrimSpace(seqs)
}

func TestSearch(t *testing.T) {
	m := newMemory(100, 10)
	s := serve(t, m, dashboard.Options{})
	last := m.Hub().Cursor().Position
	for _, tt := range []struct {
		query, want string
		complete    bool
	}{
		{"", "10 9 8 7 6 5 4 3 2 1", true},
		{"limit=3", "10 9 8", false},
		{"order=asc&limit=3", "1 2 3", false},
		{"order=time&limit=99999", "1 2 3 4 5 6 7 8 9 10", true},
		{"q=odd", "9 7 5 3 1", true},
		{"before=" + itoa(last), "9 8 7 6 5 4 3 2 1", true},
		{"before=" + hub.Cursor{Position: last}.String(), "10 9 8 7 6 5 4 3 2 1", true},
		{"after=" + itoa(last-2), "10 9", true},
		{"after=" + hub.Cursor{Position: last - 2}.String(), "10 9", true},
		{"since=2026-11-20T12:00:00Z", "10 9 8 7 6 5 4 3 2 1", true},
		{"until=2026-11-20T12:00Z", "", true},
		{"since=2099-01-01", "", true},
	} {
		p, got := search(t, s.URL, tt.query)
		if got != tt.want || p.Complete != tt.complete || (p.Reason == "") != tt.complete || p.Cursor != m.Hub().Cursor().String() {
			t.Errorf("%q: got %s: %+v; want %s", tt.query, got, p, tt.want)
		}
	}
}

func TestSearchPages(t *testing.T) {
	s := serve(t, newMemory(100, 10), dashboard.Options{})
	for order, param := range map[string]string{"desc": "before", "asc": "after"} {
		for _, size := range []int{1, 3, 5, 10} {
			next, got, want := "", "", "10 9 8 7 6 5 4 3 2 1"
			if order == "asc" {
				want = "1 2 3 4 5 6 7 8 9 10"
			}
			for range 12 {
				p, part := search(t, s.URL, fmt.Sprintf("order=%s&limit=%d&%s=%s", order, size, param, next))
				got += part + " "
				if next = p.Next; next == "" {
					break
				}
			}
			if strings.TrimSpace(got) != want {
				t.Errorf("%s in pages of %d: %s", order, size, got)
			}
		}
	}
}

func TestSearchPlainText(t *testing.T) {
	s := serve(t, newMemory(10, 1), dashboard.Options{})
	if p, _ := search(t, s.URL, "q="+url.QueryEscape(`(unclosed`)); p.PlainText == "" || !p.Complete {
		t.Errorf("got %+v", p)
	}
}

func TestRecord(t *testing.T) {
	m := newMemory(10, 2)
	s := serve(t, m, dashboard.Options{})
	resp, body := fetch(t, http.MethodGet, s.URL+"/api/v1/records/"+itoa(m.Hub().Cursor().Position), "")
	r, _, err := record.ParseJSON([]byte(body), record.ParseOptions{})
	if resp.StatusCode != http.StatusOK || err != nil || r.Seq != 2 {
		t.Errorf("%s %s: %v", resp.Status, body, err)
	}
}

func TestErrors(t *testing.T) {
	s := serve(t, newMemory(10, 1), dashboard.Options{})
	for _, tt := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/api/v1/records?limit=0", 400, "bad_request"},
		{"GET", "/api/v1/records?limit=-1", 400, "bad_request"},
		{"GET", "/api/v1/records?limit=many", 400, "bad_request"},
		{"GET", "/api/v1/records?order=up", 400, "bad_request"},
		{"GET", "/api/v1/records?before=x", 400, "bad_cursor"},
		{"GET", "/api/v1/records?after=0", 400, "bad_cursor"},
		{"GET", "/api/v1/records?since=soon", 400, "bad_time"},
		{"GET", "/api/v1/records?q=" + strings.Repeat("x", 10_000), 400, "bad_request"},
		{"GET", "/api/v1/records/x", 400, "bad_request"},
		{"GET", "/api/v1/records/1", 404, "not_found"},
		{"GET", "/api/v1/stream?after=x", 400, "bad_cursor"},
		{"GET", "/api/v1/stream?replay=-1", 400, "bad_request"},
		{"GET", "/api/v1/tail?format=pdf", 400, "bad_request"},
		{"GET", "/api/v1/export?format=pdf", 400, "bad_request"},
		{"GET", "/api/v1/nothing", 404, "not_found"},
		{"GET", "/../secret", 404, "not_found"},
		{"POST", "/api/v1/nothing", 404, "not_found"},
		{"POST", "/api/v1/stats", 405, "bad_method"},
		{"DELETE", "/api/v1/records", 405, "bad_method"},
		{"PUT", "/", 405, "bad_method"},
		{"POST", "/app.js", 405, "bad_method"},
	} {
		resp, body := fetch(t, tt.method, s.URL+tt.path, "")
		if resp.StatusCode == http.StatusTemporaryRedirect || resp.StatusCode == http.StatusMovedPermanently {
			resp, body = fetch(t, tt.method, s.URL+resp.Header.Get("Location"), "")
		}
		if resp.StatusCode != tt.status || errorCode(t, body) != tt.code {
			t.Errorf("%s %s: %s %s, want %d %s", tt.method, tt.path, resp.Status, body, tt.status, tt.code)
		}
		if allow := resp.Header.Get("Allow"); (allow != "") != (tt.status == 405) {
			t.Errorf("%s %s: Allow is %q", tt.method, tt.path, allow)
		}
	}
}

// scripted is a backend whose searches do what the test says.
type scripted struct {
	*view.Memory
	search func(ctx context.Context) (view.Page, error)
}

func (s scripted) Search(ctx context.Context, _ view.Query) (view.Page, error) { return s.search(ctx) }

func TestSearchFailures(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		code   string
	}{
		{errors.New("the disk is gone"), 503, "unavailable"},
		{context.DeadlineExceeded, 504, "deadline"},
		{fmt.Errorf("search: %w", view.ErrNotFound), 404, "not_found"},
	} {
		s := serve(t, scripted{newMemory(1, 0), func(context.Context) (view.Page, error) { return view.Page{}, tt.err }}, dashboard.Options{})
		resp, body := fetch(t, http.MethodGet, s.URL+"/api/v1/records", "")
		if resp.StatusCode != tt.status || errorCode(t, body) != tt.code || (resp.Header.Get("Retry-After") != "") != (tt.status == 503) {
			t.Errorf("%v: %s %s %v", tt.err, resp.Status, body, resp.Header)
		}
	}
}

func TestSearchHasADeadline(t *testing.T) {
	s := serve(t, scripted{newMemory(1, 0), func(ctx context.Context) (view.Page, error) {
		<-ctx.Done()
		return view.Page{Reason: view.ReasonDeadline, Next: 7, ScannedUntil: noon}, nil
	}}, dashboard.Options{SearchDeadline: time.Millisecond})
	if p, _ := search(t, s.URL, ""); p.Complete || p.Reason != "deadline" || p.Next == "" || p.ScannedUntil != "2026-11-20T12:00:00.000000Z" {
		t.Errorf("got %+v", p)
	}
}

func TestTooManySearches(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	s := serve(t, scripted{newMemory(1, 0), func(context.Context) (view.Page, error) {
		started <- struct{}{}
		<-release
		return view.Page{Complete: true}, nil
	}}, dashboard.Options{MaxSearches: 1, SearchWait: time.Millisecond})
	done := make(chan struct{})
	go func() {
		defer close(done)
		search(t, s.URL, "")
	}()
	<-started
	resp, body := fetch(t, http.MethodGet, s.URL+"/api/v1/records", "")
	if resp.StatusCode != http.StatusTooManyRequests || errorCode(t, body) != "busy" || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("%s %s", resp.Status, body)
	}
	close(release)
	<-done
	if _, body := fetch(t, http.MethodGet, s.URL+"/api/v1/stats", ""); !strings.Contains(body, `"searches_refused":1`) {
		t.Errorf("the refusal is not counted: %s", body)
	}
}

func TestSearchEndsWhenTheClientLeaves(t *testing.T) {
	started, ended := make(chan struct{}), make(chan error, 1)
	s := serve(t, scripted{newMemory(1, 0), func(ctx context.Context) (view.Page, error) {
		close(started)
		<-ctx.Done()
		ended <- ctx.Err()
		return view.Page{}, ctx.Err()
	}}, dashboard.Options{SearchDeadline: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/records", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-started
		cancel()
	}()
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Error("an answer came")
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the search ended with %v", err)
	}
}

func TestStats(t *testing.T) {
	m := newMemory(5, 7)
	s := serve(t, m, dashboard.Options{
		Name: "shop", Role: dashboard.RoleServer, Version: "v1", StartedAt: noon,
		ExtraCapabilities: []string{"sql"},
		Stats:             func() map[string]any { return map[string]any{"records": 99, "ledger": "ok"} },
	})
	_, body := fetch(t, http.MethodGet, s.URL+"/api/v1/stats", "")
	var got dashboard.Stats
	var all map[string]any
	if err := errors.Join(json.Unmarshal([]byte(body), &got), json.Unmarshal([]byte(body), &all)); err != nil {
		t.Fatal(err)
	}
	if got.Role != "server" || got.Name != "shop" || got.Version != "v1" || got.StartedAt != "2026-11-20T12:00:00.000000Z" || got.Build == "" ||
		got.Records != 99 || got.Published != 7 || got.Held != 5 || got.Evicted != 2 || all["ledger"] != "ok" {
		t.Errorf("got %s", body)
	}
	if c := strings.Join(got.Capabilities, " "); !strings.HasSuffix(c, "export sql") {
		t.Errorf("the capabilities are %s", c)
	}
}

// TestPageTypeIsWhatIsWritten holds the type that the page's TypeScript is made of
// against the answer.
func TestPageTypeIsWhatIsWritten(t *testing.T) {
	typ := reflect.TypeFor[dashboard.Page]()
	own := reflect.TypeFor[page]()
	if typ.NumField() != own.NumField() {
		t.Fatal("the test's page has other fields")
	}
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if name != own.Field(i).Tag.Get("json") {
			t.Errorf("field %d is %s", i, name)
		}
	}
	one := dashboard.Page{Records: dashboard.Records{{ID: 1, Time: noon, Message: "<m>"}}, Cursor: "c1"}
	text, err := json.Marshal(one)
	if err != nil || !strings.Contains(string(text), `"id":"1"`) {
		t.Errorf("%s, %v", text, err)
	}
	for _, empty := range []dashboard.Records{nil, {}} {
		if text, _ := json.Marshal(dashboard.Page{Records: empty}); !strings.HasPrefix(string(text), `{"records":[],`) {
			t.Errorf("without records: %s", text)
		}
	}
}
