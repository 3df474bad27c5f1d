// Package redis tests weir against a real redis-server, with the bytes that
// python-redis-log sends.
package redis

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/clients/weirserver"
)

// connected waits until all sources of Redis are.
func connected(t *testing.T, s *weirserver.Server, n int) {
	t.Helper()
	s.Until(fmt.Sprintf("%d sources to be connected", n), func() bool {
		all := s.Sources("redis")
		return len(all) >= n && !slices.ContainsFunc(all, func(one weirserver.Source) bool { return one.State != "connected" && one.State != "" })
	})
}

func source(s *weirserver.Server, prefix string) weirserver.Source {
	for _, one := range s.Sources("redis") {
		if strings.HasPrefix(one.Sender, prefix) {
			return one
		}
	}
	return weirserver.Source{}
}

func messages(records []map[string]any) []string {
	all := make([]string, len(records))
	for i, r := range records {
		all[i] = fmt.Sprint(r["message"])
	}
	return all
}

// python is what python-redis-log writes for one call.
func python(name, level, msg, args, traceback string) string {
	return fmt.Sprintf(`{"username": "app", "args": %s, "name": %q, "level": %q, "line_no": 7, "traceback": %s, "filename": "../shop.py", `+
		`"time": "2026-11-21T00:14:45.658089", "msg": %q, "funcname": "pay", "hostname": "vm"}`, args, name, level, traceback, msg)
}

// resp is a command as redis-py writes it.
func resp(parts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(parts))
	for _, p := range parts {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(p), p)
	}
	return b.String()
}

// send sends bytes and reads as many as the answer has.
func send(t *testing.T, conn net.Conn, bytes, answer string) {
	t.Helper()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, bytes); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(answer))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != answer {
		t.Fatalf("%q is answered %q (%v), want %q", bytes, got, err, answer)
	}
}

// TestPythonRedisLog: its handlers' bytes, by the channel and by the list.
func TestPythonRedisLog(t *testing.T) {
	r := startRedis(t)
	s := weirserver.Start(t, "--redis", r.url("channel=my:channel&list=log:list"))
	connected(t, s, 2)
	conn, err := net.Dial("tcp", r.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // of a test
	trace := `"Traceback (most recent call last):\n  File \"../shop.py\", line 10, in <module>\n    try: 1/0\nZeroDivisionError: integer division or modulo by zero"`
	for _, payload := range []string{
		python("my.logger", "info", "I like pie", "[]", "null"),
		python("my.logger", "warning", "warn %s %d", `["a", 3]`, "null"),
		python("my.logger", "fatal", "%(who)s is late by %(s).1f s", `{"who": "eve", "s": 2.25}`, "null"),
		python("my.logger", "error", "Trousers!", "[]", trace),
		python("my.logger", "unknown", "50% off", "[]", "null"),
		"plain text } \r\n end",
	} {
		send(t, conn, resp("PUBLISH", "my:channel", payload), ":1\r\n")
	}
	for i := range 5 {
		payload := python("list.logger", "info", "n%d", fmt.Sprintf("[%d]", i), "null")
		send(t, conn, resp("MULTI")+resp("RPUSH", "log:list", payload)+resp("LTRIM", "log:list", "-3", "-1")+resp("EXEC"),
			"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n+OK\r\n")
		s.WaitFor("logger:list.logger", i+1) // the list is capped at three
	}
	got := s.WaitFor(`metadata.channel:"my:channel"`, 6)
	want := []string{"I like pie", "warn a 3", "eve is late by 2.2 s", "Trousers!", "50% off", "plain text } \r\n end"}
	if !slices.Equal(messages(got), want) {
		t.Errorf("%q", messages(got))
	}
	first := got[0]
	for key, value := range map[string]any{
		"level": "INFO", "logger": "my.logger", "host": "vm", "function_name": "pay", "file_path": "../shop.py", "line_number": 7.0, "created_at": "2026-11-21T00:14:45.658089Z",
	} {
		if first[key] != value {
			t.Errorf("%s is %v", key, first[key])
		}
	}
	if got[3]["error_type"] != "ZeroDivisionError" || !strings.HasPrefix(fmt.Sprint(got[3]["stack_trace"]), "Traceback (") || got[2]["level"] != "FATAL" || got[4]["level"] != "unknown" {
		t.Errorf("%v", got[2:5])
	}
	if listed := messages(s.Records("logger:list.logger")); !slices.Equal(listed, []string{"n0", "n1", "n2", "n3", "n4"}) {
		t.Errorf("%q", listed)
	}
}

// TestRedisCLI: a pattern and a stream, from the command line.
func TestRedisCLI(t *testing.T) {
	r := startRedis(t)
	s := weirserver.Start(t, "--redis", r.url("pattern=app:*&service=cli"), "--redis", r.url("stream=events"))
	connected(t, s, 2)
	cli := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("redis-cli", append([]string{"-p", fmt.Sprint(r.port)}, args...)...).CombinedOutput(); err != nil || strings.Contains(string(out), "ERR") {
			t.Fatalf("%v: %v %s", args, err, out)
		}
	}
	cli("PUBLISH", "app:web", `[{"message":"one","level":"WARN"},{"message":"two"}]`)
	cli("XADD", "events", "*", "level", "error", "message", "three", "user_id", "42")
	cli("XADD", "events", "*", "data", `{"msg":"four","level":"debug"}`)
	got := s.WaitFor(`metadata.channel:"app:web" metadata.pattern:"app:*"`, 2)
	if !slices.Equal(messages(got), []string{"one", "two"}) || got[0]["level"] != "WARN" || got[0]["service"] != "cli" {
		t.Errorf("%v", got)
	}
	got = s.WaitFor("metadata.stream:events", 2)
	if !slices.Equal(messages(got), []string{"three", "four"}) || got[0]["level"] != "ERROR" || got[0]["user_id"] != "42" || got[1]["level"] != "DEBUG" {
		t.Errorf("%v", got)
	}
}

// TestRedisIsKilled: killed and started again, with records coming. The channel's gap is
// declared, of the list and the stream nothing is missing.
func TestRedisIsKilled(t *testing.T) {
	r := startRedis(t)
	s := weirserver.Start(t, "--redis", r.url("channel=c&list=l&stream=e"))
	connected(t, s, 3)
	const rounds, each = 3, 200
	for round := range rounds {
		c := r.client()
		for i := range each {
			n := round*each + i
			do(t, c, "RPUSH", "l", fmt.Sprintf("l%d", n))
			do(t, c, "XADD", "e", "*", "message", fmt.Sprintf("e%d", n))
			do(t, c, "PUBLISH", "c", fmt.Sprintf("c%d", n))
		}
		r.kill()
		s.Until("the loss to be seen", func() bool { return source(s, "channel c").State == "disconnected" })
		r.start()
		connected(t, s, 3)
	}
	do(t, r.client(), "PUBLISH", "c", "last")
	s.WaitFor("last", 1)
	for _, kind := range []string{"list:l", "stream:e"} {
		s.Until("all of "+kind, func() bool { return len(distinct(s.Records("metadata."+kind))) == rounds*each })
	}
	gaps := s.WaitFor("logger:weir.redis level:WARN", rounds)
	if len(gaps) != rounds || !strings.Contains(fmt.Sprint(gaps[0]["message"]), "was not received") {
		t.Errorf("%v", gaps)
	}
	told := source(s, "channel c").Troubles
	if !slices.ContainsFunc(told, func(n weirserver.Note) bool { return n.What == "gap" && n.Count == rounds }) {
		t.Errorf("%+v", told)
	}
}

func distinct(records []map[string]any) []string {
	all := messages(records)
	slices.Sort(all)
	return slices.Compact(all)
}

// TestWeirIsKilled: killed and started again while it reads a list and a stream. Each of
// the records is there; some may be there twice.
func TestWeirIsKilled(t *testing.T) {
	r := startRedis(t, "--appendfsync", "everysec")
	s := weirserver.Start(t, "--redis", r.url("list=l&stream=e"))
	connected(t, s, 2)
	c := r.client()
	const n = 4000
	for round := range 4 {
		for i := round * n / 4; i < (round+1)*n/4; i += 100 {
			_, err := c.Pipelined(context.Background(), func(p goredis.Pipeliner) error {
				for j := i; j < i+100; j++ {
					p.RPush(context.Background(), "l", fmt.Sprintf("l%d", j))
					p.XAdd(context.Background(), &goredis.XAddArgs{Stream: "e", Values: []string{"message", fmt.Sprintf("e%d", j)}})
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		s.Kill()
		s.Restart()
	}
	for _, kind := range []string{"list:l", "stream:e"} {
		var got []map[string]any
		s.Until("all of "+kind, func() bool {
			got = s.Records("metadata." + kind)
			return len(distinct(got)) == n
		})
		t.Logf("%s: %d records, %d of them twice", kind, len(got), len(got)-n)
	}
	s.Until("the lists to be empty", func() bool {
		return do(t, c, "LLEN", "l").(int64)+do(t, c, "LLEN", "l:weir:weir").(int64) == 0
	})
}

// TestErrorsShow: what Redis refuses is in GET /api/v1/sources and in the log, without a
// password; when it is mended the source is connected.
func TestErrorsShow(t *testing.T) {
	const secret = "hunter2-secret"
	r := startRedis(t, "--requirepass", secret)
	s := weirserver.Start(t,
		"--redis", r.url("channel=c"),
		"--redis", "redis://:wrong"+secret+"@"+r.addr()+"?list=l",
		"--redis", "redis://:"+secret+"@"+r.addr()+"?stream=e")
	trouble := func(prefix, word string) func() bool {
		return func() bool {
			return slices.ContainsFunc(source(s, prefix).Troubles, func(n weirserver.Note) bool { return n.What == word && n.Message != "" })
		}
	}
	s.Until("NOAUTH", trouble("channel c", "NOAUTH"))
	s.Until("WRONGPASS", trouble("list l", "WRONGPASS"))
	s.Until("the stream", func() bool { return source(s, "stream e").State == "connected" })
	admin := goredis.NewClient(&goredis.Options{Addr: r.addr(), Password: secret})
	defer admin.Close() //nolint:errcheck // of a test
	do(t, admin, "SET", "e2", "a text")
	do(t, admin, "CONFIG", "SET", "requirepass", "")
	s.Until("the channel", func() bool { return source(s, "channel c").State == "connected" })
	log := s.Log()
	if !strings.Contains(log, "NOAUTH") || !strings.Contains(log, "WRONGPASS") || strings.Contains(log, secret) {
		t.Errorf("the log:\n%s", log)
	}
	var all any
	if err := s.Get("/api/v1/sources", &all); err != nil || strings.Contains(fmt.Sprint(all), secret) {
		t.Errorf("%v %v", err, all)
	}
}

// TestACL: a user who may not do what is asked for.
func TestACL(t *testing.T) {
	r := startRedis(t)
	do(t, r.client(), "ACL", "SETUSER", "reader", "on", ">pw", "resetchannels", "&ok:*", "~ok:*", "+@all")
	at := "redis://reader:pw@" + r.addr() + "?"
	s := weirserver.Start(t, "--redis", at+"channel=ok:a", "--redis", at+"channel=no", "--redis", at+"list=no")
	s.Until("the one that is allowed", func() bool { return source(s, "channel ok:a").State == "connected" })
	for _, prefix := range []string{"channel no", "list no"} {
		s.Until("NOPERM of "+prefix, func() bool {
			return slices.ContainsFunc(source(s, prefix).Troubles, func(n weirserver.Note) bool {
				return n.What == "NOPERM" && strings.Contains(n.Message, "ACL SETUSER")
			})
		})
	}
}

// TestTLS: Redis asks for a certificate and has one that no authority has signed.
func TestTLS(t *testing.T) {
	cert, key := certificate(t)
	port := weirserver.Port(t)
	r := startRedis(t, "--tls-port", fmt.Sprint(port), "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert)
	at := fmt.Sprintf("rediss://127.0.0.1:%d?", port)
	files := "&ca_file=" + cert + "&cert_file=" + cert + "&key_file=" + key
	s := weirserver.Start(t, "--redis", at+"channel=c&list=l"+files, "--redis", at+"list=unsigned")
	s.Until("both", func() bool {
		return source(s, "channel c").State == "connected" && source(s, "list l").State == "connected"
	})
	do(t, r.client(), "PUBLISH", "c", "over TLS")
	do(t, r.client(), "RPUSH", "l", "from a list")
	s.WaitFor("over TLS", 1)
	s.WaitFor("from a list", 1)
	s.Until("the unknown authority", func() bool {
		return slices.ContainsFunc(source(s, "list unsigned").Troubles, func(n weirserver.Note) bool { return strings.Contains(n.Message, "certificate") })
	})
}

// TestSocket: Redis over a socket of the file system.
func TestSocket(t *testing.T) {
	r := startRedis(t, "--unixsocket", "r.sock")
	s := weirserver.Start(t, "--redis", "unix://"+r.dir+"/r.sock?channel=c")
	connected(t, s, 1)
	do(t, r.client(), "PUBLISH", "c", "over a socket")
	s.WaitFor("over a socket", 1)
}

// TestThereAndBack: what the sink of module extra publishes, and pushes, is what was
// logged. The program is examples/redis.
func TestThereAndBack(t *testing.T) {
	r := startRedis(t)
	s := weirserver.Start(t, "--redis", r.url("channel=logs&list=newest"))
	connected(t, s, 2)
	program := exec.Command("go", "run", "./redis", "-redis", "redis://"+r.addr())
	program.Dir = filepath.Join("..", "..", "examples")
	program.Env = append(os.Environ(), "GOWORK=", "CI=true")
	if out, err := program.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, kind := range []string{"channel:logs", "list:newest"} {
		got := s.WaitFor("logger:shop metadata."+kind, 2)
		if !slices.Equal(messages(got), []string{"100% of the stock of 한국 김치 is sold 😀", "payment failed\nthe provider did not answer"}) ||
			got[0]["level"] != "WARN" || got[1]["level"] != "ERROR" {
			t.Errorf("%v", got)
		}
	}
}

// TestStopStoresAll: a stop that is asked for loses nothing of what was published.
func TestStopStoresAll(t *testing.T) {
	r := startRedis(t)
	s := weirserver.Start(t, "--redis", r.url("channel=c"))
	connected(t, s, 1)
	c := r.client()
	const n = 3000
	_, err := c.Pipelined(context.Background(), func(p goredis.Pipeliner) error {
		for i := range n {
			p.Publish(context.Background(), "c", fmt.Sprintf("c%d", i))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Until("them to have been read", func() bool {
		got := source(s, "channel c")
		return got.Received == n
	})
	s.Stop()
	s.Restart()
	if got := s.Records(`metadata.channel:c`); len(got) != n {
		t.Errorf("%d records", len(got))
	}
}
