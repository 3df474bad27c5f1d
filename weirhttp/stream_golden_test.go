package weirhttp_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/weirhttp"
)

var update = flag.Bool("update", false, "write the golden files")

type work = func(r *http.Request, log *weir.Logger) error

// answer returns what a handler answers, its headers first, with times, stacks and ids
// replaced by what is the same in every run.
func answer(t *testing.T, h http.Handler, accept string) string {
	t.Helper()
	s := httptest.NewServer(h)
	defer s.Close()
	r, err := http.NewRequest(http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("the answer is not whole: %v", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d %s\n", resp.StatusCode, strings.Join(resp.TransferEncoding, ","))
	resp.Header.Del("Date")
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range resp.Header {
			if !yield(name) {
				return
			}
		}
	}) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(resp.Header[name], ", "))
	}
	b.WriteByte('\n')
	b.WriteString(steady(string(body)))
	return b.String()
}

// steady replaces what differs between runs. Only a time that has exactly the layout's
// digits is replaced, so the golden files check the layout as well.
func steady(body string) string {
	for _, c := range []struct{ pattern, with string }{
		{`(?m)\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.000\d\d\d - `, "2026-11-20 10:00:00.000123 - "},
		{`(?m)\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d,\d\d\d - `, "2026-11-20 10:00:00,123 - "},
		{`Panic in a stream(\n    [a-z].*\n    \t[^<\n]*)+`, "Panic in a stream\n    …"},
	} {
		body = regexp.MustCompile(c.pattern).ReplaceAllString(body, c.with)
	}
	return body
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// TestB1B3StreamTextGolden: B1 the headers and lines, B3 their layout.
func TestB1B3StreamTextGolden(t *testing.T) {
	log, _ := newLogger(t)
	h := weirhttp.Stream(log, weirhttp.StreamOptions{}, func(_ *http.Request, log *weir.Logger) error {
		log.Info("log 1")
		log.Warn("log 2")
		log.Named("db").Error("log 3")
		return nil
	})
	golden(t, "b1.txt", answer(t, h, "*/*"))
}

// TestB4StreamHTMLGolden: B4, the page of the Django variant with its layout, opening
// and closing text.
func TestB4StreamHTMLGolden(t *testing.T) {
	log, _ := newLogger(t)
	layout, err := format.Text("%(asctime)s - %(levelname)s - %(message)s", format.TextOptions{MultiLine: format.MultiLineIndent})
	if err != nil {
		t.Fatal(err)
	}
	o := weirhttp.StreamOptions{Format: layout, Opening: "Starting import...", Closing: "Import finished."}
	for name, fn := range map[string]work{
		"b4.html": func(_ *http.Request, log *weir.Logger) error {
			log.Info("first row")
			log.Warn("odd row")
			return nil
		},
		"b4_error.html": func(_ *http.Request, log *weir.Logger) error {
			log.Info("first row")
			return errors.New("no such table: <clients>")
		},
		"b4_panic.html": func(_ *http.Request, log *weir.Logger) error {
			log.Info("first row")
			panic("boom")
		},
	} {
		golden(t, name, answer(t, weirhttp.Stream(log, o, fn), "text/html,application/xhtml+xml,*/*;q=0.8"))
	}
}

// TestStreamXSSGolden: the example of old wrote records into the page as they were.
func TestStreamXSSGolden(t *testing.T) {
	log, _ := newLogger(t)
	nasty := "<script>alert(1)</script> & \"quotes\" '\n2026-11-20 10:00:00.000000 - app - INFO - forged\x1b[2J \u202e turned"
	o := weirhttp.StreamOptions{Form: weirhttp.FormHTML, Title: "</title><script>alert(2)</script>", Opening: "<b>opening</b>", Closing: "<b>closing</b>"}
	h := weirhttp.Stream(log, o, func(_ *http.Request, log *weir.Logger) error {
		log.Error(nasty)
		log.Named("</pre><img src=x onerror=alert(3)>").Info("of a strange logger")
		return nil
	})
	got := answer(t, h, "*/*")
	golden(t, "xss.html", got)
	_, page, _ := strings.Cut(got, "\n\n")
	for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(page, -1) {
		if !regexp.MustCompile(`^<(!DOCTYPE html|!-- +--|/?html( lang="en")?|/?head|/?body|/?title|/?style|meta [a-z0-9="=, -]+|/?pre|span class="[a-z]+"|/span)>$`).MatchString(tag) {
			t.Errorf("the page has %s", tag)
		}
	}
	failing := weirhttp.Stream(log, weirhttp.StreamOptions{}, func(*http.Request, *weir.Logger) error { return errors.New("bad\n--- forged \x1b[2J") })
	if got := answer(t, failing, "*/*"); strings.Contains(got, "\n--- forged") || strings.Contains(got, "\x1b") {
		t.Errorf("an error's text forges a line: %q", got)
	}
}
