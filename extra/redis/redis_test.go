package redis_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/extra/redis"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/null"
	"github.com/weirlog/weir/weirtest"
)

func newSink(t testing.TB, url string, o redis.Options) *redis.Sink {
	t.Helper()
	s, err := redis.New(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func message(text string) []record.Record {
	return []record.Record{{Time: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), Severity: record.SeverityInfo, Logger: "shop", Message: text}}
}

// TestConformance is weirtest's kit, over a list of each sink's own: in Weir's JSON,
// and in the form of python-redis-log.
func TestConformance(t *testing.T) {
	server := startRedis(t)
	keys := map[weir.Sink]string{}
	sink := func(form format.Formatter, maxLen int) func(testing.TB) weir.Sink {
		return func(t testing.TB) weir.Sink {
			key := fmt.Sprintf("list:%d", len(keys))
			s := newSink(t, "redis://"+server.addr(), redis.Options{List: key, Format: form, MaxLen: maxLen})
			keys[s] = key
			return s
		}
	}
	t.Run("JSON", func(t *testing.T) {
		weirtest.TestSink(t, weirtest.SinkTest{
			New: sink(format.JSON(format.JSONOptions{}), 0),
			Records: func(t testing.TB, s weir.Sink) (all []record.Record) {
				for _, text := range server.elements(keys[s]) {
					r, _, err := record.ParseJSON([]byte(text), record.ParseOptions{})
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, r)
				}
				return all
			},
		})
	})
	t.Run("redis-log", func(t *testing.T) {
		weirtest.TestSink(t, weirtest.SinkTest{
			New:    sink(nil, 1_000_000),
			Count:  func(_ testing.TB, s weir.Sink) int { return len(server.elements(keys[s])) },
			Output: func(_ testing.TB, s weir.Sink) []byte { return []byte(strings.Join(server.elements(keys[s]), "\n")) },
		})
	})
}

func TestPublish(t *testing.T) {
	server := startRedis(t)
	ctx := context.Background()
	listener := server.client("").Subscribe(ctx, "my:channel")
	defer listener.Close() //nolint:errcheck // of a test
	if _, err := listener.Receive(ctx); err != nil {
		t.Fatal(err)
	}
	log := weir.New("shop", weir.WithSink(newSink(t, "redis://"+server.addr(), redis.Options{Channel: "my:channel"})))
	log.Info("I like pie", "n", 1)
	log.Error("Trousers!", "stack_trace", "Traceback …")
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ msg, level string }{{"I like pie", "info"}, {"Trousers!", "error"}} {
		m, err := listener.ReceiveMessage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(m.Payload), &got); err != nil || len(got) != 11 || got["msg"] != want.msg || got["level"] != want.level ||
			got["name"] != "shop" || got["username"] == "" || got["hostname"] == "" || !strings.HasSuffix(m.Payload, "}") {
			t.Errorf("%v %s", err, m.Payload)
		}
	}
}

// TestMaxLen: a batch larger than the list leaves the newest, in one step.
func TestMaxLen(t *testing.T) {
	server := startRedis(t)
	s := newSink(t, "redis://"+server.addr(), redis.Options{List: "logs", MaxLen: 3, Format: format.JSON(format.JSONOptions{})})
	var batch []record.Record
	for i := range 10 {
		batch = append(batch, message(fmt.Sprint(i))...)
	}
	if err := s.WriteBatch(context.Background(), batch); err != nil {
		t.Fatal(err)
	}
	got := server.elements("logs")
	if len(got) != 3 || !strings.Contains(got[2], `"message":"9"`) || !strings.Contains(got[0], `"message":"7"`) {
		t.Errorf("%q", got)
	}
	stats, err := server.client("").Info(context.Background(), "commandstats").Result()
	if err != nil || !strings.Contains(stats, "cmdstat_multi:calls=1,") || !strings.Contains(stats, "cmdstat_rpush:calls=1,") {
		t.Errorf("%v %s", err, stats)
	}
}

// TestRestart: Redis is away for less than the patience: nothing is lost, and nobody is
// told. Then it is away for longer: the fallback gets what the sink did not.
func TestRestart(t *testing.T) {
	server := startRedis(t, "--appendfsync", "always")
	s := newSink(t, "redis://"+server.addr(), redis.Options{List: "logs", Patience: patience})
	ctx := context.Background()
	if err := s.WriteBatch(ctx, message("before")); err != nil {
		t.Fatal(err)
	}
	server.kill()
	done := make(chan error, 1)
	go func() { done <- s.WriteBatch(ctx, message("during")) }()
	server.start()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := server.elements("logs"); len(got) != 2 || !strings.Contains(got[1], "during") {
		t.Errorf("%q", got)
	}

	server.kill()
	var errs bytes.Buffer
	rescued := null.New()
	hasty := newSink(t, "redis://"+server.addr(), redis.Options{List: "logs", Patience: time.Millisecond})
	log := weir.New("shop", weir.WithSink(weir.ConfigureSink(hasty, weir.SinkOptions{Fallback: rescued})), weir.WithErrorOutput(&errs))
	log.Info("nobody is there")
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	if rescued.Records() != 1 || !strings.Contains(errs.String(), "list logs at "+server.addr()) || !strings.Contains(errs.String(), "is Redis running there?") {
		t.Errorf("%d rescued; %s", rescued.Records(), errs.String())
	}
}

// TestAwayFailsAtOnce: while Redis is away, batches do not wait for it one by one.
func TestAwayFailsAtOnce(t *testing.T) {
	s := newSink(t, fmt.Sprintf("redis://127.0.0.1:%d", freePort(t)), redis.Options{Channel: "a", Patience: time.Millisecond})
	ctx := context.Background()
	if err := s.WriteBatch(ctx, message("x")); err == nil {
		t.Fatal("nobody is there")
	}
	if err := s.WriteBatch(ctx, message("x")); err == nil || !strings.Contains(err.Error(), "a moment ago") {
		t.Errorf("%v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteBatch(ctx, message("x")); !errors.Is(err, redis.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestPasswords(t *testing.T) {
	const secret = "hunter2-secret"
	server := startRedis(t, "--requirepass", secret)
	ctx := context.Background()
	for name, c := range map[string]struct {
		url  string
		o    redis.Options
		want string
	}{
		"in the URL": {"redis://:" + secret + "@" + server.addr(), redis.Options{Channel: "a"}, ""},
		"an option":  {"redis://" + server.addr(), redis.Options{Channel: "a", Password: secret}, ""},
		"a user":     {"redis://" + server.addr(), redis.Options{List: "a", MaxLen: 5, Username: "default", Password: secret}, ""},
		"none":       {"redis://" + server.addr(), redis.Options{Channel: "a"}, "NOAUTH"},
		"none, list": {"redis://" + server.addr(), redis.Options{List: "a", MaxLen: 5}, "NOAUTH"},
		"wrong":      {"redis://:x" + secret + "@" + server.addr(), redis.Options{Channel: "a"}, "WRONGPASS"},
	} {
		err := newSink(t, c.url, c.o).WriteBatch(ctx, message("x"))
		var e *weir.Error
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!errors.As(err, &e) || e.Recoverable || e.UserMessage == "" || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v", name, err)
		case err != nil && strings.Contains(err.Error(), secret):
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
}

func TestWrongType(t *testing.T) {
	server := startRedis(t)
	ctx := context.Background()
	if err := server.client("").Set(ctx, "text", "x", 0).Err(); err != nil {
		t.Fatal(err)
	}
	for _, maxLen := range []int{0, 5} {
		err := newSink(t, "redis://"+server.addr(), redis.Options{List: "text", MaxLen: maxLen}).WriteBatch(ctx, message("x"))
		if err == nil || !strings.Contains(err.Error(), "another type") {
			t.Errorf("%v", err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		url string
		o   redis.Options
	}{
		"give one of them":    {"redis://h", redis.Options{}},
		"make a sink for":     {"redis://h", redis.Options{Channel: "a", List: "b"}},
		"MaxLen is negative":  {"redis://h", redis.Options{List: "a", MaxLen: -1}},
		"MaxLen is for":       {"redis://h", redis.Options{Channel: "a", MaxLen: 1}},
		"is not understood":   {"http://:hunter2@h", redis.Options{Channel: "a"}},
		"redis://[user":       {"redis://:hun/ter2@h:1", redis.Options{Channel: "a"}},
		"with %40":            {"redis://:hunter2@h?channel=a", redis.Options{Channel: "a"}},
		"is an option":        {"redis://:hunter2@h/db", redis.Options{Channel: "a"}},
		"or unix:///path/to/": {"unix://", redis.Options{Channel: "a"}},
	} {
		if _, err := redis.New(c.url, c.o); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hun") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestUnsafePasswordIsTold(t *testing.T) {
	for url, told := range map[string]bool{"redis://:x@h.example.com": true, "rediss://:x@h.example.com": false, "redis://:x@127.0.0.1": false, "unix://:x@/run/r.sock": false, "redis://h.example.com": false} {
		var errs bytes.Buffer
		log := weir.New("shop", weir.WithErrorOutput(&errs), weir.WithSink(newSink(t, url, redis.Options{Channel: "a"})))
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(errs.String(), "without TLS") != told {
			t.Errorf("%s: %s", url, errs.String())
		}
	}
}
