package ship

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/weirlog/weir"
)

// collector is Options.Diagnostics of a logger.
type collector struct {
	mu   sync.Mutex
	errs []*weir.Error
}

func (c *collector) take(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var e *weir.Error
	if !errors.As(err, &e) {
		e = &weir.Error{Message: "no *weir.Error: " + err.Error()}
	}
	c.errs = append(c.errs, e)
}

func (c *collector) all() []*weir.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*weir.Error(nil), c.errs...)
}

// forLogger is a sink that tells people through its logger.
func forLogger(t *testing.T, srv *server, o Options) *Sink {
	t.Helper()
	o.HTTPClient, o.Protocol = &http.Client{Transport: srv}, ProtocolWeir
	return mustNew(t, "http://weir.test", o)
}

// TestTroubleIsReported: the logger's diagnostics get all trouble, with codes, and its
// counters have what is lost.
func TestTroubleIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.breakWith(errors.New("connection refused"))
		sink := forLogger(t, srv, Options{BatchRecords: 10, QueueRecords: 50})
		diagnostics, told := &collector{}, &notes{}
		l := weir.New("app", weir.WithDiagnostics(diagnostics.take), weir.WithErrorOutput(told), weir.WithSink(sink))
		for range 200 {
			l.Info("hello")
		}
		if err := l.Flush(t.Context()); err != nil { // it does not wait for the server
			t.Fatal(err)
		}
		lost := sink.Lost()
		if lost == 0 || l.Stats().Sinks[0].Lost != lost || l.Stats().Sinks[0].Name != "ship http://weir.test" {
			t.Errorf("%d lost, %+v", lost, l.Stats().Sinks)
		}
		srv.breakWith(nil)
		mustFlush(t, sink)
		err := l.Close()
		var e *weir.Error
		if !errors.As(err, &e) || e.Context["records"] != lost || e.Err != nil {
			t.Fatalf("Close: %v", err)
		}
		if want := regexp.MustCompile(`^weir: close: sink ship http://weir\.test: ship to http://weir\.test: \d+ of 200 records are lost: \d+ that memory had no room for \(Options\.Spool keeps records on disk until the server takes them\)$`); !want.MatchString(err.Error()) {
			t.Errorf("Close: %v", err)
		}
		for i, want := range []struct{ code, text string }{
			{"SINK::ShipSink::IO::WARNING::RECOVERABLE", "ship to http://weir.test: records wait: "},
			{"SINK::ShipSink::IO::ERROR", "lost: "},
			{"SINK::ShipSink::IO::WARNING::RECOVERABLE", "ship to http://weir.test: works again: the server takes records; "},
			{"SINK::ShipSink::IO::ERROR", " of 200 records are lost: "},
		} {
			if i >= len(diagnostics.all()) {
				t.Fatalf("only %v", diagnostics.all())
			}
			if e := diagnostics.all()[i]; e.Code() != want.code || !strings.Contains(e.Error(), want.text) || e.Context["server"] != "http://weir.test" {
				t.Errorf("%d: %s %v %v, want %v", i, e.Code(), e, e.Context, want)
			}
		}
		if told.String() != "" {
			t.Errorf("told besides: %s", told)
		}
	})
}

// TestTroubleWithoutDiagnostics: then it is lines of the error output; what the end
// costs is one.
func TestTroubleWithoutDiagnostics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, told := newServer(), &notes{}
		srv.breakWith(errors.New("connection refused"))
		sink := forLogger(t, srv, Options{BatchRecords: 10, QueueRecords: 50})
		l := weir.New("app", weir.WithErrorOutput(told), weir.WithSink(sink))
		for range 30 {
			l.Info("hello")
		}
		err := l.Close()
		if err == nil {
			t.Fatal("Close has no error")
		}
		lines := strings.Split(strings.TrimSuffix(told.String(), "\n"), "\n")
		if len(lines) != 2 || !strings.HasPrefix(lines[0], "weir: ship to http://weir.test: records wait: ") ||
			lines[1] != "weir: ship to http://weir.test: 30 of 30 records are lost: 30 not delivered before the end (Options.Spool keeps records on disk until the server takes them)" {
			t.Errorf("told:\n%s", told)
		}
	})
}

// TestNoticesWaitForTheLogger: what is found before Start is told through the logger as well.
func TestNoticesWaitForTheLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, dir := newServer(), t.TempDir()
		srv.breakWith(errors.New("connection refused"))
		first := offline(t, srv, Options{Spool: dir})
		write(t, first, 1, 5)
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		second := forLogger(t, srv, Options{Spool: dir})
		synctest.Wait() // it has found the spool, and failed to send it
		c, told := &collector{}, &notes{}
		l := weir.New("app", weir.WithDiagnostics(c.take), weir.WithErrorOutput(told), weir.WithSink(second))
		synctest.Wait()
		if got := told.String(); got != "weir: ship to http://weir.test: 5 records of an earlier start were found in the spool\n" {
			t.Errorf("told %q", got)
		}
		if all := c.all(); len(all) != 1 || !strings.Contains(all[0].Error(), "records wait") {
			t.Errorf("reported %v", all)
		}
		if err := l.Close(); err != nil || second.Lost() != 0 {
			t.Errorf("%v, %d lost", err, second.Lost())
		}
	})
}

func TestLostError(t *testing.T) {
	n := notices{where: "https://logs.example.com/team"}
	for _, c := range []struct {
		lost map[string]uint64
		with bool
		of   uint64
		want string
	}{
		{
			map[string]uint64{DroppedClosed: 1},
			false, 0,
			"1 record is lost: 1 not delivered before the end (Options.Spool keeps records on disk until the server takes them)",
		},
		{
			map[string]uint64{DroppedClosed: 2, DroppedQueueFull: 3, DroppedTooLarge: 1},
			false, 100,
			"6 of 100 records are lost: 3 that memory had no room for, 1 larger than the whole queue, 2 not delivered before the end " +
				"(Options.Spool keeps records on disk until the server takes them; give Options.QueueBytes more)",
		},
		{
			map[string]uint64{DroppedClosed: 2, DroppedSpoolFull: 3, DroppedSpoolDamaged: 4},
			true, 9,
			"9 of 9 records are lost: 3 that the spool had no room for, 4 in damaged files of the spool, 2 not delivered before the end " +
				"(give Options.SpoolBytes more; what is left of them is in its folder damaged; the spool could not be written: is its disk full?)",
		},
		{
			map[string]uint64{DroppedRetries: 2, reasonRefused: 1},
			false, 0,
			"3 records are lost: 2 not delivered at the last try, 1 refused by the server for good (Options.Retries of 0 tries until it works; with Options.Spool they are kept aside to be looked at)",
		},
	} {
		e := n.lostError(losses{by: c.lost, spool: c.with}, c.of)
		if got := e.Error(); got != "ship to https://logs.example.com/team: "+c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if !reflect.DeepEqual(e.Context["reasons"], c.lost) || e.Recoverable || e.Severity != weir.SeverityError {
			t.Errorf("%+v", e)
		}
	}
}

// TestRefusedIsLost: unless the spool keeps it aside.
func TestRefusedIsLost(t *testing.T) {
	for _, spool := range []string{"", t.TempDir()} {
		synctest.Test(t, func(t *testing.T) {
			srv, told := newServer(), &notes{}
			srv.rule = func(seen) reply { return status(http.StatusUnprocessableEntity) }
			sink := offline(t, srv, Options{Protocol: ProtocolWeir, Spool: spool, ErrorOutput: told})
			write(t, sink, 1, 2)
			mustFlush(t, sink)
			err := sink.Close()
			if spool == "" {
				if sink.Lost() != 2 || err == nil || !strings.Contains(err.Error(), "2 of 2 records are lost: 2 refused by the server for good") {
					t.Errorf("%d lost, %v", sink.Lost(), err)
				}
			} else if sink.Lost() != 0 || err != nil || !strings.Contains(told.String(), "kept in refused.ndjson") {
				t.Errorf("%d lost, %v, %s", sink.Lost(), err, told)
			}
		})
	}
}

// TestNoFallback: the logger refuses one for a sink that answers before its records are
// at their end.
func TestNoFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{}
		sink := offline(t, newServer(), Options{})
		other := offline(t, newServer(), Options{})
		l := weir.New("app", weir.WithDiagnostics(c.take), weir.WithErrorOutput(&notes{}),
			weir.WithSink(weir.ConfigureSink(sink, weir.SinkOptions{Fallback: other})))
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if all := c.all(); len(all) != 1 || !strings.Contains(all[0].Error(), "Spool") {
			t.Errorf("reported %v", all)
		}
	})
}

// TestStatsAsJSON: the names are those of the logger's own counters: small letters.
func TestStatsAsJSON(t *testing.T) {
	text, err := json.Marshal(Stats{Dropped: map[string]uint64{DroppedQueueFull: 1}, LastError: "x"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"records":0,"adopted":0,"sent":0,"duplicate":0,"refused":0,"kept_aside":0,"dropped":{"queue_full":1},"queued":0,"queued_bytes":0,"spooled":0,"spool_bytes":0,` +
		`"spool_written":0,"spool_damaged":0,"spool_errors":0,"batches":0,"retried":0,"split":0,"raw_bytes":0,"sent_bytes":0,"away":false,"last_error":"x"}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}
