package dashboard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// output collects what a logger tells people.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// quiet takes the console's place.
type quiet struct{}

var _ weir.Sink = quiet{}

func (quiet) WriteBatch(context.Context, []record.Record) error { return nil }

func (quiet) Close() error { return nil }

// autoLogger is a logger with a page, in an environment that allows one.
func autoLogger(t *testing.T, opts ...dashboard.AutoOption) (*weir.Logger, *output, string) {
	t.Helper()
	t.Setenv("CI", "")
	t.Setenv("WEIR_DASHBOARD", "")
	out := &output{}
	log := weir.New("shop", weir.WithSink(quiet{}), weir.WithErrorOutput(out), dashboard.Auto(opts...))
	t.Cleanup(func() { log.Close() })
	url := regexp.MustCompile(`weir: live page on (http://\S+)\n`).FindStringSubmatch(out.String())
	if url == nil {
		t.Fatalf("no page was announced: %q", out)
	}
	return log, out, url[1]
}

func TestAuto(t *testing.T) {
	log, out, url := autoLogger(t, dashboard.Address("127.0.0.1:0"))
	r := open(t, url+"/api/v1/stream?after=c0")
	log.Info("hello", "user_id", "u1")
	log.Divider("deploy")
	var got []string
	for len(got) < 2 {
		e, ok := r.event()
		if !ok {
			t.Fatal("the stream ended")
		}
		if e.name == "record" {
			for _, rec := range e.records(t) {
				got = append(got, rec.Message)
			}
		}
	}
	if fmt.Sprint(got) != "[hello deploy]" {
		t.Errorf("the page shows %q", got)
	}
	if p, _ := search(t, url, "q=user_id:u1"); len(p.Records) != 1 {
		t.Errorf("the search finds %+v", p)
	}
	_, body := fetch(t, http.MethodGet, url+"/api/v1/stats", "")
	var stats struct {
		dashboard.Stats
		Logger struct {
			Emitted uint64 `json:"emitted"`
		} `json:"logger"`
	}
	if err := json.Unmarshal([]byte(body), &stats); err != nil || stats.Name != "shop" || stats.Role != "program" || stats.Records != 2 || stats.Logger.Emitted != 2 {
		t.Errorf("the stats are %s, %v", body, err)
	}
	// What is logged last is shown before the page ends.
	for range 500 {
		log.Info("last")
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	last := 0
	for {
		e, ok := r.event()
		if !ok {
			break
		}
		if e.name == "record" {
			last += len(e.records(t))
		}
	}
	if last != 500 {
		t.Errorf("%d of the last 500 records were shown", last)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
		t.Error("the page is served after Close")
	}
	if strings.Count(out.String(), "\n") != 1 {
		t.Errorf("the logger says %q", out)
	}
}

func TestAutoTakesTheNextFreePort(t *testing.T) {
	_, _, first := autoLogger(t, dashboard.Address("127.0.0.1:0"))
	_, _, second := autoLogger(t, dashboard.Address(strings.TrimPrefix(first, "http://")))
	if first == second {
		t.Errorf("both are on %s", first)
	}
	if resp, _ := fetch(t, http.MethodGet, second+"/api/v1/stats", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", second, resp.Status)
	}
}

func TestAutoThatCannotListenIsToldOnce(t *testing.T) {
	t.Setenv("CI", "")
	t.Setenv("WEIR_DASHBOARD", "")
	out := &output{}
	log := weir.New("shop", weir.WithSink(quiet{}), weir.WithErrorOutput(out), dashboard.Auto(dashboard.Address("203.0.113.1:5678")))
	log.Info("the program goes on")
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "WEIR_DASHBOARD=off") {
		t.Errorf("the logger says %q", got)
	}
}

func TestAutoIsSilentWhereItIsTurnedOff(t *testing.T) {
	for _, tt := range []struct {
		ci, dashboard string
		off           bool
	}{
		{"true", "", true},
		{"1", "", true},
		{"yes", "", true},
		{"woodpecker", "on", true},
		{"", "off", true},
		{"", "0", true},
		{"", "False", true},
		{"", "no", true},
		{"", "", false},
		{"false", "", false},
		{"0", "on", false},
	} {
		t.Setenv("CI", tt.ci)
		t.Setenv("WEIR_DASHBOARD", tt.dashboard)
		var o weir.Options
		dashboard.Auto()(&o)
		if off := len(o.Sinks) == 0; off != tt.off {
			t.Errorf("CI=%q WEIR_DASHBOARD=%q: off is %v", tt.ci, tt.dashboard, off)
		}
	}
}

func TestAutoCloseDoesNotWaitForAViewerThatDoesNotRead(t *testing.T) {
	log, _, url := autoLogger(t, dashboard.Address("127.0.0.1:0"))
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /api/v1/stream?after=c0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
	for range 200 {
		log.Info(strings.Repeat("x", 50<<10))
	}
	begun := time.Now()
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("Close took %v", took)
	}
}

func TestHandler(t *testing.T) {
	log := weir.New("shop", weir.WithSink(quiet{}), weir.WithErrorOutput(os.Stderr))
	mux := http.NewServeMux()
	mux.Handle("/debug/weir/", http.StripPrefix("/debug/weir", dashboard.Handler(log, dashboard.Memory(hub.Options{MaxRecords: 2}))))
	base := newHTTP(t, mux) + "/debug/weir"
	log.Info("one")
	log.Info("two")
	log.Warn("three")
	if err := log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p, _ := search(t, base, ""); len(p.Records) != 2 || p.Reason != "evicted" {
		t.Errorf("got %+v", p)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if p, _ := search(t, base, "q=level:warn"); len(p.Records) != 1 {
		t.Errorf("after Close: %+v", p)
	}
	late := newHTTP(t, dashboard.Handler(log))
	if _, body := fetch(t, http.MethodGet, late+"/api/v1/tail", ""); !strings.Contains(body, "the log has ended") {
		t.Errorf("a handler for a closed logger: %s", body)
	}
}

// TestHandlerTwice: each call is a page of its own, with its own memory, beside the other.
func TestHandlerTwice(t *testing.T) {
	log := weir.New("shop", weir.WithSink(quiet{}), weir.WithErrorOutput(os.Stderr))
	defer log.Close()
	small := newHTTP(t, dashboard.Handler(log, dashboard.Memory(hub.Options{MaxRecords: 2})))
	for range 3 {
		log.Info("early")
	}
	large := newHTTP(t, dashboard.Handler(log))
	log.Info("late")
	if err := log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]int{small: 2, large: 1} {
		if p, _ := search(t, base, ""); len(p.Records) != want {
			t.Errorf("%d records, want %d", len(p.Records), want)
		}
	}
	pages := 0
	for _, s := range log.Stats().Sinks {
		if s.Name == "page" {
			pages++
		}
	}
	if pages != 2 {
		t.Errorf("%+v", log.Stats().Sinks)
	}
}
