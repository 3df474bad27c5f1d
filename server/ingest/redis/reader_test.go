package redis

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

type nobody struct{}

func (nobody) Publish([]record.Record) {}

// bench is an intake over a store in memory, and a gate before it.
type bench struct {
	t      *testing.T
	memory *storetest.Memory
	store  *faulty.Store
	intake *intake.Intake
	gate   *gate.Gate
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, memory: storetest.NewMemory()}
	b.store = faulty.New(b.memory)
	in, err := intake.New(b.store, nobody{}, intake.Options{MaxWait: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	b.intake, b.gate = in, gate.New(in, gate.Options{})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := in.Close(ctx); err != nil {
			t.Error(err)
		}
		for _, line := range in.Ledger() {
			sum := line.Stored + line.Deduplicated + line.Pending
			for _, n := range line.Refused {
				sum += n
			}
			if sum != line.Received {
				t.Errorf("the ledger does not add up: %+v", line)
			}
		}
	})
	return b
}

// run runs a reader until stop is called, or the test ends.
func (b *bench) run(opts Options, urls ...string) (stop func()) {
	b.t.Helper()
	r, err := New(b.gate, urls, opts)
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stopped := false
	stop = func() {
		b.t.Helper()
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				b.t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			b.t.Error("Run does not return")
		}
	}
	b.t.Cleanup(stop)
	return stop
}

// messages are those that are stored, without the reader's own.
func (b *bench) messages() []string {
	var all []string
	for _, r := range b.memory.Records() {
		if r.Logger != logger {
			all = append(all, r.Message)
		}
	}
	return all
}

// gaps are the reader's own records.
func (b *bench) gaps() []record.Record {
	return slices.DeleteFunc(slices.Clone(b.memory.Records()), func(r record.Record) bool { return r.Logger != logger })
}

func (b *bench) source(prefix string) intake.Counts {
	for _, c := range b.intake.Ledger() {
		if strings.HasPrefix(c.Sender, prefix) {
			return c
		}
	}
	return intake.Counts{}
}

func (b *bench) connected(prefix string) {
	b.t.Helper()
	until(b.t, prefix+" to be connected", func() bool { return b.source(prefix).State == stateConnected })
}

func (b *bench) stored(n int) {
	b.t.Helper()
	until(b.t, fmt.Sprintf("%d records", n), func() bool { return len(b.messages()) >= n })
}

func numbered(from, to int) []string {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprintf("m%d", i))
	}
	return all
}

func (b *bench) want(messages []string) {
	b.t.Helper()
	if got := b.messages(); !slices.Equal(got, messages) {
		b.t.Errorf("%d messages are stored, want %d: %.300q", len(got), len(messages), got)
	}
}

// lookup is what a search for a name looks at, as text.
func lookup(r record.Record, name string) string {
	v, ok := r.Lookup(name)
	if !ok {
		return ""
	}
	return v.String()
}

func TestChannelsAndPatterns(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	stop := b.run(Options{}, server.url("channel=my:channel&channel=other&pattern=app:*&service=shop"))
	b.connected("channel my:channel")
	c, ctx := server.client(""), context.Background()
	for i, name := range []string{"my:channel", "app:web", "other", "app:db", "my:channel"} {
		if n, err := c.Publish(ctx, name, fmt.Sprintf(`{"name":"l","level":"info","line_no":%d,"funcname":"f","msg":"m%%d","args":[%d]}`, i, i)).Result(); err != nil || n != 1 {
			t.Fatalf("%d listen: %v", n, err)
		}
	}
	b.stored(5)
	got := slices.Clone(b.memory.Records())
	slices.SortFunc(got, func(a, b record.Record) int { return strings.Compare(a.Message, b.Message) })
	for i, want := range []string{"my:channel", "app:web", "other", "app:db", "my:channel"} {
		if got[i].Message != fmt.Sprintf("m%d", i) || lookup(got[i], "channel") != want || got[i].Resource.Service != "shop" {
			t.Errorf("%+v", got[i])
		}
	}
	if lookup(got[1], "pattern") != "app:*" || lookup(got[0], "pattern") != "" {
		t.Errorf("%+v", got)
	}
	if s := b.source("pattern app:* at "); s.Stored != 2 || s.Received != 2 || s.Protocol != "redis" || s.State != stateConnected {
		t.Errorf("%+v", s)
	}
	stop()
	if s := b.source("channel other"); s.State != stateStopped {
		t.Errorf("%+v", s)
	}
	if len(b.gaps()) != 0 {
		t.Errorf("%+v", b.gaps())
	}
}

// TestGapIsDeclared: Redis is killed and started again; what was published meanwhile is
// said to be missing, for each channel.
func TestGapIsDeclared(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	b.run(Options{}, server.url("channel=a&pattern=b*"))
	b.connected("channel a")
	ctx := context.Background()
	server.client("").Publish(ctx, "a", "m0")
	b.stored(1)
	before := time.Now()
	server.kill()
	until(t, "the loss to be seen", func() bool { return b.source("channel a").State == stateDisconnected })
	server.start()
	until(t, "the gaps", func() bool { return len(b.gaps()) == 2 })
	server.client("").Publish(ctx, "a", "m1")
	b.stored(2)
	b.want(numbered(0, 2))
	for i, name := range []string{"channel a", "pattern b*"} {
		g := b.gaps()[i]
		since, _ := g.Lookup("since")
		until, _ := g.Lookup("until")
		if g.Severity != record.SeverityWarn || !strings.Contains(g.Message, name+" at "+server.addr()) || lookup(g, "gap") != holeDisconnected ||
			since.Time().After(before) || until.Time().Before(before) {
			t.Errorf("%+v", g)
		}
		if s := b.source(name); !slices.ContainsFunc(s.Troubles, func(n intake.Note) bool { return n.What == "gap" }) || len(s.Troubles) < 2 {
			t.Errorf("%+v", s.Troubles)
		}
	}
}

// TestCutSubscriber: who is cut off by Redis, as one that reads too slowly is, has
// missed something.
func TestCutSubscriber(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	b.run(Options{}, server.url("channel=a"))
	b.connected("channel a")
	if n, err := server.client("").ClientKillByFilter(context.Background(), "TYPE", "pubsub").Result(); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	until(t, "the gap", func() bool { return len(b.gaps()) == 1 })
	b.connected("channel a")
}

// TestSlowStore: publishers do not wait. What does not fit is counted, to the message.
func TestSlowStore(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	const fits = 100
	b.run(Options{BufferMessages: fits, Batch: 10}, server.url("channel=a"))
	b.connected("channel a")
	release := b.store.Hold()
	c, ctx := server.client(""), context.Background()
	const n = 500
	for i := range n {
		c.Publish(ctx, "a", fmt.Sprintf("m%d", i))
	}
	until(t, "the losses", func() bool { return b.source("channel a").Refused[intake.ReasonOverflow] == n-fits })
	release()
	until(t, "the gap", func() bool { return len(b.gaps()) == 1 })
	b.want(numbered(0, fits))
	g := b.gaps()[0]
	if lookup(g, "lost") != fmt.Sprint(n-fits) || lookup(g, "gap") != holeOverflow || lookup(g, "channel") != "a" {
		t.Errorf("%+v", g)
	}
	c.Publish(ctx, "a", fmt.Sprintf("m%d", fits))
	b.stored(fits + 1)
}

func push(t *testing.T, c *goredis.Client, key string, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := c.RPush(context.Background(), key, fmt.Sprintf("m%d", i)).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func length(t *testing.T, c *goredis.Client, key string) int64 {
	t.Helper()
	n, err := c.LLen(context.Background(), key).Result()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestList(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	c := server.client("")
	push(t, c, "logs", 0, 1200)
	b.run(Options{}, server.url("list=logs"))
	b.stored(1200)
	push(t, c, "logs", 1200, 1210)
	b.stored(1210)
	b.want(numbered(0, 1210))
	until(t, "the elements to be gone", func() bool { return length(t, c, "logs")+length(t, c, "logs:weir:weir") == 0 })
	if r := b.memory.Records()[0]; lookup(r, "list") != "logs" {
		t.Errorf("%+v", r)
	}
}

// TestListOutlivesTheReader: the reader ends while its store is away, as if it were
// killed; the next one stores what it had taken, and nothing twice.
func TestListOutlivesTheReader(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	c := server.client("")
	push(t, c, "logs", 0, 50)
	b.store.Always(faulty.FailBefore)
	stop := b.run(Options{StopGrace: time.Millisecond}, server.url("list=logs"))
	until(t, "the elements to be taken", func() bool { return length(t, c, "logs:weir:weir") == 50 })
	stop()
	if n := length(t, c, "logs:weir:weir"); n != 50 || len(b.messages()) != 0 {
		t.Fatalf("%d elements wait, %d are stored", n, len(b.messages()))
	}
	b.store.Always(faulty.None)
	push(t, c, "logs", 50, 60)
	b.run(Options{}, server.url("list=logs"))
	b.stored(60)
	b.want(numbered(0, 60))
}

// TestListOutlivesRedis: Redis is killed again and again while elements come. Each is
// stored; those whose removal Redis had not kept may come twice.
func TestListOutlivesRedis(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	b.run(Options{Batch: 20}, server.url("list=logs"))
	const n = 300
	for i := 0; i < n; i += 100 {
		push(t, server.client(""), "logs", i, i+100)
		server.kill()
		server.start()
	}
	until(t, "all elements", func() bool {
		got := b.messages()
		slices.Sort(got)
		return len(slices.Compact(got)) == n
	})
}

func add(t *testing.T, c *goredis.Client, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := c.XAdd(context.Background(), &goredis.XAddArgs{Stream: "events", Values: []string{"message", fmt.Sprintf("m%d", i)}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func pendingOf(t *testing.T, c *goredis.Client) int64 {
	t.Helper()
	p, err := c.XPending(context.Background(), "events", "weir").Result()
	if err != nil {
		t.Fatal(err)
	}
	return p.Count
}

func TestStream(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	c := server.client("")
	add(t, c, 0, 700)
	b.run(Options{}, server.url("stream=events"))
	b.stored(700)
	add(t, c, 700, 710)
	b.stored(710)
	b.want(numbered(0, 710))
	until(t, "all to be confirmed", func() bool { return pendingOf(t, c) == 0 })
	if r := b.memory.Records()[0]; lookup(r, "stream") != "events" || lookup(r, "stream_id") == "" || time.Since(r.Time) > time.Hour {
		t.Errorf("%+v", r)
	}
}

// TestStreamOutlivesTheReader: as for lists; and what another consumer was given and
// never confirms is taken over.
func TestStreamOutlivesTheReader(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	c, ctx := server.client(""), context.Background()
	add(t, c, 0, 10)
	c.XGroupCreate(ctx, "events", "weir", "0")
	if err := c.XReadGroup(ctx, &goredis.XReadGroupArgs{Group: "weir", Consumer: "gone", Streams: []string{"events", ">"}}).Err(); err != nil {
		t.Fatal(err)
	}
	add(t, c, 10, 50)
	b.store.Always(faulty.FailBefore)
	stop := b.run(Options{StopGrace: time.Millisecond, ClaimIdle: time.Hour}, server.url("stream=events"))
	until(t, "the entries to be taken", func() bool { return pendingOf(t, c) == 50 })
	stop()
	b.store.Always(faulty.None)
	b.run(Options{ClaimIdle: time.Millisecond}, server.url("stream=events"))
	b.stored(50)
	until(t, "all to be confirmed", func() bool { return pendingOf(t, c) == 0 })
	got := b.messages()
	slices.Sort(got)
	want := numbered(0, 50)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestStreamOutlivesRedis: Redis is killed, and comes back with and without its data.
func TestStreamOutlivesRedis(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	b.run(Options{Batch: 20}, server.url("stream=events"))
	add(t, server.client(""), 0, 100)
	server.kill()
	server.start()
	c := server.client("")
	add(t, c, 100, 200)
	all := func(n int) func() bool {
		return func() bool {
			got := b.messages()
			slices.Sort(got)
			return len(slices.Compact(got)) == n
		}
	}
	until(t, "all entries", all(200))
	if err := c.Del(context.Background(), "events").Err(); err != nil { // and its group
		t.Fatal(err)
	}
	until(t, "the group to be made again", func() bool {
		n, err := c.Exists(context.Background(), "events").Result()
		return err == nil && n == 1
	})
	add(t, c, 200, 210)
	until(t, "the new entries", all(210))
}

func TestDeletedEntries(t *testing.T) {
	server, b := startRedis(t), newBench(t)
	c, ctx := server.client(""), context.Background()
	add(t, c, 0, 3)
	c.XGroupCreate(ctx, "events", "weir", "0")
	c.XReadGroup(ctx, &goredis.XReadGroupArgs{Group: "weir", Consumer: "weir", Streams: []string{"events", ">"}})
	c.XTrimMaxLen(ctx, "events", 1)
	b.run(Options{}, server.url("stream=events"))
	b.stored(1)
	b.want([]string{"m2"})
	until(t, "all to be confirmed", func() bool { return pendingOf(t, c) == 0 })
	if s := b.source("stream events"); len(s.Troubles) != 1 || s.Troubles[0].What != "deleted" {
		t.Errorf("%+v", s)
	}
}

// TestErrorsAreShown: each of Redis' errors is in the ledger, by its word, and no
// password is.
func TestErrorsAreShown(t *testing.T) {
	const secret = "hunter2-secret"
	server := startRedis(t, "--requirepass", secret)
	c, ctx := server.client(secret), context.Background()
	if err := c.Set(ctx, "text", "x", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := c.Do(ctx, "ACL", "SETUSER", "reader", "on", ">"+secret, "~*", "resetchannels", "&ok", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	at := server.addr()
	for _, x := range []struct{ url, sender, reason string }{
		{"redis://" + at + "?channel=a", "channel a", "NOAUTH"},
		{"redis://" + at + "?list=a", "list a", "NOAUTH"},
		{"redis://:wrong-" + secret + "@" + at + "?stream=a", "stream a", "WRONGPASS"},
		{"redis://:" + secret + "@" + at + "?list=text", "list text", "WRONGTYPE"},
		{"redis://:" + secret + "@" + at + "?stream=text", "stream text", "WRONGTYPE"},
		{"redis://reader:" + secret + "@" + at + "?channel=forbidden", "channel forbidden", "NOPERM"},
		{"redis://127.0.0.1:1?channel=a", "channel a", "unreachable"},
		{"redis://127.0.0.1:1?list=a", "list a", "unreachable"},
		{"rediss://127.0.0.1:1?stream=a", "stream a", "unreachable"},
		{"redis://:" + secret + "@" + at + "/99?channel=a", "channel a", "ERR"},
		{"rediss://:" + secret + "@" + at + "?list=a&dial_timeout=1s", "list a", ""},
	} {
		b := newBench(t)
		stop := b.run(Options{}, x.url)
		until(t, x.reason+" of "+x.sender, func() bool { return len(b.source(x.sender).Troubles) > 0 })
		s := b.source(x.sender)
		if x.reason != "" && s.Troubles[0].What != x.reason || s.State != stateDisconnected || strings.Contains(fmt.Sprintf("%+v", s), secret) {
			t.Errorf("%+v", s)
		}
		stop()
	}
}
