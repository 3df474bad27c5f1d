package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// numbered is what records that say "line N" say, and how often.
func numbered(t *testing.T, records []map[string]any, n int) (twice int) {
	t.Helper()
	times := make([]int, n)
	for _, r := range records {
		var i int
		if _, err := fmt.Sscanf(r["message"].(string), "line %d", &i); err != nil {
			t.Fatalf("a record says %v", r["message"])
		}
		if times[i]++; times[i] > 1 {
			twice++
		}
	}
	for i, count := range times {
		if count == 0 {
			t.Fatalf("line %d is not there", i)
		}
	}
	return twice
}

func numberedLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// TestPipeShips sends a pipe's records to a server that is killed meanwhile and comes
// back: the writer waits, and each record is there once.
func TestPipeShips(t *testing.T) {
	const n = 60_000 // more than waits in memory
	data := t.TempDir()
	server := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	p := start(t, nil, "--quiet", "--server", server.url, "--service", "shop")
	text := numberedLines(n)
	fed := make(chan error, 1)
	go func() {
		_, err := io.WriteString(p.stdin, text)
		fed <- err
		p.stdin.Close()
	}()
	server.until(2000)
	server.kill()
	server = start(t, nil, "serve", "--listen", strings.TrimPrefix(server.url, "http://"), "--data", data)
	if err := <-fed; err != nil {
		t.Error(err)
	}
	if code := p.wait(); code != exitDone {
		t.Errorf("ended with %d\n%s", code, p.errors())
	}
	if twice := numbered(t, server.records("service:shop has:host"), n); twice > 0 {
		t.Errorf("%d records came twice", twice)
	}
}

// TestTailShips: a batch counts as read when the server has it.
func TestTailShips(t *testing.T) {
	const n = 5_000
	log := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(log, []byte(numberedLines(n)), 0o600); err != nil {
		t.Fatal(err)
	}
	server := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	places := filepath.Join(t.TempDir(), "places.json")
	for range 2 {
		if out, code := runWeir(t, nil, "tail", "--exit", "--server", server.url, "--positions", places, log); code != exitDone {
			t.Fatalf("ended with %d\n%s", code, out)
		}
	}
	if twice := numbered(t, server.records(""), n); twice > 0 {
		t.Errorf("%d records came twice", twice)
	}
}

// TestPipeSaysWhatWasNotDelivered: no server is there, and a person does not want to
// wait for it; with a spool nothing is lost.
func TestPipeSaysWhatWasNotDelivered(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	p := start(t, strings.NewReader(numberedLines(10)), "--server", gone.URL)
	untilSaid(t, p.errors, "10 records wait for "+gone.URL)
	if code := p.stop(syscall.SIGINT); code != exitFailed {
		t.Errorf("ended with %d", code)
	}
	if want := "not delivered to " + gone.URL + ": 10 of 10 records: "; !strings.Contains(p.errors(), want) || !strings.Contains(p.errors(), "--spool DIR keeps") {
		t.Errorf("it said\n%s", p.errors())
	}
	if p.output() != numberedLines(10) {
		t.Errorf("passed through %q", p.output())
	}

	spool := t.TempDir()
	out, code := runWeir(t, strings.NewReader(numberedLines(10)), "--quiet", "--server", gone.URL, "--spool", spool)
	if code != exitDone || !strings.Contains(out, "10 records wait in the spool") {
		t.Errorf("ended with %d\n%s", code, out)
	}
	server := start(t, nil, "serve", "--listen", strings.TrimPrefix(gone.URL, "http://"), "--data", t.TempDir())
	if out, code := runWeir(t, strings.NewReader("line 10\n"), "--quiet", "--server", server.url, "--spool", spool); code != exitDone {
		t.Errorf("ended with %d\n%s", code, out)
	}
	if twice := numbered(t, server.records(""), 11); twice > 0 {
		t.Errorf("%d records came twice", twice)
	}
}

// slowServer takes no records until it is released, and counts them then.
type slowServer struct {
	release chan struct{}
	mu      sync.Mutex
	lines   int // but those that declare others missing
	missing int
}

var declared = regexp.MustCompile(`"dropped":([0-9]+)`)

func (s *slowServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		fmt.Fprint(w, `{"role":"server"}`)
		return
	}
	<-s.release
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unpacked
	}
	text, err := io.ReadAll(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range bytes.Lines(text) {
		if m := declared.FindSubmatch(line); m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			s.missing += n
		} else {
			s.lines++
		}
	}
	fmt.Fprintf(w, `{"status":"ok","count":%d}`, bytes.Count(text, []byte("\n")))
}

// TestDropDoesNotLetTheWriterWait: with a store that takes nothing, the writer is done;
// what is stored later and what is declared missing are all there was.
func TestDropDoesNotLetTheWriterWait(t *testing.T) {
	const n = 200_000
	slow := &slowServer{release: make(chan struct{})}
	server := httptest.NewServer(slow)
	defer server.Close()
	p := start(t, nil, "--quiet", "--drop", "--server", server.URL)
	if _, err := io.WriteString(p.stdin, numberedLines(n)); err != nil {
		t.Fatal(err)
	}
	untilSaid(t, p.errors, "records are dropped, not to keep the writer waiting")
	close(slow.release)
	p.stdin.Close()
	if code := p.wait(); code != exitDone {
		t.Errorf("ended with %d\n%s", code, p.errors())
	}
	if slow.missing == 0 || slow.lines+slow.missing != n {
		t.Errorf("%d lines came, %d are declared missing, of %d", slow.lines, slow.missing, n)
	}
	if want := fmt.Sprintf("%d records were dropped because", slow.missing); !strings.Contains(p.errors(), want) {
		t.Errorf("want %q in\n%s", want, p.errors())
	}
}
