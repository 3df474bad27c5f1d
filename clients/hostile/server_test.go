package hostile

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/clients/weirserver"
)

// patience is how long one answer may take; only a failing test waits so long.
const patience = 60 * time.Second

// maxMemory is what the server's process may have had at any time.
const maxMemory = 1 << 30

// server is a weir that is treated badly.
type server struct {
	*weirserver.Server

	t      *testing.T
	client *http.Client
	syslog string // addresses beside the one of HTTP
	otlp   string
}

// start starts a server with all its doors open. When the test ends it must live, have
// kept its memory bounded, and have a ledger that adds up.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	s := &server{t: t, client: &http.Client{Timeout: patience}}
	s.syslog = fmt.Sprintf("127.0.0.1:%d", weirserver.Port(t))
	s.otlp = fmt.Sprintf("127.0.0.1:%d", weirserver.Port(t))
	s.Server = weirserver.Start(t, append([]string{"--syslog-listen", s.syslog, "--otlp-listen", s.otlp}, args...)...)
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		if t.Failed() {
			return
		}
		s.alive()
		s.addsUp()
		most := s.memory("VmHWM")
		t.Logf("the server had %d MiB at most", most>>20)
		if most > maxMemory {
			t.Errorf("the server had %d MiB", most>>20)
		}
	})
	return s
}

// alive tests that the server still takes records in.
func (s *server) alive() {
	s.t.Helper()
	status, text := s.post(door{path: "/logs"}, []byte(`{"logs":[{"message":"still here"}]}`), "")
	if status != http.StatusOK {
		s.t.Fatalf("the server does not live: %d %s", status, text)
	}
}

// memory reads a number of the server's process.
func (s *server) memory(name string) int64 {
	s.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.PID()))
	if err != nil {
		s.t.Fatal(err)
	}
	m := regexp.MustCompile(name + `:\s+([0-9]+) kB`).FindSubmatch(data)
	if m == nil {
		s.t.Fatalf("no %s in\n%s", name, data)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n << 10
}

var counted = regexp.MustCompile(`(?m)^weir_records_(received|stored|deduplicated|refused|pending)(?:_total)?\{[^}]*source="([^"]*)"[^}]*\} ([0-9.e+]+)$`)

// addsUp tests that of each protocol all that was received is accounted for.
func (s *server) addsUp() {
	s.t.Helper()
	answer, err := s.client.Get(s.URL + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it is read
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	sums := map[string]float64{}
	for _, m := range counted.FindAllSubmatch(data, -1) {
		n, err := strconv.ParseFloat(string(m[3]), 64)
		if err != nil {
			s.t.Fatal(err)
		}
		if string(m[1]) == "received" {
			n = -n
		}
		sums[string(m[2])] += n
	}
	if len(sums) == 0 {
		s.t.Errorf("there is no ledger in\n%s", data)
	}
	for source, sum := range sums {
		if sum != 0 {
			s.t.Errorf("the ledger of %s is off by %v", source, sum)
		}
	}
}

// post sends a body and returns the answer.
func (s *server) post(d door, body []byte, encoding string) (status int, text string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+d.path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", d.kind)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		var broken *net.OpError
		if errors.As(err, &broken) && len(body) > 1<<20 { // refused before it was sent to the end
			return http.StatusRequestEntityTooLarge, "the connection was closed"
		}
		s.t.Fatalf("%s: %v", d.name, err)
	}
	defer answer.Body.Close() //nolint:errcheck // it is read
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatalf("%s: %v", d.name, err)
	}
	return answer.StatusCode, string(data)
}

// throw sends what should not be sent: the answer is a clear no, or a yes.
func (s *server) throw(d door, what string, body []byte, encoding string) (status int) {
	s.t.Helper()
	status, text := s.post(d, body, encoding)
	switch {
	case status >= 200 && status < 300:
	case status < 400 || status >= 500:
		s.t.Errorf("%s, %s: %d %.300s", d.name, what, status, text)
	case len(strings.TrimSpace(text)) < 10:
		s.t.Errorf("%s, %s: %d, and not why: %q", d.name, what, status, text)
	}
	return status
}

func zipped(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(body)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
