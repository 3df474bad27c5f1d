package behaviour_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/file"
	"github.com/weirlog/weir/sink/jsonl"
	"github.com/weirlog/weir/sink/ship"
	"github.com/weirlog/weir/sink/writer"
	"github.com/weirlog/weir/weirhttp"
	"github.com/weirlog/weir/weirtest"
)

// The defects of the forerunners that are seen from outside. Others are tested where the
// code is that could have them.

// TestDefectPulselogMemoryByThreads: what waits is bounded as a whole, however many goroutines
// log.
func TestDefectPulselogMemoryByThreads(t *testing.T) {
	stop := make(standstill)
	log := weir.New("app", weir.WithSink(&weirtest.Capture{}), weir.WithProcessor(stop), weir.WithMemoryLimit(1<<20), weir.WithErrorOutput(io.Discard))
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			for range 500 {
				log.Info("a record of some length, so that all of them together do not fit", "text", strings.Repeat("x", 100))
			}
		})
	}
	callers.Wait()
	if s := log.Stats(); s.QueueMemory > 1<<20 || s.Dropped.OverflowOldest == 0 {
		t.Errorf("%d bytes in the queue, dropped %+v", s.QueueMemory, s.Dropped)
	}
	close(stop)
	mustDo(t, log.Close())
	balance(t, log)
}

// TestDefectPulselogNoOrder: there is one order, also across goroutines that hand work on.
func TestDefectPulselogNoOrder(t *testing.T) {
	log, c := weirtest.New(t)
	turn := make(chan int)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := range turn {
				log.Info("step", "i", i)
				if i++; i < 2000 {
					turn <- i
				} else {
					close(turn)
				}
			}
		})
	}
	turn <- 0
	workers.Wait()
	records := c.Records()
	if len(records) != 2000 {
		t.Fatalf("%d records", len(records))
	}
	for i, r := range records {
		if v, _ := r.Lookup("i"); v.Int64() != int64(i) {
			t.Fatalf("step %v came at place %d", v, i)
		}
		if i > 0 && r.Time.Before(records[i-1].Time) {
			t.Fatalf("record %d is older than the one before", i)
		}
	}
}

// TestDefectKologFiltersRaise: what processors, levels and sinks keep away is no error of the
// call.
func TestDefectKologFiltersRaise(t *testing.T) {
	never := weir.ProcessorFunc(func(*record.Record) bool { return false })
	filtered := &weirtest.Capture{}
	log, c := weirtest.New(t, weir.WithProcessor(processor.Level(weir.LevelInfo)), weir.WithLevel(weir.LevelDebug),
		weir.WithSink(weir.ConfigureSink(filtered, weir.SinkOptions{Level: weir.LevelError, Processors: []weir.Processor{never}})))
	for _, level := range []slog.Level{weir.LevelTrace, weir.LevelDebug, weir.LevelInfo, weir.LevelError} {
		mustDo(t, log.TryLog(t.Context(), level, "m"))
		mustDo(t, log.Handler().Handle(t.Context(), slog.NewRecord(time.Now(), level, "m", 0)))
	}
	if c.Len() < 4 || filtered.Len() != 0 {
		t.Errorf("%d records, and %d past the filter", c.Len(), filtered.Len())
	}
}

// TestDefectKologSyncAndAsyncOneFile: lines of both ways are in one file, in order, each whole.
func TestDefectKologSyncAndAsyncOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	form := text(t, "%(message)s", formOptions)
	sink, err := file.New(path, file.Options{Mode: file.Truncate, Format: form})
	mustDo(t, err)
	log := weir.New("app", weir.WithSink(sink))
	log.Info("async-1")
	log.Sync().Info("sync-2")
	log.Info("async-3\n[2099-01-01] [INFO] forged")
	log.Sync().Info("sync-4 %s %(name)s 100%")
	mustDo(t, log.Close())
	if got, want := readFile(t, path), "async-1\nsync-2\nasync-3\\n[2099-01-01] [INFO] forged\nsync-4 %s %(name)s 100%\n"; got != want {
		t.Errorf("the file holds %q", got)
	}
}

// TestDefectKologFanOutSharesOneDict: two sinks of one record both have its context and its
// time.
func TestDefectKologFanOutSharesOneDict(t *testing.T) {
	var a, b said
	form := text(t, "%(asctime)s %(message)s %(k)s", formOptions)
	log := weir.New("app", weir.WithSink(writer.New(&a, form), writer.New(&b, form)))
	log.Info("ev", "k", 1)
	mustDo(t, log.Close())
	if a.String() != b.String() || !strings.HasSuffix(a.String(), " ev 1\n") || strings.HasPrefix(a.String(), " ") {
		t.Errorf("%q and %q", a.String(), b.String())
	}
}

// TestDefectKologLoopsRaise: nothing that is logged comes out of a call as a panic.
func TestDefectKologLoopsRaise(t *testing.T) {
	log, c := weirtest.New(t)
	for _, v := range unserialisable() {
		log.Info("m", "value", v)
		log.Slog().Info("m", "value", v)
	}
	if n := 2 * len(unserialisable()); c.Len() != n {
		t.Errorf("%d of %d records", c.Len(), n)
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("in MarshalJSON") }
func (panics) String() string               { panic("in String") }
func (panics) Error() string                { panic("in Error") }
func (panics) LogValue() slog.Value         { panic("in LogValue") }

type endless struct{}

func (e endless) LogValue() slog.Value { return slog.AnyValue(e) }

// unserialisable are values that the clients could not send, and worse.
func unserialisable() []any {
	type ring struct{ Next any }
	loop := &ring{}
	loop.Next = loop
	return []any{
		func() {}, make(chan int), math.NaN(), math.Inf(-1), uint64(math.MaxUint64), complex(1, 2),
		panics{},
		(*panics)(nil),
		endless{},
		loop,
		map[any]any{1: 2},
		[]byte{0, 0xff},
		"\xff\x00", slog.GroupValue(), nil, bytes.NewBufferString("x"),
		map[string]any{"f": func() {}},
	}
}

// TestDefectLASOneBadValueLosesTheBatch: all records of a batch arrive, whatever is in one of
// them; the JS client's queue was poisoned for ever.
func TestDefectLASOneBadValueLosesTheBatch(t *testing.T) {
	server := newLogServer(t)
	log := weir.New("app", weir.WithSink(server.client(ship.Options{})), weir.WithErrorOutput(io.Discard))
	log.Info("before")
	for _, v := range unserialisable() {
		log.Info("odd", "value", v)
	}
	log.Info("after")
	mustDo(t, log.Close())
	all := server.all()
	if n := len(unserialisable()) + 2; len(all) != n || all[0]["message"] != "before" || all[n-1]["message"] != "after" {
		t.Errorf("%d of %d records arrived", len(all), n)
	}
}

// TestDefectLASRetriesGiveUp: a batch that was refused more often than the clients tried is
// delivered, once, without a further log call.
func TestDefectLASRetriesGiveUp(t *testing.T) {
	server := newLogServer(t)
	server.refuse = 6
	sink := server.client(ship.Options{RetryMin: time.Millisecond, RetryMax: time.Millisecond, FlushInterval: time.Millisecond, ErrorOutput: io.Discard})
	log := weir.New("app", weir.WithSink(sink), weir.WithErrorOutput(io.Discard))
	defer log.Close()
	log.Info("patient")
	if n := server.batch(); n != 1 || len(server.all()) != 1 || sink.Stats().Retried != 6 {
		t.Errorf("%d records, %+v", n, sink.Stats())
	}
}

// TestDefectLASNamesOfArguments: keys named as a call's own parts are attributes, not an
// error, and change nothing of the record.
func TestDefectLASNamesOfArguments(t *testing.T) {
	var out bytes.Buffer
	log := weir.New("app", weir.WithSink(jsonl.New(&out)))
	log.Info("the message", "message", "other", "level", "ERROR", "created_at", "never", "logger", "x", "id", 7, "msg", 1, "self", 2)
	mustDo(t, log.Close())
	r, _, err := record.ParseJSON(bytes.TrimSpace(out.Bytes()), record.ParseOptions{})
	mustDo(t, err)
	if r.Message != "the message" || r.LevelText() != "INFO" || r.Logger != "app" || r.Time.IsZero() || r.ID != 0 || value(r, "metadata.message") != "other" || value(r, "metadata.level") != "ERROR" {
		t.Errorf("read back %s", out.Bytes())
	}
}

// TestDefectLASEmptyValuesLose: a call's 0, "" and false win over the context's values.
func TestDefectLASEmptyValuesLose(t *testing.T) {
	log, c := weirtest.New(t)
	ctx := weir.With(t.Context(), "user_id", "u", "count", 5, "ok", true, "error_type", "Context")
	log.InfoContext(ctx, "m", "user_id", "", "count", 0, "ok", false, "error_type", "Mine")
	weirtest.AssertLogged(t, c, weir.LevelInfo, "m", slog.String("user_id", ""), slog.Int("count", 0), slog.Bool("ok", false), slog.String("error_type", "Mine"))
}

// TestDefectLASProcessNeverEnds: after Close nothing of a client is left running (a
// goroutine that were would keep the bubble from ending).
func TestDefectLASProcessNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) { return nil, fmt.Errorf("no route to %s", r.URL.Host) })}
		sink, err := ship.New("http://logs.example.com", ship.Options{HTTPClient: broken, ErrorOutput: io.Discard})
		mustDo(t, err)
		log := weir.New("app", weir.WithSink(sink), weir.WithErrorOutput(io.Discard))
		log.Info("for nobody")
		begin := time.Now()
		_ = log.Close() // its error says that a record was not sent
		if waited := time.Since(begin); waited > weir.DefaultCloseTimeout {
			t.Errorf("Close took %v", waited)
		}
		if s := sink.Stats(); s.Dropped[ship.DroppedClosed] != 1 {
			t.Errorf("%+v", s)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestDefectStreamChangesTheProgram: a stream of one request shows no other's records, changes
// no level, is escaped, and tells a proxy not to hold it back.
func TestDefectStreamChangesTheProgram(t *testing.T) {
	log, c := weirtest.New(t, weir.WithLevel(weir.LevelWarn))
	h := weirhttp.Stream(log, weirhttp.StreamOptions{Form: weirhttp.FormHTML}, func(_ *http.Request, own *weir.Logger) error {
		log.Warn("of somebody else")
		own.Info("below the level")
		own.Warn("<script>alert(1)</script>")
		return nil
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	body := w.Body.String()
	if strings.Contains(body, "somebody else") || strings.Contains(body, "below the level") || strings.Contains(body, "<script>") || !strings.Contains(body, "&lt;script&gt;") {
		t.Errorf("the stream is %s", body)
	}
	if w.Header().Get("X-Accel-Buffering") != "no" || log.Enabled(t.Context(), weir.LevelInfo) || c.Len() != 2 {
		t.Errorf("headers %v, %d records", w.Header(), c.Len())
	}
}
