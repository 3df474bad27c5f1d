package collector

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/clients/weirserver"
)

// browse opens a page in a browser that ends with the test.
func browse(t *testing.T, page string) {
	t.Helper()
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "chromium"
	}
	c := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
		"--user-data-dir="+t.TempDir(), page)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}

// TestPage: a page of another origin sends, small batches and packed ones, which make
// the browser ask first.
func TestPage(t *testing.T) {
	s := weirserver.Start(t)
	site := httptest.NewServer(http.FileServer(http.Dir("testdata/browser")))
	defer site.Close()
	browse(t, site.URL+"/index.html?to="+url.QueryEscape(s.URL))
	got := s.WaitFor("service:page", 252)
	if len(got) != 252 || got[0]["message"] != "one 한국어 😀" || got[0]["log_type"] != "FRONTEND" {
		t.Errorf("%d records, first %s", len(got), text(got[0]))
	}
	fault := s.Records("service:page level:ERROR")
	if len(fault) != 1 || fault[0]["error_type"] != "TypeError" || !strings.Contains(text(fault[0]["stack_trace"]), "a fault of the page") {
		t.Errorf("%s", text(fault))
	}
	if sources := s.Sources("collector"); len(sources) != 1 || !strings.Contains(sources[0].Agent, "Chrome") {
		t.Errorf("%+v", sources)
	}
}

// TestPageOfAFile: a page that was opened as a file has the origin null, which may send
// when that is allowed.
func TestPageOfAFile(t *testing.T) {
	for name, c := range map[string]struct {
		args    []string
		outcome string
		stored  int
	}{
		"by default": {nil, "TypeError: Failed to fetch", 0},
		"allowed":    {[]string{"--allow-origin", "null"}, `200 {"status":"ok","count":1}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := weirserver.Start(t, c.args...)
			told := make(chan string, 1)
			listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				outcome, _ := io.ReadAll(r.Body)
				select {
				case told <- string(outcome):
				default:
				}
			}))
			defer listener.Close()
			file, err := filepath.Abs("testdata/browser/file.html")
			if err != nil {
				t.Fatal(err)
			}
			browse(t, "file://"+file+"?to="+url.QueryEscape(s.URL)+"&tell="+url.QueryEscape(listener.URL))
			select {
			case outcome := <-told:
				if outcome != c.outcome {
					t.Errorf("the page saw %s", outcome)
				}
			case <-time.After(patience):
				t.Fatal("the page says nothing")
			}
			got := s.Records("service:demo")
			if len(got) != c.stored {
				t.Errorf("%s", text(got))
			}
		})
	}
}
