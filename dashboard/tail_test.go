package dashboard_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

func newHTTP(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// nasty are records that try to look like others, to move a terminal, to run.
var nasty = []record.Record{
	{Severity: record.SeverityInfo, Logger: "app.db", Message: "a plain one", Attrs: []slog.Attr{
		slog.String("user_id", "u 1"), slog.Int("n", 3), slog.Duration("took", 1500*time.Millisecond), slog.Bool("ok", true),
		slog.Group("order", slog.String("id", "o-1"), slog.Any("items", []slog.Value{slog.IntValue(1), slog.StringValue("two")})),
		slog.String("empty", ""), slog.String("quoted", `say "hi"`),
	}},
	{Severity: record.SeverityWarn, Message: "first\n2026-11-20 12:00:00.000000 INFO  forged line\r\n\tthird", Resource: &record.Resource{Service: "shop", Environment: "production"}},
	{Severity: record.SeverityError, Message: "red \x1b[31m bell \a back \b\b C1 \u009b31m turn \u202e line\u2028 nel\u0085 cr \r over", Logger: "two words\nforged"},
	{Level: "VERY\x1b[2J BAD", Message: "<script>alert(1)</script> & \"quotes\" '", Attrs: []slog.Attr{slog.String("<img src=x onerror=alert(1)>", "</div><b>\x1b]0;title\a")}},
	{Severity: record.SeverityFatal, Message: "family 👨‍👩‍👧 and میخواهم", TraceID: "0af7651916cd43dd8448eb211c80319c", Attrs: []slog.Attr{slog.String("stack_trace", "boom\n\tat main.go:1\n")}},
	{
		Severity: record.SeverityError, Logger: "shop.db", Message: "not saved",
		Resource: &record.Resource{Service: "shop", Environment: "production", ServiceVersion: "1.2", Host: "web-1"},
		Attrs: []slog.Attr{
			slog.String("function_name", "main.save"), slog.String("file_path", `C:\src\shop\db.go`), slog.Int("line_number", 12), slog.String("error", "save: disk full"),
			slog.Any("error_chain", []slog.Value{slog.GroupValue(slog.String("type", "*fmt.wrapError"), slog.String("message", "save: disk full"))}),
		},
	},
	{
		Kind: record.KindCheckpoint, Severity: record.SeverityInfo, Logger: "train", Message: "epoch-3", Resource: &record.Resource{Service: "jobs", Host: "gpu-1"},
		Attrs: []slog.Attr{slog.String("checkpoint", "epoch-3"), slog.String("status", "DONE"), slog.String("file_path", "a\x1b.go")},
	},
	{Kind: record.KindDivider, Severity: record.SeverityInfo, Message: "deploy"},
}

func nastyServer(t *testing.T) string {
	m := view.NewMemory(hub.Options{MaxRecords: 10}, func() time.Time { return noon })
	emit(m, 5)
	m.Commit(nasty)
	m.Hub().Close()
	return newHTTP(t, dashboard.New(m, dashboard.Options{Name: `<shop & "co">`}))
}

func TestTailTextGolden(t *testing.T) {
	base := nastyServer(t)
	resp, body := fetch(t, http.MethodGet, base+"/api/v1/tail?after=c0", "")
	golden(t, "tail.txt", body)
	if resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("the headers are %v", resp.Header)
	}
	for i, c := range body {
		if c != '\n' && (c < ' ' || c == 0x7f || unicode.In(c, unicode.Cc, unicode.Zl, unicode.Zp) || c >= 0x202a && c <= 0x202e) {
			t.Errorf("the character %U is at %d", c, i)
		}
	}
	heads := regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d `).FindAllString(body, -1)
	if len(heads) != 10 {
		t.Errorf("%d lines look like a record's first", len(heads))
	}
}

func TestTailHTMLGolden(t *testing.T) {
	base := nastyServer(t)
	resp, body := fetch(t, http.MethodGet, base+"/api/v1/tail?after=c0&format=html", "")
	golden(t, "tail.html", body)
	if resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the headers are %v", resp.Header)
	}
	for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(body, -1) {
		if !regexp.MustCompile(`^<(!doctype html|!-- +--|/?html( lang="en")?|/?head|/?body|/?title|meta [a-z0-9="=, -]+|link rel="stylesheet" href="tail.css"|p class="note"|/p|div class="[a-z]+"|/div)>$`).MatchString(tag) {
			t.Errorf("the page has %s", tag)
		}
	}
}

func TestTailGrows(t *testing.T) {
	m := newMemory(10, 2)
	s := serve(t, m, dashboard.Options{})
	newest := "an even one"
	for _, format := range []string{"text", "html"} {
		r := open(t, s.URL+"/api/v1/tail?replay=1&format="+format)
		find := func(text string) {
			t.Helper()
			for {
				line, ok := r.line()
				if !ok {
					t.Fatalf("%s: the text ended before %q", format, text)
				}
				if strings.Contains(line, text) {
					return
				}
			}
		}
		find(newest)
		newest = "live in " + format
		m.Commit([]record.Record{{Message: "live in " + format}})
		find(newest)
	}
}

func TestTailSaysWhyAQueryIsPlain(t *testing.T) {
	m := newMemory(10, 0)
	m.Hub().Close()
	base := newHTTP(t, dashboard.New(m, dashboard.Options{}))
	for _, format := range []string{"text", "html"} {
		if _, body := fetch(t, http.MethodGet, base+"/api/v1/tail?q=(&format="+format, ""); !strings.Contains(body, "plain text: ") || !strings.Contains(body, "--- the log has ended") {
			t.Errorf("%s: %s", format, body)
		}
	}
}
