package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// Patience with a server that starts or ends: what it has is small, so it takes much less.
const (
	startWithin = 30 * time.Second
	stopWithin  = 30 * time.Second
)

// server is a running `weir serve`.
type server struct {
	cmd     *exec.Cmd
	address string
	ended   chan error // gets the end of the process, once
}

// build makes the command as `make build` does.
func build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "weir")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/weirlog/weir/server/cmd/weir")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, out)
	}
	return path, nil
}

// start runs the server on a free port of the loopback, with its records under dir, until it
// answers.
func start(ctx context.Context, weir, dir string) (*server, error) {
	cmd := exec.CommandContext(ctx, weir, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"))
	cmd.Dir = dir // no weir.toml of this place counts
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s := &server{cmd: cmd, ended: make(chan error, 1)}
	addresses := make(chan string, 1)
	go s.read(log, addresses)
	select {
	case s.address = <-addresses:
	case err := <-s.ended:
		return nil, fmt.Errorf("the server ended at once: %w", err)
	case <-time.After(startWithin):
		s.kill()
		return nil, errors.New("the server did not say where it is")
	}
	return s, nil
}

// read passes the server's log on, finds its address there, and waits for the process.
func (s *server) read(log io.Reader, addresses chan<- string) {
	place := regexp.MustCompile(`live page on http://(\S+?)[, ]`)
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if found := place.FindStringSubmatch(lines.Text()); found != nil {
			select {
			case addresses <- found[1]:
				continue
			default:
			}
		}
		fmt.Fprintln(os.Stderr, lines.Text())
	}
	s.ended <- s.cmd.Wait()
}

func (s *server) pid() int { return s.cmd.Process.Pid }

func (s *server) url(path string) string { return "http://" + s.address + path }

// stop ends the server as its users do, and returns how long that took.
func (s *server) stop() (time.Duration, error) {
	from := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, fmt.Errorf("stop the server: %w", err)
	}
	select {
	case err := <-s.ended:
		s.ended <- err // for kill
		if err != nil {
			return 0, fmt.Errorf("the server ended badly: %w", err)
		}
		return time.Since(from), nil
	case <-time.After(stopWithin):
		return 0, fmt.Errorf("the server did not end within %v", stopWithin)
	}
}

// kill ends the server if it still runs.
func (s *server) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	s.ended <- <-s.ended
}

// get returns what the server answers.
func (s *server) get(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url(path), nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s: %s", path, answer.Status, text)
	}
	return text, nil
}
