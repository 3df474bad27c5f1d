package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/ship"
)

// The run of TestShippingSurvivesKills. For the long one: -ship-rate 20000 -ship-down
// 1m -ship-kills 1.
var (
	shipRate  = flag.Int("ship-rate", 3000, "records a second")
	shipDown  = flag.Duration("ship-down", 700*time.Millisecond, "how long the server is away after each kill")
	shipUp    = flag.Duration("ship-up", 700*time.Millisecond, "how long it runs in between")
	shipKills = flag.Int("ship-kills", 3, "how often it is killed")
)

// closeQuickly is a logger's patience in these tests: only a failing one needs it.
const closeQuickly = 2 * time.Minute

// shipper makes a logger that ships to a server and nothing else.
func shipper(t testing.TB, url string, o ship.Options) (*weir.Logger, *ship.Sink) {
	t.Helper()
	if o.RetryMax == 0 {
		o.RetryMax = 500 * time.Millisecond
	}
	o.CloseTimeout = closeQuickly / 2
	sink, err := ship.New(url, o)
	if err != nil {
		t.Fatal(err)
	}
	l := weir.New("shop", weir.WithSink(sink), weir.WithCloseTimeout(closeQuickly), weir.WithOverflow(weir.Block),
		weir.WithBlockTimeout(closeQuickly), weir.WithErrorOutput(t.Output()))
	return l, sink
}

// wantEach tests that the attribute n of the server's records has each number from 1
// to n once.
func wantEach(t *testing.T, p *process, n int) {
	t.Helper()
	times := make([]int, n+1)
	for _, r := range p.records("") {
		i, ok := r["metadata"].(map[string]any)["n"].(float64)
		if !ok || int(i) < 1 || int(i) > n {
			t.Fatalf("a record is not ours: %v", r)
		}
		times[int(i)]++
	}
	missing, double := 0, 0
	for _, count := range times[1:] {
		if count == 0 {
			missing++
		}
		if count > 1 {
			double++
		}
	}
	if missing+double > 0 {
		t.Errorf("of %d records %d are missing and %d are there more than once", n, missing, double)
	}
}

// TestShippingSurvivesKills kills the server with SIGKILL while a program logs, several
// times, and restarts it: every record is there once, and the program's calls take no
// longer while the server is away.
func TestShippingSurvivesKills(t *testing.T) {
	data := t.TempDir()
	p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	address := strings.TrimPrefix(p.url, "http://")
	// Small batches, so that there is most often one on its way when the server is killed.
	l, sink := shipper(t, p.url, ship.Options{Spool: t.TempDir(), BatchRecords: max(100, *shipRate/20), RetryMin: 50 * time.Millisecond})

	var away atomic.Bool
	stop, done := make(chan struct{}), make(chan struct{})
	took := map[bool][]time.Duration{}
	n := 0
	go func() {
		defer close(done)
		const slice = 5 * time.Millisecond
		tick := time.NewTicker(slice)
		defer tick.Stop()
		began := time.Now()
		for {
			for due := int(time.Since(began).Seconds() * float64(*shipRate)); n < due; {
				n++
				gone := away.Load()
				before := time.Now()
				l.Info("request done", slog.Int("n", n), slog.String("path", "/api/v1/items"), slog.Int("status", 200))
				took[gone] = append(took[gone], time.Since(before))
			}
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	for range *shipKills {
		<-time.After(*shipUp)
		p.kill()
		away.Store(true)
		<-time.After(*shipDown)
		p = start(t, nil, "serve", "--listen", address, "--data", data)
		away.Store(false)
	}
	<-time.After(*shipUp)
	close(stop)
	<-done
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	wantEach(t, p, n)
	st := sink.Stats()
	if st.Sent != uint64(n) || len(st.Dropped) != 0 || st.Refused != 0 || st.Retried == 0 {
		t.Errorf("%d were logged: %+v", n, st)
	}
	if received, rest := p.metric("weir_records_received_total"), p.metric("weir_records_stored_total")+p.metric("weir_records_deduplicated_total")+
		p.metric("weir_records_refused_total")+p.metric("weir_records_pending"); received != rest {
		t.Errorf("the ledger says received %v, accounted for %v", received, rest)
	}
	up, down := percentile(took[false], 99), percentile(took[true], 99)
	t.Logf("%d records; p99 of a call %s with the server and %s without; %+v", n, up, down, st)
	// Both are microseconds, but for a machine with much else to do; what a call must not do is wait
	// for the network, whose timeouts are seconds.
	if down > 5*up+time.Millisecond {
		t.Errorf("p99 of a call is %s while the server is away and %s while it is there", down, up)
	}
}

func percentile(took []time.Duration, percent int) time.Duration {
	slices.Sort(took)
	if len(took) == 0 {
		return 0
	}
	return took[len(took)*percent/100]
}

// childVariable makes a copy of the test binary a program that ships.
const childVariable = "WEIR_SHIP_TEST_CHILD"

// childOrder is what such a program does: it logs From to To and then ends, or waits to
// be killed.
type childOrder struct {
	URL, Spool string
	From, To   int
	Queue      int
	Wait       bool
}

// TestShippingChild is no test of its own: it is the program that the next test starts.
func TestShippingChild(t *testing.T) {
	text := os.Getenv(childVariable)
	if text == "" {
		return
	}
	var order childOrder
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		t.Fatal(err)
	}
	sink, err := ship.New(order.URL, ship.Options{Spool: order.Spool, BatchRecords: 100, QueueRecords: order.Queue, RetryMax: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	l := weir.New("shop", weir.WithSink(sink), weir.WithOverflow(weir.Block), weir.WithBlockTimeout(closeQuickly), weir.WithCloseTimeout(closeQuickly))
	for n := order.From; n <= order.To; n++ {
		l.Info("from a child", slog.Int("n", n))
	}
	if order.Wait {
		// The server is away, so this ends with its context, once the sink has everything.
		for sink.Stats().Records < uint64(order.To-order.From+1) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
			_ = l.Flush(ctx)
			cancel()
		}
		fmt.Println("ready to be killed")
		select {}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func child(t *testing.T, order childOrder) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestShippingChild$", "-test.count", "1")
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	return cmd
}

func runChild(t *testing.T, order childOrder) {
	t.Helper()
	if out, err := child(t, order).CombinedOutput(); err != nil {
		t.Fatalf("the program that ships: %v\n%s", err, out)
	}
}

// TestShippingOverRestartsOfTheProgram: programs that end while the server is away leave
// their records to the next start; one that is killed loses what was only in its memory, and nothing is
// sent twice.
func TestShippingOverRestartsOfTheProgram(t *testing.T) {
	data, spool := t.TempDir(), t.TempDir()
	p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	url, address := p.url, strings.TrimPrefix(p.url, "http://")
	p.kill()
	runChild(t, childOrder{URL: url, Spool: spool, From: 1, To: 2500})
	runChild(t, childOrder{URL: url, Spool: spool, From: 2501, To: 5000, Queue: 500})
	p = start(t, nil, "serve", "--listen", address, "--data", data)
	runChild(t, childOrder{URL: url, Spool: spool, From: 5001, To: 7500})
	wantEach(t, p, 7500)
	last := 0
	for _, r := range p.records("") {
		n := int(r["metadata"].(map[string]any)["n"].(float64))
		if n <= 5000 && n < last {
			t.Fatalf("record %d came after %d", n, last)
		}
		last = n
	}
	p.kill()

	const queue = 500
	killed := child(t, childOrder{URL: url, Spool: spool, From: 7501, To: 17500, Queue: queue, Wait: true})
	out, err := killed.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make([]byte, len("ready to be killed"))
	if _, err := io.ReadFull(out, ready); err != nil {
		t.Error(err)
	}
	if err := killed.Process.Signal(syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	_ = killed.Wait() // killed, as it should be
	p = start(t, nil, "serve", "--listen", address, "--data", data)
	runChild(t, childOrder{URL: url, Spool: spool, From: 17501, To: 17501})
	seen := map[int]int{}
	for _, r := range p.records("") {
		seen[int(r["metadata"].(map[string]any)["n"].(float64))]++
	}
	for n, times := range seen {
		if times != 1 {
			t.Errorf("record %d is there %d times", n, times)
		}
	}
	if lost := 17501 - len(seen); lost < 0 || lost > queue {
		t.Errorf("%d records were lost by the kill, memory held %d at most", lost, queue)
	}
	left, err := filepath.Glob(filepath.Join(spool, "*", "*", "*.batch"))
	if err != nil || len(left) != 0 {
		t.Errorf("left in the spool: %v %v", left, err)
	}
}

// answersLost is a network that loses every third answer, after the server has
// done its work.
type answersLost struct{ posts atomic.Int32 }

func (a *answersLost) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && r.Method == http.MethodPost && a.posts.Add(1)%3 == 1 {
		_ = res.Body.Close()
		return nil, errors.New("the answer was lost")
	}
	return res, err
}

// TestShippingLosesAnswers: by both protocols each record is stored once, and is what was
// logged.
func TestShippingLosesAnswers(t *testing.T) {
	var stored [2][]map[string]any
	for i, protocol := range []ship.Protocol{ship.ProtocolAuto, ship.ProtocolCollector} {
		p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
		l, sink := shipper(t, p.url, ship.Options{Protocol: protocol, BatchRecords: 150, RetryMin: time.Millisecond, HTTPClient: &http.Client{Transport: &answersLost{}}})
		const n = 2000
		for i := 1; i <= n; i++ {
			l.LogAttrs(t.Context(), slog.LevelWarn, "odd \x00 text \xff", slog.Int("n", i), slog.String("user_id", "u"), slog.Group("nested", slog.Bool("b", true)),
				slog.Duration("took", time.Second), slog.String("trace_id", "550e8400-e29b-41d4-a716-446655440000"), slog.String("method", "GET"))
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		wantEach(t, p, n)
		st := sink.Stats()
		if st.Sent != n || st.Retried == 0 || protocol == ship.ProtocolAuto && st.Duplicate == 0 {
			t.Errorf("%+v", st)
		}
		if p.metric("weir_records_deduplicated_total") == 0 {
			t.Error("no repetition was noticed: the test proves nothing")
		}
		stored[i] = p.records("n:" + strconv.Itoa(n/2))
	}
	for i, list := range stored {
		if len(list) != 1 {
			t.Fatalf("protocol %d: %d records", i, len(list))
		}
		// These differ by nature: when it came and from which start of the logger, and where the fall-backs
		// of a log-collector fill in.
		for _, key := range []string{"id", "observed_at", "created_at", "source_id", "environment", "service_version", "log_type", "line_number"} {
			delete(list[0], key)
		}
		metadata := list[0]["metadata"].(map[string]any)
		for key := range metadata {
			if strings.HasPrefix(key, record.ConflictPrefix) {
				t.Errorf("protocol %d: %s", i, key)
			}
		}
		if i == 1 { // what was replaced is noted by the sink there, before the server
			delete(metadata, record.AttrRepaired)
			delete(stored[0][0]["metadata"].(map[string]any), record.AttrRepaired)
		}
	}
	one, errOne := json.Marshal(stored[0][0])
	two, errTwo := json.Marshal(stored[1][0])
	if err := errors.Join(errOne, errTwo); err != nil || string(one) != string(two) {
		t.Errorf("by Weir's protocol:\n%s\nby the log-collector's:\n%s\n%v", one, two, err)
	}
}
