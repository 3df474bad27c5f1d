// Package collector tests the server with clients of the log-collector: programs of
// Python and Node, pages in a browser, and requests as those clients write them, byte
// for byte. It has nothing but tests.
package collector

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/clients/weirserver"
)

// patience is how long a program or a page may take; only a failing one does.
const patience = 60 * time.Second

// run runs a program of testdata and returns what it wrote.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, name, args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, &out, &errs)
	}
	return out.String()
}

// zipped packs a body as a client does that packs it at that time.
func zipped(t testing.TB, body []byte, at time.Time) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.ModTime = at
	_, err := z.Write(body)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// dial connects to a server.
func dial(t *testing.T, s *weirserver.Server) net.Conn {
	t.Helper()
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(s.URL, "http://"), patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return c
}

// write sends a request with one of the heads.
func write(t *testing.T, c net.Conn, head string, body []byte) {
	t.Helper()
	text := strings.NewReplacer("{host}", c.RemoteAddr().String(), "{length}", fmt.Sprint(len(body)), "\n", "\r\n").Replace(string(sample(t, "heads/"+head+".txt")))
	if _, err := c.Write(append([]byte(text+"\r\n"), body...)); err != nil {
		t.Fatal(err)
	}
}

// answer reads a response.
func answer(t *testing.T, from *bufio.Reader) (status int, head http.Header, body string) {
	t.Helper()
	r, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close() //nolint:errcheck // it is read
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header, string(text)
}

// post sends a body in the usual way.
func post(t *testing.T, s *weirserver.Server, path, body string, headers ...string) (status int, head http.Header, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return do(t, r)
}

func do(t *testing.T, r *http.Request) (status int, head http.Header, text string) {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close() //nolint:errcheck // it is read
	data, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got.StatusCode, got.Header, string(data)
}

// metadata is a record's other attributes.
func metadata(r map[string]any) map[string]any {
	m, _ := r["metadata"].(map[string]any)
	return m
}

// text is a value as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
