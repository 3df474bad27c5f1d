package weirhttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/weirhttp"
)

const (
	someTrace = "0af7651916cd43dd8448eb211c80319c"
	someSpan  = "b7ad6b7169203331"
)

// TestRequestContext: F-III, "HTTP context": path, method, ip and trace_id are on
// every record of a request.
func TestRequestContext(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "Fetching user", "user_id_param", 7)
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte("made"))
	}))
	w := do(h, http.MethodPost, "/api/users/7?token=secret", map[string]string{
		"User-Agent": "probe/1", "X-Request-Id": "r-1", "X-User-Id": "u-1",
		"Traceparent": "00-" + someTrace + "-" + someSpan + "-01",
	})
	all := records()
	for _, r := range all {
		for key, want := range map[string]string{
			"path": "/api/users/7", "method": "POST", "ip": "192.0.2.1", "user_agent": "probe/1", "request_id": "r-1",
			"trace_id": someTrace, "span_id": someSpan, "user_id": "",
		} {
			if got := text(r, key); got != want {
				t.Errorf("%s: %s is %q, want %q", r.Message, key, got, want)
			}
		}
	}
	if len(all) != 2 {
		t.Fatalf("the records are %v", messages(all))
	}
	done := only(t, all, "Request completed")
	if text(done, "status_code") != "201" || text(done, "bytes") != "4" || done.Severity != severity(weir.LevelInfo) {
		t.Errorf("completed: %v %v", done.Severity, done.Attrs)
	}
	if text(done, "function_name") != "" || text(only(t, all, "Fetching user"), "function_name") == "" {
		t.Error("the place of a call is the program's, never the middleware's")
	}
	if got := w.Header().Get("X-Trace-Id"); got != someTrace {
		t.Errorf("X-Trace-Id is %q", got)
	}
}

func TestTraceIsMadeAndReturned(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{TraceHeader: "x-my-trace"})(http.NotFoundHandler())
	w := do(h, http.MethodGet, "/", nil)
	id := w.Header().Get("X-My-Trace")
	if len(id) != 32 || only(t, records(), "Request completed").TraceID != id {
		t.Errorf("returned %q, logged %q", id, records()[0].TraceID)
	}
}

func TestReceivedUserAndAttrs(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{
		Received: true, UserID: true,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		Attrs: func(r *http.Request) []slog.Attr {
			return []slog.Attr{slog.String("tenant_id", r.Header.Get("X-Tenant"))}
		},
	})(http.NotFoundHandler())
	do(h, http.MethodGet, "/", map[string]string{"X-User-Id": "u-1", "X-Tenant": "t-1", "X-Forwarded-For": "198.51.100.1"})
	all := records()
	if len(all) != 2 || all[0].Message != "Request received" || all[1].Message != "Request completed" {
		t.Fatalf("the records are %v", messages(all))
	}
	for _, r := range all {
		if text(r, "user_id") != "u-1" || text(r, "tenant_id") != "t-1" || text(r, "ip") != "198.51.100.1" {
			t.Errorf("%s: %v", r.Message, r.Attrs)
		}
	}
	if all[1].Severity != severity(weir.LevelWarn) || text(all[1], "status_code") != "404" {
		t.Errorf("completed: %v %v", all[1].Severity, all[1].Attrs)
	}
}

func TestLevelByStatus(t *testing.T) {
	log, records := newLogger(t)
	for status, want := range map[int]slog.Level{200: weir.LevelInfo, 302: weir.LevelInfo, 404: weir.LevelWarn, 503: weir.LevelError} {
		before := len(records())
		h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		do(h, http.MethodGet, "/", nil)
		if got := records()[before].Severity; got != severity(want) {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
	before := len(records())
	h := weirhttp.Middleware(log, weirhttp.Options{Level: func(int) slog.Level { return weir.LevelDebug }})(http.NotFoundHandler())
	do(h, http.MethodGet, "/", nil)
	if len(records()) != before {
		t.Error("a level that is not enabled was logged")
	}
}

func TestSkipKeepsTheContext(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{
		Received: true,
		Skip:     func(r *http.Request) bool { return r.URL.Path == "/healthz" },
	})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "inside") }))
	do(h, http.MethodGet, "/healthz", nil)
	if all := records(); len(all) != 1 || text(all[0], "path") != "/healthz" {
		t.Errorf("the records are %v", all)
	}
}

// TestDurationIsMonotonic: the clients that this replaces measured with the wall clock.
func TestDurationIsMonotonic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &capture{}
		log := weir.New("shop", weir.WithSink(c))
		h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-time.After(1500 * time.Millisecond) }))
		do(h, http.MethodGet, "/", nil)
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if got := text(c.records[0], "duration_ms"); got != "1500" {
			t.Errorf("duration_ms is %s", got)
		}
	})
}

// TestRoute: the pattern is known before the handler when the middleware is inside
// the mux, and afterwards when it is around it.
func TestRoute(t *testing.T) {
	log, records := newLogger(t)
	inner := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "inside") })
	middleware := weirhttp.Middleware(log, weirhttp.Options{})

	around := http.NewServeMux()
	around.Handle("GET /users/{id}", inner)
	do(middleware(around), http.MethodGet, "/users/7", nil)
	inside := http.NewServeMux()
	inside.Handle("GET /users/{id}", middleware(inner))
	do(inside, http.MethodGet, "/users/7", nil)

	all := records()
	if len(all) != 4 {
		t.Fatalf("the records are %v", messages(all))
	}
	for i, want := range []string{"", "GET /users/{id}", "GET /users/{id}", "GET /users/{id}"} {
		if got := text(all[i], "route"); got != want || count(all[i], "route") > 1 {
			t.Errorf("%d %s: route is %q, want %q", i, all[i].Message, got, want)
		}
	}
}

func explode() { panic(errors.New("boom")) }

func TestPanicIsLoggedAndAnswered(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		explode()
	}))
	w := do(h, http.MethodGet, "/orders", nil)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("answered %d %q", w.Code, w.Body)
	}
	r := only(t, records(), "Panic in a handler")
	if r.Severity != severity(weir.LevelError) || text(r, "error") != "boom" || text(r, "error_type") != "*errors.errorString" || text(r, "path") != "/orders" {
		t.Errorf("panic: %v %v", r.Severity, r.Attrs)
	}
	first, _, _ := strings.Cut(text(r, "stack_trace"), "\n")
	if !strings.HasSuffix(first, ".explode") || !strings.HasSuffix(text(r, "function_name"), ".explode") || text(r, "panic") != "true" {
		t.Errorf("the stack does not begin where it happened:\n%s", text(r, "stack_trace"))
	}
	done := only(t, records(), "Request completed")
	if text(done, "status_code") != "500" || done.Severity != severity(weir.LevelError) || text(done, "aborted") != "" {
		t.Errorf("completed: %v", done.Attrs)
	}
}

// TestPanicOverBytesCutsTheConnection: the client must not take half an answer for a
// whole one.
func TestPanicOverBytesCutsTheConnection(t *testing.T) {
	log, records := newLogger(t)
	s := httptest.NewUnstartedServer(weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		w.(http.Flusher).Flush()
		panic("boom")
	})))
	var serverLog strings.Builder
	s.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(&serverLog, nil), slog.LevelError)
	s.Start()
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err == nil || string(body) != "half" {
		t.Errorf("read %q, error %v", body, err)
	}
	s.Close()
	if serverLog.Len() > 0 {
		t.Errorf("the server logged it as well: %s", serverLog.String())
	}
	if only(t, records(), "Panic in a handler"); text(only(t, records(), "Request completed"), "aborted") != "true" {
		t.Error("the record does not say that the answer is not whole")
	}
}

func recovered(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

func TestErrAbortHandlerIsPassedOn(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	if p := recovered(func() { do(h, http.MethodGet, "/", nil) }); p != any(http.ErrAbortHandler) {
		t.Errorf("raised %v", p)
	}
	if all := records(); len(all) != 1 || text(all[0], "aborted") != "true" {
		t.Errorf("the records are %v", all)
	}
}

func TestRepanic(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{Repanic: true})(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	var w *httptest.ResponseRecorder
	if p := recovered(func() { w = do(h, http.MethodGet, "/", nil) }); p != "boom" || w != nil {
		t.Errorf("raised %v", p)
	}
	only(t, records(), "Panic in a handler")
	if got := text(only(t, records(), "Request completed"), "status_code"); got != "500" {
		t.Errorf("status_code is %s", got)
	}
}

func TestWhatClientsWriteIsBounded(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{UserID: true})(http.NotFoundHandler())
	long := strings.Repeat("ä", 100_000)
	do(h, http.MethodGet, "/", map[string]string{"User-Agent": long, "X-Request-Id": long, "X-User-Id": long, "X-Trace-Id": long})
	r := records()[0]
	for _, key := range []string{"user_agent", "request_id", "user_id"} {
		if got := text(r, key); len(got) > 512 || !strings.HasSuffix(got, "ä…") {
			t.Errorf("%s has %d bytes: %.40q", key, len(got), got)
		}
	}
	if len(r.TraceID) != 32 {
		t.Errorf("trace_id is %q", r.TraceID)
	}
}

// TestOptionsTrace: with OpenTelemetry the span decides, and its ids are the logger's
// to write.
func TestOptionsTrace(t *testing.T) {
	span := func(ctx context.Context) (string, string) { return someTrace, someSpan }
	log, records := newLogger(t, func(o *weir.Options) { o.Trace = span })
	h := weirhttp.Middleware(log, weirhttp.Options{Trace: span})(http.NotFoundHandler())
	w := do(h, http.MethodGet, "/", map[string]string{"X-Trace-Id": "other"})
	if r := records()[0]; r.TraceID != someTrace || r.SpanID != someSpan || w.Header().Get("X-Trace-Id") != someTrace {
		t.Errorf("logged %s %s, returned %s", r.TraceID, r.SpanID, w.Header().Get("X-Trace-Id"))
	}
}

func TestBadOptionsAreTold(t *testing.T) {
	var told strings.Builder
	log, records := newLogger(t, weir.WithErrorOutput(&told))
	h := weirhttp.Middleware(log, weirhttp.Options{ForwardedHeader: "X-Client"})(http.NotFoundHandler())
	do(h, http.MethodGet, "/", nil)
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(told.String(), "X-Client") || text(records()[0], "ip") != "192.0.2.1" {
		t.Errorf("told %q, logged %v", told.String(), records()[0].Attrs)
	}
}

func ExampleMiddleware() {
	log := weir.New("shop", weir.WithSink(lines{os.Stdout}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "Fetching user", "user_id_param", r.PathValue("id"))
	})
	handler := weirhttp.Middleware(log, weirhttp.Options{})(mux)

	r := httptest.NewRequest(http.MethodGet, "/users/7", nil)
	r.Header.Set("X-Trace-Id", "0af76519-16cd-43dd-8448-eb211c80319c")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	log.Close()
	// Output:
	// INFO Fetching user trace=0af7651916cd43dd8448eb211c80319c path=/users/7
	// INFO Request completed trace=0af7651916cd43dd8448eb211c80319c path=/users/7
}
