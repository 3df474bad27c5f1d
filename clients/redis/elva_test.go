package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/weirlog/weir/clients/weirserver"
)

// elvaPage does what Elva's script does: it listens to message events of /events. What
// it gets it posts back.
const elvaPage = `<!doctype html><title>Elva</title><script>
var source = new EventSource('/events');
source.onopen = function () { fetch('/opened', {method: 'POST'}); };
source.addEventListener('message', function (e) { fetch('/seen', {method: 'POST', body: e.data}); });
</script>`

// TestElvaInABrowser: a page with Elva's script, which a proxy serves beside weir's
// /events, shows what is published, and goes on after weir was killed.
func TestElvaInABrowser(t *testing.T) {
	r := startRedis(t)
	s := weirserver.Start(t, "--redis", r.url("list=l"))
	connected(t, s, 1)
	opened, seen := make(chan struct{}, 100), make(chan string, 100)
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/events", &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target); p.Out.Host = target.Host }})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, elvaPage) })
	mux.HandleFunc("/opened", func(http.ResponseWriter, *http.Request) { opened <- struct{}{} })
	mux.HandleFunc("/seen", func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen <- string(body)
	})
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	browse(t, site.URL)
	wait(t, opened)
	c := r.client()
	var got []string
	push := func(from, to int) {
		for i := from; i < to; i++ {
			do(t, c, "RPUSH", "l", python("my.logger", "info", "pie %d", fmt.Sprintf("[%d]", i), "null"))
		}
		for range to - from {
			var event struct {
				Msg, Name, Filename string
				Line                int `json:"line_no"`
			}
			if err := json.Unmarshal([]byte(wait(t, seen)), &event); err != nil || event.Name != "my.logger" || event.Filename != "../shop.py" || event.Line != 7 {
				t.Fatalf("%+v %v", event, err)
			}
			got = append(got, event.Msg)
		}
	}
	push(0, 5)
	s.Kill()
	s.Restart()
	push(5, 10)
	slices.Sort(got) // posts of a page may overtake each other
	for i, text := range got {
		if text != fmt.Sprintf("pie %d", i) {
			t.Fatalf("the page saw %q", got)
		}
	}
}

func wait[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case v := <-c:
		return v
	case <-ctx.Done():
		t.Fatal("the page says nothing")
		panic("BUG: Fatal returned")
	}
}

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
	c.WaitDelay = time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
}
