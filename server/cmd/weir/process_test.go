package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the command: started under the name weir it
// runs main.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"weir": main})
}

// patience is how long a test waits for what must happen; only a failing test
// waits so long.
const patience = 60 * time.Second

// process is a running weir.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	url    string
	mu     sync.Mutex
	stderr bytes.Buffer
	stdout bytes.Buffer
	done   chan error
}

var urlInNotice = regexp.MustCompile(`http://[0-9.]+:[0-9]+`)

// start runs weir and waits until it has said where its page is.
func start(t *testing.T, stdin io.Reader, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: &exec.Cmd{Path: self, Args: append([]string{"weir"}, args...), Env: append(os.Environ(), "CI=true")}, done: make(chan error, 1)}
	if stdin != nil {
		p.cmd.Stdin = stdin
	} else if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout = &locked{mu: &p.mu, buf: &p.stdout}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			p.mu.Lock()
			fmt.Fprintln(&p.stderr, lines.Text())
			p.mu.Unlock()
			if url := urlInNotice.FindString(lines.Text()); url != "" {
				select {
				case found <- url:
				default:
				}
			}
		}
		p.done <- p.cmd.Wait()
	}()
	t.Cleanup(p.kill)
	select {
	case p.url = <-found:
	case err := <-p.done:
		p.done <- err
		t.Fatalf("weir %v ended before its page was up: %v\n%s", args, err, p.errors())
	case <-time.After(patience):
		t.Fatalf("weir %v did not say where its page is\n%s", args, p.errors())
	}
	return p
}

type locked struct {
	mu  *sync.Mutex
	buf *bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (p *process) errors() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stdout.String()
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	err := <-p.done
	p.done <- err
}

// stop asks the process to end and returns its exit code.
func (p *process) stop(sig syscall.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
	return p.wait()
}

func (p *process) wait() int {
	p.t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("weir did not end\n%s", p.errors())
		return -1
	}
}

// post sends a body and returns the status and the answer.
func (p *process) post(path, contentType, encoding string, body []byte) (int, string, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, p.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", contentType)
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, string(answer), err
}

func (p *process) get(path string) string {
	p.t.Helper()
	res, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: %s\n%s", path, res.Status, body)
	}
	return string(body)
}

// records returns everything that matches, oldest first.
func (p *process) records(query string) []map[string]any {
	p.t.Helper()
	var all []map[string]any
	for next := ""; ; {
		var page struct {
			Records []map[string]any `json:"records"`
			Next    string           `json:"next"`
		}
		path := "/api/v1/records?order=asc&limit=10000&q=" + strings.ReplaceAll(query, " ", "+")
		if next != "" {
			path += "&after=" + next
		}
		if err := json.Unmarshal([]byte(p.get(path)), &page); err != nil {
			p.t.Fatal(err)
		}
		all = append(all, page.Records...)
		if page.Next == "" {
			return all
		}
		next = page.Next
	}
}

// metric returns the sum of a metric's samples.
func (p *process) metric(name string) float64 {
	p.t.Helper()
	sum := 0.0
	for line := range strings.Lines(p.get("/metrics")) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || (rest[0] != '{' && rest[0] != ' ') {
			continue
		}
		var v float64
		if _, err := fmt.Sscan(rest[strings.LastIndexByte(rest, ' '):], &v); err != nil {
			p.t.Fatalf("metric %q: %v", line, err)
		}
		sum += v
	}
	return sum
}
