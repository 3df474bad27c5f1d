package weirhttp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/weirhttp"
)

// TestStreamClientLeaves: the work of old went on when nobody was there any more.
func TestStreamClientLeaves(t *testing.T) {
	log, records := newLogger(t)
	ended := make(chan error, 1)
	s := httptest.NewServer(weirhttp.Stream(log, weirhttp.StreamOptions{Opening: "opening"}, func(r *http.Request, _ *weir.Logger) error {
		<-r.Context().Done()
		ended <- context.Cause(r.Context())
		return r.Context().Err()
	}))
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := resp.Body.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close() // which closes the connection
	if err := <-ended; !errors.Is(err, weirhttp.ErrClientLeft) {
		t.Errorf("the cause is %v", err)
	}
	s.Close()
	if r := only(t, records(), "Stream ended before its work"); r.Severity != severity(weir.LevelWarn) {
		t.Errorf("logged %v", r.Severity)
	}
}

// gate is a ResponseWriter whose client reads when it is let: the second write waits.
type gate struct {
	header http.Header
	mu     sync.Mutex
	body   bytes.Buffer
	writes int
	open   chan struct{}
	began  chan struct{} // closed by the first write; may be nil
	err    error         // of writes once open is closed
}

func (g *gate) Header() http.Header { return g.header }
func (g *gate) WriteHeader(int)     {}
func (g *gate) Flush()              {}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	g.writes++
	first := g.writes == 1
	g.mu.Unlock()
	if first && g.began != nil {
		defer close(g.began)
	}
	if !first {
		<-g.open
		if g.err != nil {
			return 0, g.err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.body.Write(p)
}

// TestStreamSlowClientGap: the queue of old had no bound. What finds no room is
// counted: lines shown + told missing = logged.
func TestStreamSlowClientGap(t *testing.T) {
	log, _ := newLogger(t)
	const total = 5000
	g := &gate{header: http.Header{}, open: make(chan struct{})}
	h := weirhttp.Stream(log, weirhttp.StreamOptions{Buffer: 8 << 10}, func(_ *http.Request, log *weir.Logger) error {
		for i := range total {
			log.Info(fmt.Sprintf("record %04d", i))
			if i == total/2 {
				if err := log.Flush(context.Background()); err != nil {
					return err
				}
			}
		}
		err := log.Flush(context.Background())
		close(g.open)
		return err
	})
	h.ServeHTTP(g, httptest.NewRequest(http.MethodGet, "/", nil))
	shown, missed := balance(t, g.body.String(), "record ")
	if shown+missed != total || missed == 0 {
		t.Errorf("%d shown + %d told missing, %d logged", shown, missed, total)
	}
	if g.body.Len() > 64<<10 {
		t.Errorf("%d bytes were kept for a client that did not read", g.body.Len())
	}
}

// balance counts the lines and what gaps declare.
func balance(t *testing.T, body, mark string) (shown, missed int) {
	t.Helper()
	for line := range strings.Lines(body) {
		var n int
		if _, err := fmt.Sscanf(line, "--- %d records are not shown here", &n); err == nil {
			missed += n
		} else if strings.Contains(line, mark) {
			shown++
		} else {
			t.Errorf("an unexpected line %q", line)
		}
	}
	return shown, missed
}

// TestStreamDeadClient: a client that takes nothing any more is told by a failing
// write, and the work ends.
func TestStreamDeadClient(t *testing.T) {
	log, _ := newLogger(t)
	g := &gate{header: http.Header{}, open: make(chan struct{}), err: os.ErrDeadlineExceeded}
	close(g.open)
	h := weirhttp.Stream(log, weirhttp.StreamOptions{}, func(r *http.Request, log *weir.Logger) error {
		log.Info("into the void")
		<-r.Context().Done()
		return context.Cause(r.Context())
	})
	h.ServeHTTP(g, httptest.NewRequest(http.MethodGet, "/", nil))
	if g.body.Len() > 0 {
		t.Errorf("written: %q", &g.body)
	}
}

// TestStreamWriteTimeout: a real connection whose other end has stopped reading.
func TestStreamWriteTimeout(t *testing.T) {
	log, records := newLogger(t)
	ended := make(chan error, 1)
	o := weirhttp.StreamOptions{WriteTimeout: 50 * time.Millisecond}
	s := httptest.NewServer(weirhttp.Stream(log, o, func(r *http.Request, log *weir.Logger) error {
		for r.Context().Err() == nil {
			log.Info(strings.Repeat("x", 10_000))
			if err := log.Flush(r.Context()); err != nil {
				break
			}
		}
		ended <- context.Cause(r.Context())
		return r.Context().Err()
	}))
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", s.Listener.Addr())
	if err := <-ended; !errors.Is(err, weirhttp.ErrClientLeft) {
		t.Errorf("the cause is %v", err)
	}
	conn.Close()
	s.Close()
	only(t, records(), "Stream ended before its work")
}

// TestStreamSilence: proxies cut connections that are silent for a minute.
func TestStreamSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			form weirhttp.Form
			sign string
		}{{weirhttp.FormText, "--- still running\n"}, {weirhttp.FormHTML, "<!-- still running -->"}} {
			log := weir.New("shop", weir.WithSink(&capture{}))
			h := weirhttp.Stream(log, weirhttp.StreamOptions{Form: c.form}, func(*http.Request, *weir.Logger) error {
				<-time.After(100 * time.Second)
				return nil
			})
			if body := do(h, http.MethodGet, "/", nil).Body.String(); strings.Count(body, c.sign) != 3 {
				t.Errorf("the body is %q", body)
			}
			if err := log.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
