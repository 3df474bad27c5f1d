package redis

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// patience is how long a test waits for what must happen; only a failing one does.
const patience = 30 * time.Second

// redisServer is a redis-server of a test's own, with its data on the disk.
type redisServer struct {
	t    *testing.T
	port int
	dir  string
	args []string
	cmd  *exec.Cmd
}

// startRedis starts one. It is killed when the test ends.
func startRedis(t *testing.T, args ...string) *redisServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &redisServer{t: t, port: l.Addr().(*net.TCPAddr).Port, dir: t.TempDir(), args: args}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	s.start()
	return s
}

func (s *redisServer) start() {
	s.t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatal("redis-server is missing: apt-get install redis-server")
	}
	s.cmd = exec.Command(path, append([]string{
		"--port", fmt.Sprint(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
	}, s.args...)...)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	client := goredis.NewClient(&goredis.Options{Addr: s.addr(), MaxRetries: -1, DialerRetries: 1, Dialer: quietDialer((&net.Dialer{}).DialContext)})
	defer client.Close() //nolint:errcheck // of a test
	until(s.t, "redis-server to answer", func() bool {
		err := client.Ping(context.Background()).Err()
		return err == nil || goredis.HasErrorPrefix(err, "NOAUTH")
	})
}

// kill ends the server as a power cut would.
func (s *redisServer) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *redisServer) addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *redisServer) url(query string) string { return "redis://" + s.addr() + "/0?" + query }

// client returns a client of a test's own.
func (s *redisServer) client(password string) *goredis.Client {
	s.t.Helper()
	c := goredis.NewClient(&goredis.Options{Addr: s.addr(), Password: password, Dialer: quietDialer((&net.Dialer{}).DialContext)})
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// until waits for a condition.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}
