package elva

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// patience is how long a test waits for what must happen; only a failing one does.
const patience = 30 * time.Second

var at = time.Date(2026, 11, 21, 0, 14, 45, 658_089_000, time.UTC)

func logged(text string) record.Record {
	return record.Record{
		Time: at, Severity: record.SeverityInfo, Logger: "my.logger", Message: text,
		Attrs: []slog.Attr{slog.String("function_name", "foo"), slog.Int("line_number", 7), slog.String("file_path", "../demo.py")},
	}
}

func frame(text string) string {
	return `data: {"username": "", "args": [], "name": "my.logger", "level": "info", "line_no": 7, "traceback": null, "filename": "../demo.py", ` +
		`"time": "2026-11-21T00:14:45.658089", "msg": "` + text + `", "funcname": "foo", "hostname": ""}` + "\n\n"
}

func commit(m *view.Memory, texts ...string) {
	var batch []record.Record
	for _, text := range texts {
		batch = append(batch, logged(text))
	}
	m.Commit(batch)
}

// page is a client of the handler.
type page struct {
	t    *testing.T
	resp *http.Response
	in   *bufio.Reader
	id   string // the last one
}

func open(t *testing.T, url, lastEventID string) *page {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return &page{t: t, resp: resp, in: bufio.NewReader(resp.Body)}
}

// next returns the bytes of the next event with data, as an EventSource would find it.
func (p *page) next() string {
	p.t.Helper()
	var event strings.Builder
	data := false
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			p.t.Fatalf("%v after %q", err, event.String())
		}
		event.WriteString(line)
		switch {
		case line == "\n" && data:
			return event.String()
		case line == "\n":
			event.Reset()
		case strings.HasPrefix(line, "id: "):
			p.id = strings.TrimSuffix(line[4:], "\n")
		case strings.HasPrefix(line, "data: "):
			data = true
		case !strings.HasPrefix(line, ":"):
			p.t.Errorf("the line %q means something else to a browser", line)
		}
	}
}

// untilID reads on until the page knows where it is.
func (p *page) untilID() {
	p.t.Helper()
	for before := p.id; p.id == before; {
		line, err := p.in.ReadString('\n')
		if err != nil {
			p.t.Fatal(err)
		}
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			p.id = strings.TrimSuffix(id, "\n")
		}
	}
}

func serve(t *testing.T, opts Options, ring hub.Options) (*Handler, *view.Memory, string) {
	t.Helper()
	m := view.NewMemory(ring, nil)
	h := New(m, opts)
	mux := http.NewServeMux()
	mux.Handle(Path, h)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(m.Hub().Close)
	return h, m, server.URL + Path
}

// TestFrames: the bytes are those of Elva's own server.
func TestFrames(t *testing.T) {
	_, m, url := serve(t, Options{}, hub.Options{})
	commit(m, "before")
	p := open(t, url, "")
	if h := p.resp.Header; p.resp.StatusCode != 200 || h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-cache" {
		t.Errorf("%v", h)
	}
	commit(m, "I like pie", "second } \\r\\n"[:6])
	for _, want := range []string{"I like pie", "second"} {
		if got := p.next(); got != frame(want) {
			t.Errorf("%q\nwant\n%q", got, frame(want))
		}
	}
}

// TestResume: a browser that comes back gets each record once.
func TestResume(t *testing.T) {
	_, m, url := serve(t, Options{}, hub.Options{})
	p := open(t, url, "")
	commit(m, "one")
	p.next()
	p.untilID()
	_ = p.resp.Body.Close()
	commit(m, "two", "three")
	p = open(t, url, p.id)
	for _, want := range []string{"two", "three"} {
		if got := p.next(); got != frame(want) {
			t.Errorf("%q", got)
		}
	}
}

func TestFilterAndReplay(t *testing.T) {
	_, m, url := serve(t, Options{}, hub.Options{})
	commit(m, "apple", "pear", "apple pie")
	p := open(t, url+"?q=apple&replay=5", "")
	commit(m, "plum", "apple juice")
	for _, want := range []string{"apple", "apple pie", "apple juice"} {
		if got := p.next(); got != frame(want) {
			t.Errorf("%q", got)
		}
	}
}

// TestGap: what a page missed is counted, and it sees how much that was.
func TestGap(t *testing.T) {
	h, m, url := serve(t, Options{}, hub.Options{MaxRecords: 1024})
	p := open(t, url, "")
	commit(m, "one")
	p.next()
	p.untilID()
	_ = p.resp.Body.Close()
	for i := range 100 {
		texts := make([]string, 100)
		for j := range texts {
			texts[j] = fmt.Sprint(i*100 + j)
		}
		commit(m, texts...)
	}
	p = open(t, url, p.id)
	first := p.next()
	var got struct{ Name, Level, Msg string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(first, "data: ")), &got); err != nil {
		t.Fatal(err)
	}
	var skipped, next uint64
	if _, err := fmt.Sscanf(got.Msg, "%d records were passed over", &skipped); err != nil || got.Name != "weir.elva" || got.Level != "warning" {
		t.Fatalf("%q %v", first, err)
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(p.next(), "data: ")), &got); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(got.Msg, &next); err != nil || next != skipped || h.Skipped() != skipped {
		t.Errorf("%d records are said to be missing, the next one is %d", skipped, next)
	}
}

func TestRefusals(t *testing.T) {
	h, _, url := serve(t, Options{MaxStreams: 1}, hub.Options{})
	for name, c := range map[string]struct {
		method, query, id string
		status            int
	}{
		"method": {http.MethodPost, "", "", 405},
		"query":  {http.MethodGet, "?q=level:(", "", 400},
		"replay": {http.MethodGet, "?replay=many", "", 400},
		"id":     {http.MethodGet, "", "17", 400},
		"head":   {http.MethodHead, "", "", 200},
	} {
		r := httptest.NewRequest(c.method, Path+c.query, nil)
		if c.id != "" {
			r.Header.Set("Last-Event-ID", c.id)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || c.status == 405 && w.Header().Get("Allow") == "" || c.status >= 400 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	first := open(t, url, "")
	if second := open(t, url, ""); second.resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second stream: %s", second.resp.Status)
	}
	_ = first.resp.Body.Close()
}

// TestKeepalive: something comes every 15 seconds, and it is no event.
func TestKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := view.NewMemory(hub.Options{}, nil)
		h := New(m, Options{})
		ctx, cancel := context.WithCancel(context.Background())
		r, w := io.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			h.ServeHTTP(&pipeWriter{w, http.Header{}}, httptest.NewRequest(http.MethodGet, Path, nil).WithContext(ctx))
		}()
		in := bufio.NewReader(r)
		began := time.Now()
		for i := range 3 {
			var block strings.Builder
			for !strings.HasSuffix(block.String(), "\n\n") {
				c, err := in.ReadByte()
				if err != nil {
					t.Fatal(err)
				}
				block.WriteByte(c)
			}
			if text := block.String(); text != ":\n\n" && !(i == 0 && strings.HasPrefix(text, "id: ")) {
				t.Errorf("%q", text)
			}
		}
		if passed := time.Since(began); passed < 2*keepalive || passed > 3*keepalive {
			t.Errorf("three came in %v", passed)
		}
		cancel()
		_ = r.Close()
		<-done
	})
}

type pipeWriter struct {
	io.Writer
	header http.Header
}

func (w *pipeWriter) Header() http.Header { return w.header }
func (w *pipeWriter) WriteHeader(int)     {}

// TestDropped: a page that does not read is dropped, and counted.
func TestDropped(t *testing.T) {
	h, m, url := serve(t, Options{WriteTimeout: 50 * time.Millisecond}, hub.Options{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(strings.TrimSuffix(url, Path), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // of a test
	if _, err := io.WriteString(conn, "GET "+Path+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 1<<20)
	for deadline := time.Now().Add(patience); h.Dropped() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the page is still served")
		}
		commit(m, large)
	}
}
