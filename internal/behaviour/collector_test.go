package behaviour_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/ship"
	"github.com/weirlog/weir/weirhttp"
	"github.com/weirlog/weir/weirtest"
)

// TestFIIIDefaultsOfTheClient: batch_size, flush_interval, max_queue_size and the size from
// which a batch is packed.
func TestFIIIDefaultsOfTheClient(t *testing.T) {
	if ship.DefaultBatchRecords != 1000 || ship.DefaultFlushInterval != time.Second || ship.DefaultQueueRecords != 10_000 || ship.DefaultGzipFrom != 100 {
		t.Error("they are others")
	}
	server := newLogServer(t)
	sink := server.client(ship.Options{FlushInterval: time.Hour})
	log := weir.New("pay", weir.WithSink(sink), weir.WithResource(record.Resource{
		Service: "payment-api", Environment: "production", ServiceVersion: "v1.2.3", LogType: "BACKEND",
	}))
	for range 99 {
		log.Info("m")
	}
	mustDo(t, log.Flush(t.Context()))
	mustDo(t, sink.Flush(t.Context()))
	for range 1100 {
		log.Info("m")
	}
	mustDo(t, log.Close())
	if sizes := []int{server.batch(), server.batch(), server.batch()}; sizes[0] != 99 || sizes[1] != 1000 || sizes[2] != 100 || server.packed != 2 {
		t.Errorf("batches of %v, %d packed", sizes, server.packed)
	}
	for _, entry := range server.all() {
		if entry["service"] != "payment-api" || entry["environment"] != "production" || entry["service_version"] != "v1.2.3" || entry["log_type"] != "BACKEND" {
			t.Fatalf("%v", entry)
		}
	}
}

// TestFIIIMergePriority: a call's own values, then its context, the inner one first, then
// what the logger adds, then what all loggers have. The place of the call stands where
// nobody has named one.
func TestFIIIMergePriority(t *testing.T) {
	log, c := weirtest.New(t)
	log.SetDefaults("who", "common", "a", "common", "b", "common", "c", "common", "d", "common")
	bound := log.With("who", "logger", "b", "logger", "c", "logger", "d", "logger")
	request := weir.With(t.Context(), "who", "request", "c", "request", "d", "request")
	user := weir.With(request, "who", "user", "d", "user")
	bound.InfoContext(user, "m", "who", "call")
	weirtest.AssertLogged(t, c, weir.LevelInfo, "m", slog.String("who", "call"), slog.String("d", "user"),
		slog.String("c", "request"), slog.String("b", "logger"), slog.String("a", "common"))
	r := c.Records()[0]
	if !strings.HasSuffix(value(r, "function_name"), ".TestFIIIMergePriority") {
		t.Errorf("the caller is %s", value(r, "function_name"))
	}
	if n := strings.Count(string(record.AppendJSON(nil, &r)), `"who"`); n != 1 {
		t.Errorf("who is there %d times", n)
	}
}

// TestFIIISetGetClearContext: set_, get_ and clear_user_context and _request_context.
func TestFIIISetGetClearContext(t *testing.T) {
	log, c := weirtest.New(t)
	ctx := weir.With(t.Context(), "user_id", "user_123", "session_id", "sess_abc")
	own := log.WithContext(ctx)
	own.Info("User action")
	if got := weir.ContextAttrs(ctx); len(got) != 2 || got[0].Value.String() != "user_123" {
		t.Errorf("get: %v", got)
	}
	log.InfoContext(weir.WithoutContext(ctx), "cleared")
	own.Fresh().Info("cleared, too")
	r := c.Records()
	if value(r[0], "user_id") != "user_123" || value(r[0], "session_id") != "sess_abc" {
		t.Errorf("set: %v", r[0].Attrs)
	}
	for _, r := range r[1:] {
		if value(r, "user_id") != "" {
			t.Errorf("%s: %v", r.Message, r.Attrs)
		}
	}
}

// TestFIIITimerAsContextManager: `with logger.timer("…")`, also when the block fails.
func TestFIIITimerAsContextManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, c := weirtest.New(t)
		block := func() (err error) {
			timer := log.StartTimer()
			defer func() { timer.End(t.Context(), weir.LevelInfo, "block") }()
			time.Sleep(20 * time.Millisecond)
			return errors.New("failed")
		}
		if block() == nil {
			t.Error("the error is gone")
		}
		weirtest.AssertLogged(t, c, weir.LevelInfo, "block", slog.Int("duration_ms", 20))
	})
}

// TestFIIIErrorWithTrace: the four fields, with metadata of the call's own; F-IV has the
// same.
func TestFIIIErrorWithTrace(t *testing.T) {
	log, c := weirtest.New(t)
	_, file, _, _ := runtime.Caller(0)
	log.Err(t.Context(), failsInside(), "Operation failed", "order", 4711)
	r := c.Records()[0]
	if value(r, "error_type") != "*errors.errorString" || value(r, "file_path") != file || !strings.HasSuffix(value(r, "function_name"), ".failsInside") ||
		!strings.Contains(value(r, "stack_trace"), ".TestFIIIErrorWithTrace\n") || value(r, "order") != "4711" {
		t.Errorf("%v", r.Attrs)
	}
}

//go:noinline
func failsInside() error { return weir.WithStack(errors.New("risky")) }

// TestFIVMeasure: a value or an error comes through, in the same goroutine or another, and
// the function's name is the caller's.
func TestFIVMeasure(t *testing.T) {
	log, c := weirtest.New(t)
	failure := errors.New("no answer")
	n, err := weir.MeasureValue(log, t.Context(), "sum", func(context.Context) (int, error) { return 42, nil })
	if n != 42 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	later := make(chan error)
	go func() {
		later <- log.Measure(t.Context(), "fetch", func(context.Context) error { return failure })
	}()
	if err := <-later; !errors.Is(err, failure) {
		t.Errorf("the error became %v", err)
	}
	mustLog(t, c, "INFO sum completed", "ERROR fetch failed")
	for _, r := range c.Records() {
		if !strings.Contains(value(r, "function_name"), "TestFIVMeasure") || value(r, "duration_ms") == "" {
			t.Errorf("%s: %v", r.Message, r.Attrs)
		}
	}
}

// TestFIVRunWithContext: what a function and all that it calls and starts log has the
// context; what comes after has not.
func TestFIVRunWithContext(t *testing.T) {
	log, c := weirtest.New(t)
	run := func(ctx context.Context) {
		log.InfoContext(ctx, "in it")
		done := make(chan struct{})
		go func() { defer close(done); log.InfoContext(ctx, "later") }()
		<-done
	}
	run(weir.With(t.Context(), "path", "/api/users", "method", "GET"))
	log.InfoContext(t.Context(), "after")
	for i, want := range []string{"/api/users", "/api/users", ""} {
		if r := c.Records()[i]; value(r, "path") != want {
			t.Errorf("%s: path %q", r.Message, value(r, "path"))
		}
	}
}

// TestFIIIMiddlewareOfTheDocument: the document's FastAPI example, "Request received" and
// "Request completed" with the context between them.
func TestFIIIMiddlewareOfTheDocument(t *testing.T) {
	log, c := weirtest.New(t)
	users := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "Fetching user 7") })
	r := httptest.NewRequest(http.MethodGet, "/api/users/7", nil)
	r.Header.Set("X-User-Id", "user_123")
	w := httptest.NewRecorder()
	weirhttp.Middleware(log, weirhttp.Options{Received: true, UserID: true})(users).ServeHTTP(w, r)
	mustLog(t, c, "INFO Request received", "INFO Fetching user 7", "INFO Request completed")
	for _, r := range c.Records() {
		if value(r, "path") != "/api/users/7" || value(r, "method") != "GET" || value(r, "ip") != "192.0.2.1" || value(r, "user_id") != "user_123" ||
			len(r.TraceID) != 32 || r.TraceID != w.Header().Get("X-Trace-Id") {
			t.Errorf("%s: trace %s, %v", r.Message, r.TraceID, r.Attrs)
		}
	}
	if last := c.Records()[2]; value(last, "status_code") != "200" || value(last, "duration_ms") == "" {
		t.Errorf("%v", last.Attrs)
	}
}
