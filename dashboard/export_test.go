package dashboard_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

func readNDJSON(t *testing.T, body string) string {
	t.Helper()
	var raw []json.RawMessage
	lines := bufio.NewScanner(strings.NewReader(body))
	for lines.Scan() {
		raw = append(raw, json.RawMessage(lines.Text()))
	}
	return seqsOf(parseAll(t, raw))
}

func readArray(t *testing.T, body string) string {
	t.Helper()
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(body), &raw); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return seqsOf(parseAll(t, raw))
}

func seqsOf(records []record.Record) string {
	text := ""
	for i := range records {
		text += fmt.Sprint(records[i].Seq, " ")
	}
	return strings.TrimSpace(text)
}

func TestExport(t *testing.T) {
	s := serve(t, newMemory(100, 6), dashboard.Options{Name: "my shop"})
	const form, js = "application/x-www-form-urlencoded", "application/json"
	for _, tt := range []struct {
		method, query, kind, body, want string
		read                            func(*testing.T, string) string
	}{
		{"GET", "", "", "", "1 2 3 4 5 6", readNDJSON},
		{"GET", "?q=odd&format=json", "", "", "1 3 5", readArray},
		{"GET", "?q=nothing&format=json", "", "", "", readArray},
		{"GET", "?q=nothing", "", "", "", readNDJSON},
		{"POST", "", form, "q=odd", "1 3 5", readNDJSON},
		{"POST", "?q=odd", "", "", "1 3 5", readNDJSON},
		{"POST", "", js, `{"q":"even","format":"json","since":"2026-11-20"}`, "2 4 6", readArray},
		{"POST", "", js, `{"until":"2026-11-20"}`, "", readNDJSON},
	} {
		resp, body := fetch(t, tt.method, s.URL+"/api/v1/export"+tt.query, tt.body, "Content-Type", tt.kind)
		if got := tt.read(t, body); resp.StatusCode != http.StatusOK || got != tt.want {
			t.Errorf("%+v: %s %s", tt, resp.Status, body)
		}
		if resp.Trailer.Get("Weir-Complete") != "true" || resp.Trailer.Get("Weir-Reason") != "" {
			t.Errorf("%+v: the trailers are %v", tt, resp.Trailer)
		}
		if d := resp.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=weir-my-shop-2") {
			t.Errorf("the file is %s", d)
		}
	}
	for _, tt := range []struct {
		kind, body string
		status     int
		code       string
	}{
		{js, `{"q":`, 400, "bad_json"},
		{js, `{"since":"soon"}`, 400, "bad_time"},
		{js, `{"q":"` + strings.Repeat("x", 100_000) + `"}`, 413, "too_large"},
		{form, "q=%zz", 400, "bad_request"},
	} {
		resp, body := fetch(t, http.MethodPost, s.URL+"/api/v1/export", tt.body, "Content-Type", tt.kind)
		if resp.StatusCode != tt.status || errorCode(t, body) != tt.code {
			t.Errorf("%.40s: %s %s", tt.body, resp.Status, body)
		}
	}
}

func TestExportOfManyPages(t *testing.T) {
	m := newMemory(20_000, 0)
	batch := make([]record.Record, 7001)
	for i := range batch {
		batch[i] = record.Record{Seq: uint64(i + 1), SourceID: "s"}
	}
	m.Commit(batch)
	s := serve(t, m, dashboard.Options{})
	_, body := fetch(t, http.MethodGet, s.URL+"/api/v1/export", "")
	if got := readNDJSON(t, body); strings.Count(got, " ") != 7000 || !strings.HasSuffix(got, " 7000 7001") {
		t.Errorf("%d records were exported", strings.Count(got, " ")+1)
	}
}

func TestExportSaysWhenItIsCut(t *testing.T) {
	s := serve(t, newMemory(3, 5), dashboard.Options{})
	resp, body := fetch(t, http.MethodGet, s.URL+"/api/v1/export", "")
	if got := readNDJSON(t, body); got != "3 4 5" || resp.Trailer.Get("Weir-Complete") != "false" || resp.Trailer.Get("Weir-Reason") != "evicted" {
		t.Errorf("evicted: %s, %v", got, resp.Trailer)
	}
	one := record.Record{ID: 5, Seq: 1, SourceID: "s", Time: noon}
	for _, tt := range []struct {
		name   string
		second view.Page
		err    error
		code   string
	}{
		{"a page that gets nowhere", view.Page{Reason: view.ReasonDeadline}, nil, "deadline"},
		{"a page that fails", view.Page{}, context.DeadlineExceeded, "deadline"},
		{"records that leave meanwhile", view.Page{Reason: view.ReasonEvicted}, nil, "evicted"},
	} {
		for format, read := range map[string]string{"ndjson": "\n", "json": ",\n"} {
			pages := 0
			s := serve(t, scripted{newMemory(1, 0), func(context.Context) (view.Page, error) {
				if pages++; pages == 1 {
					return view.Page{Records: []record.Record{one}, Next: 5, Reason: view.ReasonLimit}, nil
				}
				return tt.second, tt.err
			}}, dashboard.Options{})
			resp, body := fetch(t, http.MethodGet, s.URL+"/api/v1/export?format="+format, "")
			parts := strings.Split(strings.Trim(strings.TrimSpace(body), "[]"), read)
			last := parts[len(parts)-1]
			if len(parts) != 2 || errorCode(t, last) != tt.code || resp.Trailer.Get("Weir-Complete") != "false" || resp.Trailer.Get("Weir-Reason") != tt.code {
				t.Errorf("%s, %s: %q, %v", tt.name, format, body, resp.Trailer)
			}
			if format == "json" && !json.Valid([]byte(body)) {
				t.Errorf("%s: %q is not JSON", tt.name, body)
			}
		}
	}
}

func TestExportEndsThoughRecordsCome(t *testing.T) {
	m := newMemory(1000, 3)
	pages := 0
	s := serve(t, growing{m, &pages}, dashboard.Options{})
	_, body := fetch(t, http.MethodGet, s.URL+"/api/v1/export", "")
	if got := readNDJSON(t, body); got != "1 2 3" || pages != 3 {
		t.Errorf("got %s in %d pages", got, pages)
	}
}

// growing is a memory that gets a record with each search, and gives one back.
type growing struct {
	*view.Memory
	pages *int
}

func (g growing) Search(ctx context.Context, q view.Query) (view.Page, error) {
	*g.pages++
	emit(g.Memory, 1)
	q.Limit = 1
	return g.Memory.Search(ctx, q)
}
