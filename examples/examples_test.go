// Package examples_test builds the examples and tries each as a user would.
package examples_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// buildTimeout is for a slow machine with an empty cache.
	buildTimeout = 10 * time.Minute
	// runTimeout is far beyond what an example takes.
	runTimeout = 30 * time.Second
)

var bin string // the folder with the programs

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "weir-examples-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	build := exec.CommandContext(ctx, "go", "build", "-o", dir+string(filepath.Separator), "./...")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	code := 1
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the examples:", err)
	} else {
		bin = dir
		code = m.Run()
	}
	cancel()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// command prepares an example in a folder of its own.
func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	c := exec.CommandContext(ctx, filepath.Join(bin, name), args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "CI=true", "WEIR_LEVEL=", "WEIR_LEVELS=", "WEIR_CHECKPOINTS=", "WEIR_SERVICE=", "SERVICE_NAME=", "NO_COLOR=1", "TZ=UTC")
	return c
}

// run returns what an example prints, on both outputs.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), runTimeout)
	defer cancel()
	out, err := command(ctx, dir, name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// inOrder checks that texts occur one after the other.
func inOrder(t *testing.T, out string, texts ...string) {
	t.Helper()
	rest := out
	for _, text := range texts {
		_, after, ok := strings.Cut(rest, text)
		if !ok {
			t.Errorf("%q is missing, or out of order, in\n%s", text, out)
			return
		}
		rest = after
	}
}

func TestTraining(t *testing.T) {
	dir := t.TempDir()
	first := run(t, dir, "training", "-epochs", "2", "-step", "0")
	inOrder(t, first, "checkpoint not found", "epoch 1 of 2", "status=DONE done=100 total=100", "epoch done tag=training",
		"status=IN_PROGRESS progress=50", "validated tag=validation", "epoch 2 of 2", "status=DONE progress=100")
	second := run(t, dir, "training", "-epochs", "3", "-step", "0")
	inOrder(t, second, "resuming after_epoch=2", "epoch 3 of 3", "status=DONE progress=100")
	if strings.Contains(second, "epoch 2 of 3") {
		t.Errorf("it did not go on from the checkpoint:\n%s", second)
	}
	inOrder(t, run(t, dir, "training", "-epochs", "3", "-step", "0"), "trained already")
	inOrder(t, run(t, dir, "training", "-epochs", "1", "-step", "0", "-fresh"), "epoch 1 of 1")
}

func TestPipeline(t *testing.T) {
	out := run(t, t.TempDir(), "pipeline")
	inOrder(t, out, "Begin: pipeline", "ingestion", "first_email=[REDACTED] first_card=[REDACTED]", "row refused tag=validation order=1003",
		"valid=5 refused=3", "status=DONE", "write completed", "End (0.00): pipeline", "row refused (repeated 2 times)")
	for _, secret := range []string{"@example.com", "4111"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s came out:\n%s", secret, out)
		}
	}
}

func TestOtel(t *testing.T) {
	out := run(t, t.TempDir(), "otel")
	if n := strings.Count(out, "trace_id=0af7651916cd43dd8448eb211c80319c"); n != 3 {
		t.Errorf("%d records have the trace:\n%s", n, out)
	}
	if strings.Contains(out, "b7ad6b7169203331") || strings.Count(out, "span_id=") != 3 {
		t.Errorf("the records have the caller's span, or none:\n%s", out)
	}
	inOrder(t, out, "returned in the trace 0af7651916cd43dd8448eb211c80319c")
}

func TestAdapters(t *testing.T) {
	inOrder(t, run(t, t.TempDir(), "adapters"), "INFO  adapters.zap from zap", "user_id=u-1", "WARN  adapters from zerolog",
		"ERROR adapters from logrus", "INFO  adapters.std from the standard log", "INFO  adapters from log/slog")
}

func TestMigrate(t *testing.T) {
	out := run(t, t.TempDir(), "migrate")
	inOrder(t, out, "== pulselog ==", "training started epoch=1", "FATAL my-app out of memory", "status=DONE progress=33", "loaded acc=0.91",
		"val loss tag=validation", "epoch boundary ──", "dropped 0",
		"== ko-log ==", "Rate limit exceeded component=auth env=prod", "unbind error=", "Processing request_id=abc123", "Begin: Database query", "Error in Database query", "End (0.00): Database query", "my-app.audit",
		"== log-collector ==", "tenant_id=tenant_1 user_id=user_123", "Manual user_id=manual", "Operation completed duration_ms=", "Operation failed error=risky", "Fetching user 7")
}

// server is an example that serves.
type server struct {
	t   *testing.T
	url string
	cmd *exec.Cmd
	out *output
}

// output keeps what a program prints.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// serve starts an example on a free port and waits until it listens.
func serve(t *testing.T, name string, env ...string) *server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), runTimeout)
	t.Cleanup(cancel)
	s := &server{t: t, out: &output{}, cmd: command(ctx, t.TempDir(), name, "-listen", "127.0.0.1:0")}
	s.cmd.Env = append(s.cmd.Env, env...)
	s.cmd.Stderr = s.out
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("%s does not listen: %v\n%s", name, err, s.out)
	}
	s.url = strings.TrimPrefix(strings.TrimSpace(line), "listening on ")
	return s
}

// stop interrupts it and returns what it has logged.
func (s *server) stop() string {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Error(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("it ends with %v\n%s", err, s.out)
	}
	return s.out.String()
}

// ask sends a request and returns status and body.
func (s *server) ask(method, path, body string, header ...string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Timeout: runTimeout}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Errorf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, string(text)
}

func TestWebservice(t *testing.T) {
	s := serve(t, "webservice")
	if status, body := s.ask("GET", "/hello/Ada", ""); status != 200 || body != "Hello, Ada.\n" {
		t.Errorf("answered %d %q", status, body)
	}
	const trace = "0af7651916cd43dd8448eb211c80319c"
	if _, body := s.ask("GET", "/relay", "", "X-Trace-Id", trace); body != "It answered 200 OK in the trace "+trace+".\n" {
		t.Errorf("relay answered %q", body)
	}
	_, text := s.ask("GET", "/import", "")
	inOrder(t, text, "Starting import...\n", " - webservice - INFO - row 0 imported\n", " - WARNING - row 7 has", "row 9 imported\nImport finished.\n")
	_, page := s.ask("GET", "/import?fail=1", "", "Accept", "text/html")
	inOrder(t, page, "<!DOCTYPE html>", "<title>Import</title>", "Starting import...\n", "row 5 imported", "failed: row 6: the table &lt;clients&gt; is gone", "</html>\n")
	if status, _ := s.ask("GET", "/panic", ""); status != 500 {
		t.Errorf("a panic answered %d", status)
	}
	if status, _ := s.ask("GET", "/debug/weir/api/v1/stats", ""); status != 200 {
		t.Errorf("the page answered %d", status)
	}
	s.ask("GET", "/healthz", "")
	logged := s.stop()
	inOrder(t, logged, "greeting path=/hello/Ada", "name=relay trace_id="+trace, "row 9 imported path=/import", "Stream failed", "Panic in a handler", "status_code=500", "shutting down")
	if strings.Contains(logged, "/healthz") {
		t.Errorf("health checks are logged:\n%s", logged)
	}
}

func TestFrameworks(t *testing.T) {
	for name, route := range map[string]string{"gin": "/users/:id", "echo": "/users/:id", "chi": "/users/{id}", "gorilla": "/users/{id}"} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, name)
			if status, body := s.ask("GET", "/users/7", "", "X-Trace-Id", "0af76519-16cd-43dd-8448-eb211c80319c"); status != 200 || !strings.Contains(body, `"user_id":"7"`) {
				t.Errorf("answered %d %q", status, body)
			}
			if status, _ := s.ask("GET", "/panic", ""); status != 500 {
				t.Errorf("a panic answered %d", status)
			}
			if status, _ := s.ask("GET", "/nothing", ""); status != 404 {
				t.Errorf("an unknown path answered %d", status)
			}
			logged := s.stop()
			inOrder(t, logged, "Fetching user path=/users/7", "trace_id=0af7651916cd43dd8448eb211c80319c", "Request completed path=/users/7", "status_code=200", "Panic in a handler", "status_code=500")
			if !strings.Contains(logged, "route="+route) {
				t.Errorf("the route is missing:\n%s", logged)
			}
			if !strings.Contains(logged, "status_code=404") {
				t.Errorf("the unknown path is missing:\n%s", logged)
			}
		})
	}
}

// TestCollectorDemo: F-VII, the routes, the headers, the records that reach a
// log-collector's server. The one here answers as that does: GET / and POST /logs.
func TestCollectorDemo(t *testing.T) {
	var mu sync.Mutex
	var got []map[string]any
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Logs []map[string]any `json:"logs"`
		}
		switch r.Method + " " + r.URL.Path {
		case "GET /":
			fmt.Fprint(w, `{"status":"ok","service":"log-server"}`)
			return
		case "POST /logs":
		default:
			http.NotFound(w, r)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, body.Logs...)
		fmt.Fprintf(w, `{"status":"ok","count":%d}`, len(body.Logs))
	}))
	defer collector.Close()

	s := serve(t, "collectordemo", "WEIR_SERVER="+collector.URL)
	headers := []string{"X-Trace-Id", "0af76519-16cd-43dd-8448-eb211c80319c", "X-User-Id", "user_ada"}
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/api/login", `{"username":"ada","password":"x"}`, 200, `"user_id":"user_ada"`},
		{"POST", "/api/login", `{"username":"ada"}`, 401, `"success":false`},
		{"POST", "/api/login", `not JSON`, 400, "JSON"},
		{"GET", "/api/todos", "", 200, `"id":1`},
		{"POST", "/api/todos", `{"text":"buy milk"}`, 201, `"id":3,"text":"buy milk"`},
		{"POST", "/api/todos", `{"text":" "}`, 400, "needs a text"},
		{"PUT", "/api/todos/3", `{"completed":true}`, 200, `"completed":true`},
		{"DELETE", "/api/todos/3", "", 200, `"success":true`},
		{"DELETE", "/api/todos/3", "", 404, "no such todo"},
		{"PUT", "/api/todos/first", `{}`, 400, "number"},
		{"GET", "/api/error", "", 500, "error"},
		{"GET", "/api/slow", "", 200, `"success":true`},
		{"GET", "/", "", 200, collector.URL},
		{"GET", "/app.js", "", 200, "X-Trace-Id"},
	} {
		start := time.Now()
		status, body := s.ask(c.method, c.path, c.body, headers...)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s %s: answered %d %q", c.method, c.path, status, body)
		}
		if took := time.Since(start); c.path == "/api/slow" && took < 2*time.Second {
			t.Errorf("/api/slow took %v", took)
		}
	}
	s.stop()

	mu.Lock()
	defer mu.Unlock()
	completed := 0
	for _, r := range got {
		if r["message"] != "Request completed" {
			continue
		}
		completed++
		if r["trace_id"] != "0af7651916cd43dd8448eb211c80319c" || r["user_id"] != "user_ada" || r["service"] != "demo-backend" || r["path"] == nil || r["duration_ms"] == nil {
			t.Errorf("shipped %v", r)
		}
	}
	if completed != 14 {
		t.Errorf("%d of 14 requests were shipped; all: %d records", completed, len(got))
	}
}
