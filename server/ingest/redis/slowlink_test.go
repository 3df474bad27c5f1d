package redis

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// slowLink stands between a reader and Redis, and hands on so many bytes a second of
// what Redis says; none while it is stuck.
type slowLink struct {
	listener net.Listener
	server   string
	rate     int
	stuck    atomic.Bool
}

func startSlowLink(t *testing.T, server string, rate int) *slowLink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	link := &slowLink{listener: l, server: server, rate: rate}
	t.Cleanup(func() { l.Close() }) //nolint:errcheck // of a test
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go link.serve(near)
		}
	}()
	return link
}

func (l *slowLink) url(query string) string {
	return "redis://" + l.listener.Addr().String() + "/0?" + query
}

func (l *slowLink) serve(near net.Conn) {
	defer near.Close() //nolint:errcheck // of a test
	far, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	defer far.Close() //nolint:errcheck // of a test
	go func() {
		io.Copy(far, near) //nolint:errcheck // the reader tells
		far.Close()        //nolint:errcheck // of a test
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	part := make([]byte, max(l.rate/100, 1))
	for range tick.C {
		n, err := far.Read(part)
		if l.stuck.Load() {
			io.Copy(io.Discard, far) //nolint:errcheck // until the reader hangs up
			return
		}
		if n > 0 {
			if _, err := near.Write(part[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// large returns a message of so many bytes.
func large(i, size int) string { return fmt.Sprintf("m%d ", i) + strings.Repeat("x", size) }

// TestSlowLink: a batch may take much longer than a command may. What was taken before
// comes in the same way.
func TestSlowLink(t *testing.T) {
	const n, size = 150, 10_000
	for _, kind := range []string{"list", "stream"} {
		t.Run(kind, func(t *testing.T) {
			server, b := startRedis(t), newBench(t)
			c, ctx := server.client(""), context.Background()
			c.XGroupCreateMkStream(ctx, "stream", "weir", "0")
			for i := range n {
				switch kind {
				case "list":
					c.RPush(ctx, "list:weir:weir", large(i, size))
					c.RPush(ctx, "list", large(n+i, size))
				default:
					c.XAdd(ctx, &goredis.XAddArgs{Stream: "stream", Values: []string{"message", large(i, size)}})
				}
			}
			want := 2 * n
			if kind == "stream" {
				c.XReadGroup(ctx, &goredis.XReadGroupArgs{Group: "weir", Consumer: "weir", Streams: []string{"stream", ">"}, Count: n})
				for i := range n {
					c.XAdd(ctx, &goredis.XAddArgs{Stream: "stream", Values: []string{"message", large(n+i, size)}})
				}
			}
			link := startSlowLink(t, server.addr(), 1_000_000)
			b.run(Options{}, link.url("read_timeout=100ms&"+kind+"="+kind))
			b.stored(want)
			for i, text := range b.messages() {
				if !strings.HasPrefix(text, fmt.Sprintf("m%d ", i)) {
					t.Fatalf("record %d is %.20q", i, text)
				}
			}
			if s := b.source(kind); len(b.messages()) != want || len(s.Troubles) > 0 {
				t.Errorf("%d records, %+v", len(b.messages()), s.Troubles)
			}
		})
	}
}

// TestStuckLink: a reply that does not come holds up a stop no longer than the grace.
func TestStuckLink(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	c := server.client("")
	link := startSlowLink(t, server.addr(), 1_000_000)
	stop := b.run(Options{StopGrace: 100 * time.Millisecond}, link.url("list=logs&stream=events"))
	b.connected("list logs")
	b.connected("stream events")
	link.stuck.Store(true)
	push(t, c, "logs", 0, 1)
	until(t, "the element to be taken", func() bool { return length(t, c, "logs") == 0 })
	began := time.Now()
	stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestLargeElements: nobody knows how large the first ones are; few are taken at once.
func TestLargeElements(t *testing.T) {
	for _, kind := range []string{"list", "stream"} {
		t.Run(kind, func(t *testing.T) {
			server, b := startRedis(t), newBench(t)
			c, ctx := server.client(""), context.Background()
			const n = 40
			for i := range n {
				if kind == "list" {
					c.RPush(ctx, "events", large(i, 1<<20))
				} else {
					c.XAdd(ctx, &goredis.XAddArgs{Stream: "events", Values: []string{"message", large(i, 1<<20)}})
				}
			}
			release := b.store.Hold()
			b.run(Options{}, server.url(kind+"=events"))
			until(t, "a batch to be on its way", func() bool { return b.source(kind).Received > 0 })
			taken := int64(0)
			if kind == "list" {
				taken = length(t, c, "events:weir:weir")
			} else {
				taken = pendingOf(t, c)
			}
			if taken == 0 || taken > firstRound {
				t.Errorf("%d were taken at once", taken)
			}
			release()
			b.stored(n)
		})
	}
}

// TestTrickle: an element that comes alone costs a few commands.
func TestTrickle(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	c := server.client("")
	b.run(Options{}, server.url("list=logs"))
	b.connected("list logs")
	const n = 50
	for i := range n {
		push(t, c, "logs", i, i+1)
		b.stored(i + 1)
	}
	stats, err := c.InfoMap(context.Background(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	var calls int
	if _, err := fmt.Sscanf(stats["Commandstats"]["cmdstat_lmove"], "calls=%d,", &calls); err != nil || calls > 2*n {
		t.Errorf("%d commands for %d elements: %v", calls, n, err)
	}
}
