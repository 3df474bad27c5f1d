package hostile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dial connects to an address of the server.
func (s *server) dial(network, address string) net.Conn {
	s.t.Helper()
	c, err := net.DialTimeout(network, address, patience)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *server) host() string { return strings.TrimPrefix(s.URL, "http://") }

// TestMethods: no method on any path breaks anything.
func TestMethods(t *testing.T) {
	s := start(t)
	paths := others()
	for _, d := range doors() {
		paths = append(paths, d.path)
	}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range paths {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X"} {
			for _, body := range []string{"", "x", `{"a":`} {
				if method == http.MethodGet && (path == "/events" || path == "/api/v1/tail?replay=1") {
					continue // it has no end
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				r, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				answer, err := s.client.Do(r)
				if err != nil {
					t.Fatalf("%s %s: %v", method, path, err)
				}
				text, err := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				cancel()
				if err != nil || answer.StatusCode >= 500 {
					t.Errorf("%s %s with %q: %d %.200s %v", method, path, body, answer.StatusCode, text, err)
				}
				if answer.StatusCode == http.StatusMethodNotAllowed && answer.Header.Get("Allow") == "" {
					t.Errorf("%s %s: 405 without Allow", method, path)
				}
			}
		}
	}
}

// TestHeads: what is no HTTP, or too much of it, is refused with 4xx or the connection
// is closed.
func TestHeads(t *testing.T) {
	s := start(t)
	for _, d := range doors() {
		for what, text := range map[string]string{
			"no length":         "POST %s HTTP/1.1\r\nHost: x\r\n\r\n{}",
			"a length below 0":  "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n{}",
			"no number":         "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n{}",
			"two lengths":       "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
			"both forms":        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"bad chunks":        "POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
			"a huge chunk":      "POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n{}",
			"a huge length":     "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n{}",
			"huge headers":      "POST %s HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 200_000) + "\r\nContent-Length: 2\r\n\r\n{}",
			"many headers":      "POST %s HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X: y\r\n", 50_000) + "Content-Length: 2\r\n\r\n{}",
			"a huge path":       "POST %s" + strings.Repeat("/x", 100_000) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
			"another host":      "POST %s HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}",
			"another origin":    "POST %s HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 2\r\n\r\n{}",
			"another version":   "POST %s HTTP/9.9\r\nHost: localhost\r\n\r\n",
			"NUL in the head":   "POST %s HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
			"more than it says": "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n{}{}{}{}\r\n\r\n",
		} {
			c := s.dial("tcp", s.host())
			go func() { // the server may close before it is written
				_, _ = fmt.Fprintf(c, text, d.path)
				_ = c.(*net.TCPConn).CloseWrite()
			}()
			answer, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				continue // closed
			}
			if answer.StatusCode >= 500 && answer.StatusCode != http.StatusHTTPVersionNotSupported {
				t.Errorf("%s, %s: %s", d.name, what, answer.Status)
			}
			_ = answer.Body.Close()
			_ = c.Close()
		}
	}
}

// TestCutConnections: bodies that end before they should, and connections that do
// nothing, keep nobody else from sending.
func TestCutConnections(t *testing.T) {
	s := start(t)
	for _, d := range doors() {
		for _, declared := range []int{len(d.sample) + 1, 30 << 20} {
			for range 20 {
				c := s.dial("tcp", s.host())
				if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", d.path, d.kind, declared, d.sample); err != nil {
					t.Fatal(err)
				}
				if declared%2 == 0 {
					_ = c.Close()
				}
				// The others stay open, with a body that never ends, until the test does.
			}
		}
	}
	for range 200 {
		s.dial("tcp", s.host())
	}
	for range 50 {
		s.alive()
	}
	if got := len(s.Records(`NOT message:"still here"`)); got != 0 {
		t.Errorf("%d records of bodies that were cut are stored", got)
	}
}

// TestOtherPorts: noise, and the start of what might become a message, over what is not
// HTTP.
func TestOtherPorts(t *testing.T) {
	s := start(t)
	data := noise(10 << 20)
	for _, address := range []string{s.syslog, s.otlp, s.host()} {
		for what, text := range map[string]string{
			"noise":              string(data),
			"no newline":         strings.Repeat("x", 5<<20),
			"a count too large":  "99999999999999999999 <13>1 - - - - - - x",
			"a count":            "100000000 <13>1 - - - - - - x",
			"a short count":      "3 <13>1 - - - - - - x\n",
			"brackets":           "<13>1 - - - - - " + strings.Repeat("[", 1<<20) + "\n",
			"newlines":           strings.Repeat("\n", 1<<20),
			"NUL":                strings.Repeat("\x00", 1<<20),
			"an HTTP/2 preface":  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + string(data[:1<<16]),
			"settings that lie":  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\x04\x00\x00\x00\x00\x00",
			"the start of a TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		} {
			c := s.dial("tcp", address)
			// The server may close while it is written.
			if n, err := io.WriteString(c, text); err != nil && n == 0 {
				t.Errorf("%s over %s: %v", what, address, err)
			}
			_ = c.Close()
		}
	}
	c := s.dial("udp", s.syslog)
	for from := 0; from+60_000 < len(data); from += 60_000 {
		if _, err := c.Write(data[from : from+60_000]); err != nil {
			t.Fatal(err)
		}
	}
	for size := range 2000 {
		if _, err := c.Write(data[:size]); err != nil {
			t.Fatal(err)
		}
	}
	s.alive()
}
