package weirhttp_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/weirhttp"
)

// TestB2StreamLineByLine: B2, each line is there before the next one is logged; no script is
// needed.
func TestB2StreamLineByLine(t *testing.T) {
	log, _ := newLogger(t)
	step := make(chan struct{})
	h := weirhttp.Stream(log, weirhttp.StreamOptions{Opening: "opening"}, func(r *http.Request, log *weir.Logger) error {
		for i := range 3 {
			select {
			case <-step:
				log.Info(fmt.Sprint("line ", i))
			case <-r.Context().Done():
			}
		}
		return nil
	})
	s := httptest.NewServer(weirhttp.Middleware(log, weirhttp.Options{})(h))
	defer s.Close()
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewReader(resp.Body)
	for i, want := range []string{"opening", "line 0", "line 1", "line 2"} {
		if i > 0 {
			step <- struct{}{}
		}
		line, err := in.ReadString('\n')
		if err != nil || !strings.HasSuffix(line, want+"\n") {
			t.Fatalf("read %q, %v, want %s", line, err, want)
		}
	}
	if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
		t.Errorf("then %q, %v", rest, err)
	}
}

// TestStreamIsolation: with a handler on the root logger every request saw all others'
// records. Here two run at once, while the program logs too.
func TestStreamIsolation(t *testing.T) {
	log, records := newLogger(t)
	var both sync.WaitGroup
	both.Add(2)
	h := weirhttp.Stream(log, weirhttp.StreamOptions{}, func(r *http.Request, own *weir.Logger) error {
		both.Done()
		both.Wait()
		for i := range 50 {
			own.Info(fmt.Sprint("of ", r.URL.Path, " ", i))
			log.InfoContext(r.Context(), "with the context of "+r.URL.Path)
			log.Info("of the program")
		}
		return nil
	})
	var wg sync.WaitGroup
	for _, path := range []string{"/a", "/b"} {
		wg.Go(func() {
			body := do(h, http.MethodGet, path, nil).Body.String()
			if n := strings.Count(body, "\n"); n != 100 || strings.Count(body, path) != 100 {
				t.Errorf("%s got %d lines, %d of its own:\n%s", path, n, strings.Count(body, path), body)
			}
		})
	}
	wg.Wait()
	if n := len(records()); n != 300 {
		t.Errorf("%d records went their usual way", n)
	}
}

// TestStreamLeavesNoTrace: the level of the root logger was changed for good.
func TestStreamLeavesNoTrace(t *testing.T) {
	log, records := newLogger(t, weir.WithLevel(weir.LevelWarn))
	before := fmt.Sprint(log.Levels())
	sinks := len(log.Stats().Sinks)
	var later *weir.Logger
	h := weirhttp.Stream(log, weirhttp.StreamOptions{}, func(_ *http.Request, log *weir.Logger) error {
		log.Info("below the level")
		log.Warn("at the level")
		later = log
		return nil
	})
	w := do(h, http.MethodGet, "/", nil)
	if body := w.Body.String(); strings.Count(body, "\n") != 1 || !strings.Contains(body, "at the level") {
		t.Errorf("the body is %q", body)
	}
	later.Warn("after the stream")
	if n := len(records()); n != 2 || strings.Contains(w.Body.String(), "after") {
		t.Errorf("%d records; the body is %q", n, w.Body)
	}
	if after := fmt.Sprint(log.Levels()); after != before || log.Enabled(context.Background(), weir.LevelInfo) {
		t.Errorf("levels %s became %s", before, after)
	}
	if n := len(log.Stats().Sinks); n != sinks {
		t.Errorf("%d sinks became %d", sinks, n)
	}
}

// TestStreamBody: fn may read a body that is longer than what the server would keep for
// it once the answer has begun.
func TestStreamBody(t *testing.T) {
	log, _ := newLogger(t)
	s := httptest.NewServer(weirhttp.Stream(log, weirhttp.StreamOptions{Opening: "reading"}, func(r *http.Request, log *weir.Logger) error {
		n, err := io.Copy(io.Discard, r.Body)
		log.Info(fmt.Sprintf("read %d bytes", n))
		return err
	}))
	defer s.Close()
	resp, err := http.Post(s.URL, "text/csv", bytes.NewReader(make([]byte, 4<<20)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(body), "read 4194304 bytes") {
		t.Errorf("%q, %v", body, err)
	}
}

func TestStreamHeadRunsNothing(t *testing.T) {
	log, _ := newLogger(t)
	h := weirhttp.Stream(log, weirhttp.StreamOptions{}, func(*http.Request, *weir.Logger) error {
		t.Error("HEAD ran the work")
		return nil
	})
	if w := do(h, http.MethodHead, "/", nil); w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("the headers are %v", w.Header())
	}
}

func TestStreamOfAClosedLogger(t *testing.T) {
	log, _ := newLogger(t)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	h := weirhttp.Stream(log, weirhttp.StreamOptions{}, func(*http.Request, *weir.Logger) error {
		t.Error("the work ran without a stream")
		return nil
	})
	if w := do(h, http.MethodGet, "/", nil); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "closed") {
		t.Errorf("answered %d %q", w.Code, w.Body)
	}
}

// TestStreamAbort: http.ErrAbortHandler cuts the connection from inside the work too.
func TestStreamAbort(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Stream(log, weirhttp.StreamOptions{}, func(*http.Request, *weir.Logger) error { panic(http.ErrAbortHandler) })
	if p := recovered(func() { do(h, http.MethodGet, "/", nil) }); p != any(http.ErrAbortHandler) {
		t.Errorf("raised %v", p)
	}
	if all := records(); len(all) > 0 {
		t.Errorf("logged %v", messages(all))
	}
}

// TestStreamInsideMiddleware: the attributes of the request are on the streamed
// records.
func TestStreamInsideMiddleware(t *testing.T) {
	log, _ := newLogger(t)
	h := weirhttp.Stream(log, weirhttp.StreamOptions{Format: attrsOnly{}}, func(_ *http.Request, log *weir.Logger) error {
		log.Info("m", "n", 1)
		return nil
	})
	w := do(weirhttp.Middleware(log, weirhttp.Options{})(h), http.MethodGet, "/import", map[string]string{"X-Trace-Id": someTrace})
	if got := w.Body.String(); got != "/import 1 "+someTrace+"\n" {
		t.Errorf("the body is %q", got)
	}
}

type attrsOnly struct{}

func (attrsOnly) Append(b []byte, r *record.Record) []byte {
	return fmt.Appendln(b, text(*r, "path"), text(*r, "n"), r.TraceID)
}

func ExampleStream() {
	log := weir.New("shop", weir.WithSink(weir.ConfigureSink(&capture{}, weir.SinkOptions{})))
	defer log.Close()
	layout, err := format.Text("%(levelname)s %(message)s", format.TextOptions{})
	if err != nil {
		panic(err)
	}
	o := weirhttp.StreamOptions{Format: layout, Opening: "Starting import...", Closing: "Import finished."}
	http.Handle("/import", weirhttp.Stream(log, o, func(r *http.Request, log *weir.Logger) error {
		for i := range 2 {
			log.Info("row imported", slog.Int("row", i))
		}
		return nil
	}))

	w := httptest.NewRecorder()
	http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/import", nil))
	fmt.Print(w.Body)
	// Output:
	// Starting import...
	// INFO row imported
	// INFO row imported
	// Import finished.
}
