package dashboard_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file in testdata, after replacing what differs between
// runs: the hub's epoch and the page's build.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = regexp.MustCompile(`(c[0-9a-z]+)-[0-9a-z]+-([0-9a-z]+)`).ReplaceAllString(got, "$1-EPOCH-$2")
	got = regexp.MustCompile(`"build":"[0-9a-f]+"`).ReplaceAllString(got, `"build":"BUILD"`)
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s", name, got)
	}
}

func TestStreamGolden(t *testing.T) {
	m := newMemory(4, 7) // the ring has 4 to 7
	s := serve(t, m, dashboard.Options{})
	after := itoa(record.NextPosition(0, noon)) // the first record
	m.Hub().Close()
	for name, query := range map[string]string{
		"stream-new.txt":    "replay=2",
		"stream-resume.txt": "replay=3&q=odd&after=" + after,
		"stream-plain.txt":  "q=(",
	} {
		resp, body := fetch(t, http.MethodGet, s.URL+"/api/v1/stream?"+query, "")
		golden(t, name, body)
		h := resp.Header
		if h.Get("Content-Type") != "text/event-stream; charset=utf-8" || h.Get("Cache-Control") != "no-store" || h.Get("X-Accel-Buffering") != "no" {
			t.Errorf("the headers are %v", h)
		}
	}
}

// TestStreamLosesNothingAcrossReconnects reads while records come, breaks the
// connection at any event, and goes on from its id.
func TestStreamLosesNothingAcrossReconnects(t *testing.T) {
	const total = 3000
	m := newMemory(10_000, 0)
	s := serve(t, m, dashboard.Options{})
	start := make(chan struct{})
	go func() {
		<-start
		for n := 0; n < total; {
			size := min(rand.IntN(40)+1, total-n)
			batch := make([]record.Record, size)
			for i := range batch {
				n++
				batch[i] = record.Record{Seq: uint64(n), SourceID: "s", Message: "m"}
			}
			m.Commit(batch)
			runtime.Gosched()
		}
	}()
	var last string
	seq := uint64(0)
	for connections := 0; seq < total; connections++ {
		r := open(t, s.URL+"/api/v1/stream?after=c0", "Last-Event-ID", last)
		if connections == 0 {
			close(start)
		}
		for range rand.IntN(4) + 1 {
			e, ok := r.event()
			if !ok {
				t.Fatal("the stream ended")
			}
			last = e.id
			switch e.name {
			case "gap":
				t.Fatalf("a gap, though everything is in the ring: %s", e.data)
			case "record":
				for _, rec := range e.records(t) {
					if seq++; rec.Seq != seq {
						t.Fatalf("record %d came in place of %d, on connection %d", rec.Seq, seq, connections)
					}
				}
			}
			if seq == total {
				break
			}
		}
		r.close()
	}
}

func TestStreamPings(t *testing.T) {
	m := newMemory(100, 3)
	s := serve(t, m, dashboard.Options{})
	r := open(t, s.URL+"/api/v1/stream?q=odd&replay=1")
	var p dashboard.Ping
	read := func(name string) event {
		t.Helper()
		e, ok := r.event()
		if !ok || e.name != name {
			t.Fatalf("got %+v, want a %s", e, name)
		}
		if name == "ping" {
			p = dashboard.Ping{}
			if err := json.Unmarshal([]byte(e.data), &p); err != nil {
				t.Fatal(err)
			}
		}
		return e
	}
	if got := read("record").records(t); len(got) != 1 || got[0].Seq != 3 {
		t.Errorf("the replay is %+v", got)
	}
	e := read("ping")
	if p.Older == "" || p.Build == "" || p.Cursor != e.id || p.Matched != 1 {
		t.Errorf("the first ping is %+v", p)
	}
	if older, got := search(t, s.URL, "q=odd&before="+p.Older); got != "1" {
		t.Errorf("older leads to %+v", older)
	}
	emit(m, 1) // number 4 does not match
	e = read("ping")
	if p.Seen != 2 || p.Matched != 1 || p.Skipped != 0 || p.Older != "" || p.Cursor != m.Hub().Cursor().String() || e.id != p.Cursor {
		t.Errorf("after a record that does not match: %+v", p)
	}
	emit(m, 1)
	if got := read("record").records(t); len(got) != 1 || got[0].Seq != 5 {
		t.Errorf("live: %+v", got)
	}
}

func TestStreamFramesAreBounded(t *testing.T) {
	m := newMemory(10_000, 0)
	batch := make([]record.Record, 5000)
	for i := range batch {
		batch[i] = record.Record{Seq: uint64(i + 1), SourceID: "s", Message: "m"}
	}
	m.Commit(batch)
	large := make([]record.Record, 5)
	for i := range large {
		large[i] = record.Record{Seq: uint64(5001 + i), SourceID: "s", Message: strings.Repeat("x", 600<<10)}
	}
	m.Commit(large)
	s := serve(t, m, dashboard.Options{})
	begun := time.Now()
	r := open(t, s.URL+"/api/v1/stream?replay=10000")
	seq := uint64(0)
	var sizes []int
	for seq < 5005 {
		e, ok := r.event()
		if !ok {
			t.Fatal("the stream ended")
		}
		if e.name != "record" {
			continue
		}
		records := e.records(t)
		sizes = append(sizes, len(records))
		for _, rec := range records {
			if seq++; rec.Seq != seq {
				t.Fatalf("record %d came in place of %d", rec.Seq, seq)
			}
		}
	}
	if got := fmt.Sprint(sizes); got != "[2000 2000 1001 2 2]" && got != "[2000 2000 1002 2 1]" {
		t.Errorf("the frames have %s records", got)
	}
	if took := time.Since(begun); took < 4*25*time.Millisecond {
		t.Errorf("five frames came within %v", took)
	}
}

// TestViewerThatDoesNotReadIsDropped connects with a raw socket and never reads.
func TestViewerThatDoesNotReadIsDropped(t *testing.T) {
	m := newMemory(1000, 0)
	s := serve(t, m, dashboard.Options{WriteTimeout: 50 * time.Millisecond})
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
	text := strings.Repeat("x", 100<<10)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var stats dashboard.Stats
	for range 2000 {
		m.Commit([]record.Record{{Message: text}, {Message: text}, {Message: text}})
		<-tick.C
		_, body := fetch(t, http.MethodGet, s.URL+"/api/v1/stats", "")
		if err := json.Unmarshal([]byte(body), &stats); err != nil {
			t.Fatal(err)
		}
		if stats.ViewersDropped == 1 && stats.Viewers == 0 {
			return
		}
	}
	t.Errorf("the viewer was not dropped: %+v", stats)
}

func TestStreamsAreLimited(t *testing.T) {
	s := serve(t, newMemory(10, 1), dashboard.Options{MaxStreams: 1})
	r := open(t, s.URL+"/api/v1/stream")
	if _, ok := r.event(); !ok {
		t.Fatal("no event came")
	}
	resp, body := fetch(t, http.MethodGet, s.URL+"/api/v1/tail", "")
	if resp.StatusCode != http.StatusTooManyRequests || errorCode(t, body) != "busy" {
		t.Errorf("%s %s", resp.Status, body)
	}
}

// TestNothingIsLeftRunning opens and leaves streams of all kinds.
func TestNothingIsLeftRunning(t *testing.T) {
	http.DefaultClient.CloseIdleConnections()
	m := newMemory(100, 5)
	before := runtime.NumGoroutine()
	s := serve(t, m, dashboard.Options{})
	var left []*reader
	for i := range 12 {
		path := [...]string{"stream?replay=3", "tail?replay=3", "tail?format=html&replay=3"}[i%3]
		r := open(t, s.URL+"/api/v1/"+path)
		if _, ok := r.line(); !ok {
			t.Fatal("no line came")
		}
		if i%2 == 0 {
			r.close()
		} else {
			left = append(left, r)
		}
	}
	m.Hub().Close()
	for _, r := range left {
		for ok := true; ok; { // the server ends the stream
			_, ok = r.line()
		}
		r.close()
	}
	s.Close()
	http.DefaultClient.CloseIdleConnections()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if st := m.Hub().Stats(); runtime.NumGoroutine() <= before && st.Subscribers == 0 {
			return
		}
		<-tick.C
	}
	buf := make([]byte, 64<<10)
	t.Errorf("%d goroutines were running, now:\n%s", before, buf[:runtime.Stack(buf, true)])
}

func TestMountedUnderAPrefix(t *testing.T) {
	m := newMemory(10, 2)
	mux := http.NewServeMux()
	mux.Handle("/debug/weir/", http.StripPrefix("/debug/weir", dashboard.New(m, dashboard.Options{})))
	mux.Handle("/debug/bare", http.StripPrefix("/debug/bare", dashboard.New(m, dashboard.Options{})))
	s := newHTTP(t, mux)
	for path, want := range map[string]string{
		"/debug/weir/":               `{"status":"ok","service":"log-server"}`,
		"/debug/weir/api/v1/records": `"complete":true`,
		"/debug/weir/api/v1/stats":   `"role":"program"`,
		"/debug/weir/app.js":         "",
	} {
		resp, body := fetch(t, http.MethodGet, s+path, "")
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %s %s", path, resp.Status, body)
		}
	}
	resp, _ := fetch(t, http.MethodGet, s+"/debug/bare?x=1", "")
	if to, err := resp.Location(); resp.StatusCode != http.StatusMovedPermanently || err != nil || to.Path != "/debug/bare/" || to.RawQuery != "x=1" {
		t.Errorf("without the slash: %s to %v", resp.Status, to)
	}
	_, page := fetch(t, http.MethodGet, s+"/debug/weir/", "", "Accept", "text/html,*/*")
	if m := regexp.MustCompile(`(src|href)="/`).FindString(page); m != "" {
		t.Errorf("the page has an absolute link: %s", m)
	}
}

func TestPageAndAssets(t *testing.T) {
	s := serve(t, newMemory(1, 0), dashboard.Options{})
	resp, body := fetch(t, http.MethodGet, s.URL+"/", "", "Accept", "text/html")
	etag := resp.Header.Get("ETag")
	if resp.StatusCode != http.StatusOK || !strings.Contains(strings.ToLower(body), "<html") || etag == "" ||
		resp.Header.Get("Cache-Control") != "no-cache" || resp.Header.Get("Vary") != "Accept" || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%s %v %s", resp.Status, resp.Header, body)
	}
	resp, body = fetch(t, http.MethodGet, s.URL+"/", "", "Accept", "text/html", "If-None-Match", etag)
	if resp.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("with the ETag: %s %q", resp.Status, body)
	}
	for path, kind := range map[string]string{"/app.js": "text/javascript; charset=utf-8", "/app.css": "text/css; charset=utf-8", "/favicon.svg": "image/svg+xml"} {
		resp, _ := fetch(t, http.MethodGet, s.URL+path, "")
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != kind || resp.Header.Get("ETag") == "" {
			t.Errorf("%s: %s %v", path, resp.Status, resp.Header)
		}
	}
}

func TestSearchCursorJoinsTheStream(t *testing.T) {
	m := newMemory(100, 5)
	s := serve(t, m, dashboard.Options{})
	p, _ := search(t, s.URL, "limit=2")
	emit(m, 3)
	r := open(t, s.URL+"/api/v1/stream?after="+p.Cursor)
	e, ok := r.event()
	if records := e.records(t); !ok || len(records) != 3 || records[0].Seq != 6 {
		t.Errorf("got %+v", e)
	}
	r = open(t, s.URL+"/api/v1/stream?after="+strconv.FormatInt(int64(m.Hub().Cursor().Position-1), 10))
	if e, ok = r.event(); !ok || len(e.records(t)) != 1 {
		t.Errorf("after an id: %+v", e)
	}
}

var _ view.Backend = scripted{}
