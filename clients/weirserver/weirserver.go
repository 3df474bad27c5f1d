// Package weirserver runs the real weir command for tests of real clients.
//
// [Start] starts one on a free loopback port with a directory of its own, and
// [Server.WaitFor] waits for the records that a client sent to it. It is the
// installed command as users run it, not a part of it in this process.
package weirserver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen; only a failing one does.
const patience = 60 * time.Second

// pollEvery is how often a condition is looked at.
const pollEvery = 20 * time.Millisecond

// Server is a running weir.
type Server struct {
	URL string // of the page and the API, without a slash at the end
	Dir string // its data

	t    testing.TB
	args []string
	cmd  *exec.Cmd
	done chan error

	mu  sync.Mutex
	log strings.Builder
}

var notice = regexp.MustCompile(`http://[0-9.]+:[0-9]+`)

// binary is the command: WEIR_BIN, or what the tree builds to.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("WEIR_BIN"); path != "" {
		return filepath.Abs(path)
	}
	dir, err := os.MkdirTemp("", "weir-clients-")
	if err != nil {
		return "", err
	}
	_, self, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("the test does not know where its source is")
	}
	path := filepath.Join(dir, "weir")
	build := exec.Command("go", "build", "-o", path, "./cmd/weir")
	build.Env = append(os.Environ(), "GOWORK=") // this module's tests run without one
	build.Dir = filepath.Join(filepath.Dir(self), "..", "..", "server")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build weir: %w\n%s", err, out)
	}
	return path, nil
})

// Binary returns the path of the command.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Port returns a free port of the loopback.
func Port(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was never used
	return l.Addr().(*net.TCPAddr).Port
}

// Start runs `weir serve` with more arguments. It is killed when the test ends.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{Dir: t.TempDir(), t: t}
	s.args = append([]string{"serve", "--listen", fmt.Sprintf("127.0.0.1:%d", Port(t)), "--data", s.Dir}, args...)
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("the server's log:\n%s", s.Log())
		}
	})
	s.run()
	return s
}

func (s *Server) run() {
	s.t.Helper()
	s.cmd = exec.Command(Binary(s.t), s.args...)
	s.cmd.Env = slices.DeleteFunc(append(os.Environ(), "CI=true"), func(v string) bool {
		return strings.HasPrefix(v, "WEIR_") && !strings.HasPrefix(v, "WEIR_BIN")
	})
	s.cmd.Dir = s.Dir
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	done, up := make(chan error, 1), make(chan string, 1)
	s.done = done
	cmd := s.cmd
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			s.mu.Lock()
			s.log.WriteString(lines.Text() + "\n")
			s.mu.Unlock()
			if at := notice.FindString(lines.Text()); at != "" {
				select {
				case up <- at:
				default:
				}
			}
		}
		done <- cmd.Wait()
	}()
	select {
	case s.URL = <-up:
	case err := <-done:
		done <- err
		s.t.Fatalf("weir %v ended: %v\n%s", s.args, err, s.Log())
	case <-time.After(patience):
		s.t.Fatalf("weir %v did not come up\n%s", s.args, s.Log())
	}
}

// Log returns what the server wrote to its standard error.
func (s *Server) Log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// PID returns the number of the server's process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Kill ends the server as a power cut would. It may be called more than once.
func (s *Server) Kill() {
	if s.done == nil {
		return // it never ran
	}
	_ = s.cmd.Process.Kill() // it may have ended
	err := <-s.done
	s.done <- err
}

// Stop ends the server in its own way, and fails the test when that is not clean.
func (s *Server) Stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	select {
	case err := <-s.done:
		s.done <- err
		if err != nil {
			s.t.Fatalf("weir ended with %v\n%s", err, s.Log())
		}
	case <-time.After(patience):
		s.t.Fatalf("weir does not end\n%s", s.Log())
	}
}

// Restart starts the server again, on the same address and data.
func (s *Server) Restart() {
	s.t.Helper()
	s.run()
}

// Get reads a JSON answer of the API into v.
func (s *Server) Get(path string, v any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(v)
}

// Records returns what a search finds, oldest first, at most 10,000.
func (s *Server) Records(query string) []map[string]any {
	s.t.Helper()
	var found struct {
		Records []map[string]any `json:"records"`
	}
	if err := s.Get("/api/v1/records?order=asc&limit=10000&q="+url.QueryEscape(query), &found); err != nil {
		s.t.Fatal(err)
	}
	return found.Records
}

// WaitFor waits until a search finds n records or more, and returns them.
func (s *Server) WaitFor(query string, n int) []map[string]any {
	s.t.Helper()
	var found []map[string]any
	s.Until(fmt.Sprintf("%d records for %q", n, query), func() bool {
		found = s.Records(query)
		return len(found) >= n
	})
	return found
}

// Until waits for a condition.
func (s *Server) Until(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(pollEvery) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited for %s in vain\n%s", what, s.Log())
		}
	}
}

// Source is one line of GET /api/v1/sources.
type Source struct {
	Protocol string            `json:"protocol"`
	Sender   string            `json:"sender"`
	Agent    string            `json:"agent"`
	State    string            `json:"state"`
	Services []string          `json:"services"`
	Received uint64            `json:"received"`
	Stored   uint64            `json:"stored"`
	Repaired uint64            `json:"repaired"`
	Refused  map[string]uint64 `json:"refused"`
	Troubles []Note            `json:"troubles"`
}

// Note is one thing that happened to a source.
type Note struct {
	What    string `json:"what"`
	Count   uint64 `json:"count"`
	Message string `json:"message"`
}

// Sources returns those of a protocol.
func (s *Server) Sources(protocol string) []Source {
	s.t.Helper()
	var all struct {
		Sources []Source `json:"sources"`
	}
	if err := s.Get("/api/v1/sources", &all); err != nil {
		s.t.Fatal(err)
	}
	return slices.DeleteFunc(all.Sources, func(one Source) bool { return one.Protocol != protocol })
}
