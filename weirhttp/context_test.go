package weirhttp_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/weirhttp"
)

// The tests of the log-collector's clients about contexts, by their names: F-III,
// and section 3, "LAS Python" and "LAS JS".

func TestUserContextInsideAndOutside(t *testing.T) {
	log, records := newLogger(t)
	outer := context.Background()
	func() {
		ctx := weir.With(outer, "user_id", "user_123", "trace_id", "trace_xyz", "session_id", "sess_abc")
		log.InfoContext(ctx, "inside")
		helper(ctx, log)
	}()
	log.InfoContext(outer, "outside")
	for _, message := range []string{"inside", "in a function below"} {
		r := only(t, records(), message)
		if text(r, "user_id") != "user_123" || r.TraceID != "trace_xyz" || text(r, "session_id") != "sess_abc" {
			t.Errorf("%s: %v", message, r.Attrs)
		}
	}
	if r := only(t, records(), "outside"); text(r, "user_id") != "" || r.TraceID != "" {
		t.Errorf("outside: %v", r.Attrs)
	}
}

func helper(ctx context.Context, log *weir.Logger) { log.InfoContext(ctx, "in a function below") }

func TestNestedUserContextTenantAndUserBackToOuter(t *testing.T) {
	log, records := newLogger(t)
	tenant := weir.With(context.Background(), "tenant_id", "tenant_1")
	log.InfoContext(tenant, "tenant operation")
	user := weir.With(tenant, "user_id", "user_123")
	log.InfoContext(user, "user operation")
	log.InfoContext(tenant, "back")
	for message, want := range map[string][2]string{"tenant operation": {"tenant_1", ""}, "user operation": {"tenant_1", "user_123"}, "back": {"tenant_1", ""}} {
		r := only(t, records(), message)
		if text(r, "tenant_id") != want[0] || text(r, "user_id") != want[1] {
			t.Errorf("%s: %v", message, r.Attrs)
		}
	}
}

func TestHTTPAndUserContextCombined(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := weir.With(r.Context(), "user_id", "user_123")
		log.InfoContext(ctx, "combined")
		log.InfoContext(r.Context(), "request only")
	}))
	do(h, http.MethodGet, "/api/users", map[string]string{"X-Trace-Id": someTrace})
	r := only(t, records(), "combined")
	if text(r, "user_id") != "user_123" || text(r, "path") != "/api/users" || text(r, "method") != "GET" || r.TraceID != someTrace {
		t.Errorf("combined: %v", r.Attrs)
	}
	if r := only(t, records(), "request only"); text(r, "user_id") != "" || text(r, "path") != "/api/users" {
		t.Errorf("request only: %v", r.Attrs)
	}
}

func TestManualUserIDBeatsContext(t *testing.T) {
	log, records := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{UserID: true})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "of the header")
		log.InfoContext(r.Context(), "manual", "user_id", "user_manual")
		// The JS client overwrote own values that are empty with the context's.
		log.InfoContext(r.Context(), "manual and empty", "user_id", "")
	}))
	do(h, http.MethodGet, "/", map[string]string{"X-User-Id": "user_header"})
	for message, want := range map[string]string{"of the header": "user_header", "manual": "user_manual", "manual and empty": ""} {
		if got := text(only(t, records(), message), "user_id"); got != want {
			t.Errorf("%s: user_id is %q, want %q", message, got, want)
		}
	}
}

// TestContextsOfConcurrentRequests: LAS JS "async context" and "sequential contexts".
func TestContextsOfConcurrentRequests(t *testing.T) {
	log, records := newLogger(t)
	var both sync.WaitGroup
	both.Add(2)
	h := weirhttp.Middleware(log, weirhttp.Options{UserID: true})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		both.Done()
		both.Wait() // both requests are here at once
		done := make(chan struct{})
		go func() {
			defer close(done)
			log.InfoContext(r.Context(), "from "+r.URL.Path)
		}()
		<-done
	}))
	var wg sync.WaitGroup
	for _, user := range []string{"a", "b"} {
		wg.Go(func() { do(h, http.MethodGet, "/"+user, map[string]string{"X-User-Id": user}) })
	}
	wg.Wait()
	for _, user := range []string{"a", "b"} {
		r := only(t, records(), "from /"+user)
		if text(r, "user_id") != user || text(r, "path") != "/"+user {
			t.Errorf("%s: %v", user, r.Attrs)
		}
	}
}
