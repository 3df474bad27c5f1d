package weirhttp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/weirhttp"
)

// watcher is a viewer over the network.
type watcher struct {
	t    *testing.T
	resp *http.Response
	in   *bufio.Reader
}

func watch(t *testing.T, url string) *watcher {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	return &watcher{t, resp, bufio.NewReader(resp.Body)}
}

func (w *watcher) line() string {
	w.t.Helper()
	line, err := w.in.ReadString('\n')
	if err != nil {
		w.t.Fatalf("read %q, %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

func (w *watcher) leave() { w.resp.Body.Close() }

func TestStreamAllShowsWhatIsLoggedFromNowOn(t *testing.T) {
	log, _ := newLogger(t)
	log.Info("before")
	s := httptest.NewServer(weirhttp.StreamAll(log, weirhttp.StreamAllOptions{StreamOptions: weirhttp.StreamOptions{Opening: "all of shop"}}))
	defer s.Close()
	all, warnings, machine := watch(t, s.URL), watch(t, s.URL+"/?level=warn"), watch(t, s.URL+"/?format=json")
	for _, w := range []*watcher{all, warnings} {
		if got := w.line(); got != "all of shop" {
			t.Errorf("opening %q", got)
		}
	}
	if got := all.resp.Header.Get("Cache-Control"); got != "no-cache, no-store, no-transform" {
		t.Errorf("Cache-Control %q", got)
	}
	log.Info("one", "n", 1)
	log.Named("db").Error("two")
	for _, want := range []string{" - shop - INFO - one", " - shop.db - ERROR - two"} {
		if got := all.line(); !strings.HasSuffix(got, want) {
			t.Errorf("read %q, want %q", got, want)
		}
	}
	if got := warnings.line(); !strings.HasSuffix(got, " - shop.db - ERROR - two") {
		t.Errorf("read %q", got)
	}
	for _, want := range []string{"all of shop", "one", "two"} {
		var r struct{ Message, Kind string }
		if err := json.Unmarshal([]byte(machine.line()), &r); err != nil || r.Message != want || (r.Kind == "divider") != (want == "all of shop") {
			t.Errorf("read %+v, %v, want %s", r, err, want)
		}
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	if got := all.line(); got != "--- the log has ended" {
		t.Errorf("at the end %q", got)
	}
	for _, w := range []*watcher{all, warnings, machine} {
		if _, err := io.ReadAll(w.in); err != nil {
			t.Errorf("the end is not clean: %v", err)
		}
		w.leave()
	}
}

// TestStreamAllHasASinkWhileSomebodyLooks: nothing is paid otherwise.
func TestStreamAllHasASinkWhileSomebodyLooks(t *testing.T) {
	log, _ := newLogger(t)
	h := weirhttp.StreamAll(log, weirhttp.StreamAllOptions{StreamOptions: weirhttp.StreamOptions{Opening: "opening"}})
	var gone sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer gone.Done()
		h.ServeHTTP(w, r)
	}))
	defer s.Close()
	before := len(log.Stats().Sinks)
	for range 3 {
		gone.Add(2)
		first, second := watch(t, s.URL), watch(t, s.URL)
		first.line()
		second.line()
		if n := len(log.Stats().Sinks); n != before+1 {
			t.Errorf("%d sinks for two viewers, %d before", n, before)
		}
		first.leave()
		second.leave()
		gone.Wait()
		if n := len(log.Stats().Sinks); n != before {
			t.Errorf("%d sinks without viewers, %d before", n, before)
		}
	}
}

// TestStreamAllIsNotForEverybody: without Allow, only somebody at this machine.
func TestStreamAllIsNotForEverybody(t *testing.T) {
	log, _ := newLogger(t)
	if err := log.Close(); err != nil { // who is let in then gets 503
		t.Fatal(err)
	}
	h := weirhttp.StreamAll(log, weirhttp.StreamAllOptions{})
	type headers map[string]string
	for _, c := range []struct {
		name, remote, host string
		header             headers
		ok                 bool
	}{
		{"localhost", "127.0.0.1:1", "localhost:8080", nil, true},
		{"a name below localhost", "127.0.0.1:1", "app.localhost.", nil, true},
		{"IPv4", "127.0.0.1:1", "127.0.0.1:8080", nil, true},
		{"IPv6", "[::1]:1", "[::1]", nil, true},
		{"another machine", "192.0.2.1:1", "localhost", nil, false},
		{"a rebound name", "127.0.0.1:1", "evil.example", nil, false},
		{"a name that looks like an address", "127.0.0.1:1", "127.0.0.1.evil.example", nil, false},
		{"no host", "127.0.0.1:1", "", nil, false},
		{"through a proxy on this machine", "127.0.0.1:1", "localhost", headers{"X-Forwarded-For": "198.51.100.1"}, false},
		{"through one that says so otherwise", "127.0.0.1:1", "localhost", headers{"Forwarded": "for=198.51.100.1"}, false},
		{"this page", "127.0.0.1:1", "localhost:8080", headers{"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}, true},
		{"a page of another port", "127.0.0.1:1", "localhost:8080", headers{"Origin": "http://localhost:3000"}, false},
		{"a foreign page", "127.0.0.1:1", "localhost:8080", headers{"Origin": "https://evil.example"}, false},
		{"no origin that it would name", "127.0.0.1:1", "localhost:8080", headers{"Origin": "null"}, false},
		{"an image on a foreign page", "127.0.0.1:1", "localhost:8080", headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, false},
		{"a link on a foreign page", "127.0.0.1:1", "localhost:8080", headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, true},
		{"typed into the address bar", "127.0.0.1:1", "localhost:8080", headers{"Sec-Fetch-Site": "none"}, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Host = c.remote, c.host
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if ok := w.Code == http.StatusServiceUnavailable; ok != c.ok || !ok && w.Code != http.StatusForbidden {
			t.Errorf("%s: answered %d %s", c.name, w.Code, w.Body)
		}
	}
}

func TestStreamAllRefuses(t *testing.T) {
	log, _ := newLogger(t)
	h := weirhttp.StreamAll(log, weirhttp.StreamAllOptions{Allow: func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer x" }})
	for _, c := range []struct {
		method, target, auth string
		status               int
		says                 string
	}{
		{"GET", "/", "", 403, "Allow"},
		{"POST", "/", "Bearer x", 405, "use GET"},
		{"GET", "/?level=loud", "Bearer x", 400, "trace, debug, info"},
		{"GET", "/?format=pdf", "Bearer x", 400, "text, html, json"},
		{"HEAD", "/?format=json", "Bearer x", 200, ""},
	} {
		w := do(h, c.method, c.target, map[string]string{"Authorization": c.auth})
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: answered %d %q", c.method, c.target, w.Code, w.Body)
		}
	}
}

func TestStreamAllBoundsViewers(t *testing.T) {
	log, _ := newLogger(t)
	s := httptest.NewServer(weirhttp.StreamAll(log, weirhttp.StreamAllOptions{MaxViewers: 1, StreamOptions: weirhttp.StreamOptions{Opening: "opening"}}))
	defer s.Close()
	first := watch(t, s.URL)
	first.line()
	second := watch(t, s.URL)
	if second.resp.StatusCode != http.StatusServiceUnavailable || second.resp.Header.Get("Retry-After") == "" || !strings.Contains(second.line(), "MaxViewers") {
		t.Errorf("the second got %d", second.resp.StatusCode)
	}
	second.leave()
	first.leave()
}

// TestStreamAllSlowViewer: it misses records, is told how many, and holds nobody up.
func TestStreamAllSlowViewer(t *testing.T) {
	log, records := newLogger(t)
	const total = 5000
	h := weirhttp.StreamAll(log, weirhttp.StreamAllOptions{
		Allow:         func(*http.Request) bool { return true },
		StreamOptions: weirhttp.StreamOptions{Buffer: 8 << 10, Opening: "record of the opening"},
	})
	g := &gate{header: http.Header{}, open: make(chan struct{}), began: make(chan struct{})}
	var viewing sync.WaitGroup
	viewing.Go(func() { h.ServeHTTP(g, httptest.NewRequest(http.MethodGet, "/", nil)) })
	<-g.began // the viewer has joined and its opening is written
	for i := range total {
		log.Info(fmt.Sprintf("record %04d", i))
		if i%500 == 0 {
			if err := log.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(records()); n != total {
		t.Errorf("%d records reached the other sink", n)
	}
	close(g.open)
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	viewing.Wait()
	body, _ := strings.CutSuffix(g.body.String(), "--- the log has ended\n")
	shown, missed := balance(t, body, "record ")
	if shown-1+missed != total || missed == 0 {
		t.Errorf("%d shown + %d told missing, %d logged", shown-1, missed, total)
	}
}

// TestStreamAllTellsWhatTheLoggerLeftOut: the logger does not wait for a viewer's sink
// that is behind; what it leaves out is told to the viewers as well.
func TestStreamAllTellsWhatTheLoggerLeftOut(t *testing.T) {
	log, _ := newLogger(t, weir.WithOverflow(weir.Block))
	slow := &slowFormat{release: make(chan struct{})}
	h := weirhttp.StreamAll(log, weirhttp.StreamAllOptions{
		Allow:         func(*http.Request) bool { return true },
		StreamOptions: weirhttp.StreamOptions{Buffer: 64 << 20, Format: slow, Opening: "record of the opening"},
	})
	g := &gate{header: http.Header{}, open: make(chan struct{}), began: make(chan struct{})}
	close(g.open)
	var viewing sync.WaitGroup
	viewing.Go(func() { h.ServeHTTP(g, httptest.NewRequest(http.MethodGet, "/", nil)) })
	<-g.began
	total := 0
	for leftOut := uint64(0); leftOut == 0; {
		for range 1000 {
			log.Info("record")
			total++
		}
		for _, s := range log.Stats().Sinks {
			if strings.HasPrefix(s.Name, "weirhttp.StreamAll") {
				leftOut = s.Dropped
			}
		}
	}
	close(slow.release)
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	viewing.Wait()
	body, _ := strings.CutSuffix(g.body.String(), "--- the log has ended\n")
	shown, missed := balance(t, body, "record")
	if shown-1+missed != total || missed == 0 {
		t.Errorf("%d shown + %d told missing, %d logged", shown-1, missed, total)
	}
}

// slowFormat does not return before it is released.
type slowFormat struct{ release chan struct{} }

func (f *slowFormat) Append(b []byte, _ *record.Record) []byte {
	<-f.release
	return append(b, "record\n"...)
}

func ExampleStreamAll() {
	log := weir.New("shop")
	defer log.Close()
	// curl -N http://localhost:8080/debug/log?level=warn
	http.Handle("/debug/log", weirhttp.StreamAll(log, weirhttp.StreamAllOptions{}))
	// From elsewhere, for who has a token.
	http.Handle("/log", weirhttp.StreamAll(log, weirhttp.StreamAllOptions{
		Allow: func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+token() },
	}))

	w := httptest.NewRecorder()
	http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/log", nil))
	fmt.Println(w.Code)
	// Output: 403
}

func token() string { return "a long random text" }
