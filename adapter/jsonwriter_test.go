package adapter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/adapter"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
)

// lines is the form of the examples.
func lines() format.Formatter {
	f, err := format.Text("%(level)s %(name)s %(message)s %(attrs)s", format.TextOptions{})
	if err != nil {
		panic(err)
	}
	return f
}

// logrusLines are what logrus's JSONFormatter writes, with SetReportCaller and
// without, and with a field that clashes with one of its own.
const logrusLines = `{"animal":"walrus","level":"info","msg":"A group of walrus emerges","size":10,"time":"2026-11-20T10:00:00+01:00"}
{"file":"/src/shop/main.go:42","func":"main.run","level":"warning","msg":"careful","number":122.5,"omg":true,"time":"2026-11-20T10:00:00Z"}
{"error":"connection reset","fields.level":"mine","level":"fatal","msg":"The ice breaks! \u003c3","time":"2026-11-20T10:00:00Z"}
`

func TestLogrus(t *testing.T) {
	records := logged(t, func(l *weir.Logger) {
		if _, err := io.WriteString(adapter.NewJSONWriter(l, adapter.JSONOptions{}), logrusLines); err != nil {
			t.Error(err)
		}
	})
	want := []string{
		`{"created_at":"2026-11-20T09:00:00.000000Z","level":"INFO","message":"A group of walrus emerges","metadata":{"animal":"walrus","size":10},"logger":"app"}`,
		`{"created_at":"2026-11-20T10:00:00.000000Z","level":"WARN","message":"careful","function_name":"main.run","file_path":"/src/shop/main.go","metadata":{"number":122.5,"omg":true},"logger":"app","line_number":42}`,
		`{"created_at":"2026-11-20T10:00:00.000000Z","level":"FATAL","message":"The ice breaks! <3","metadata":{"error":"connection reset","fields.level":"mine"},"logger":"app"}`,
	}
	if len(records) != len(want) {
		t.Fatalf("%d records", len(records))
	}
	for i := range want {
		if got := jsonOf(records[i]); got != want[i] {
			t.Errorf("got\n%s\nwant\n%s", got, want[i])
		}
	}
}

// TestNothingIsLost: what a record's JSON says is what comes out, in the same types.
func TestNothingIsLost(t *testing.T) {
	for in, want := range map[string]string{
		`{"time":"2026-11-20T10:00:00Z","level":"INFO+2","msg":"slog","logger":"db.pool","a":{"b":[1,{"c":2},[],{},null,1e400]},"o":{},"n":null,"trace_id":"t","span_id":"s"}`: `{"created_at":"2026-11-20T10:00:00.000000Z","level":"INFO","message":"slog","trace_id":"t","metadata":{"a":{"b":[1,{"c":2},[],{},null,1e400]},"o":{}},"severity":11,"logger":"app.db.pool","span_id":"s"}`,
		`{"time":"2026-11-20T10:00:00Z","level":"loud","message":"unknown level","service":"cart","host":"web-2","kind":"divider"}`:                                            `{"created_at":"2026-11-20T10:00:00.000000Z","level":"INFO","message":"unknown level","service":"cart","metadata":{"level_text":"loud","kind":"divider"},"logger":"app","host":"web-2"}`,
		`{"time":"2026-11-20T10:00:00Z","lvl":"debug","msg":"below"}`:                                                                                                          "",
		`{"created_at":"2026-11-20T10:00:00Z","message":"ours","seq":7,"source_id":"x","id":"12","observed_at":"2026-11-20T10:00:01Z"}`:                                        `{"created_at":"2026-11-20T10:00:00.000000Z","level":"INFO","message":"ours","metadata":{"id":"12","seq":7,"source_id":"x","observed_at":"2026-11-20T10:00:01.000000Z"},"logger":"app"}`,
		`{"created_at":"2026-11-20T10:00:00Z","message":"twice","a":1,"a":2}`:                                                                                                  `{"created_at":"2026-11-20T10:00:00.000000Z","level":"INFO","message":"twice","metadata":{"a":2,"_repaired":["a: given more than once: the last one was kept"]},"logger":"app"}`,
	} {
		records := logged(t, func(l *weir.Logger) {
			if _, err := io.WriteString(adapter.NewJSONWriter(l, adapter.JSONOptions{}), in+"\r\n"); err != nil {
				t.Error(err)
			}
		})
		got := ""
		if len(records) > 0 {
			got = jsonOf(records[0])
		}
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// TestPieces: lines come whole, in pieces, several at once, without an end, and too
// long.
func TestPieces(t *testing.T) {
	const long = "ääääää{" // 13 bytes
	in := "{\"msg\":\"1\"}\n\n  {\"msg\":\"2\"}\r\nplain text\n{\"msg\":\n" + long + strings.Repeat(long, 3) + "\n{\"msg\":\"3\"}\n" + "{\"msg\":\"end\"}"
	exact := "{\"msg\":\"sixteen\"}\n"
	for _, size := range []int{1, 2, 3, 7, 1000} {
		var stats adapter.JSONStats
		records := logged(t, func(l *weir.Logger) {
			w := adapter.NewJSONWriter(l, adapter.JSONOptions{MaxLine: len(exact) - 1, Level: weir.LevelError})
			for rest := []byte(exact + in); len(rest) > 0; {
				n := min(size, len(rest))
				piece := bytes.Clone(rest[:n])
				if _, err := w.Write(piece); err != nil {
					t.Error(err)
				}
				clear(piece) // a writer keeps nothing
				rest = rest[n:]
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
			stats = w.Stats()
		})
		var got []string
		joined := ""
		for _, r := range records {
			if strings.Contains(text(r, "_repaired"), "longer than 17 bytes") {
				joined += r.Message
				if !strings.HasPrefix(strings.ToValidUTF8(r.Message, "?"), r.Message) {
					t.Errorf("a character was cut: %q", r.Message)
				}
				continue
			}
			got = append(got, r.Message+" "+r.LevelText())
		}
		if want := `sixteen ERROR,1 ERROR,2 ERROR,plain text ERROR,{"msg": ERROR,3 ERROR,end ERROR`; strings.Join(got, ",") != want {
			t.Errorf("pieces of %d: %q", size, got)
		}
		if joined != strings.Repeat(long, 4) {
			t.Errorf("pieces of %d: the long line became %q", size, joined)
		}
		if stats != (adapter.JSONStats{Records: 5, Text: 2, LongText: 1}) {
			t.Errorf("pieces of %d: %+v", size, stats)
		}
	}
}

func TestConcurrentWriters(t *testing.T) {
	const writers, each = 8, 200
	records := logged(t, func(l *weir.Logger) {
		w := adapter.NewJSONWriter(l, adapter.JSONOptions{})
		var wg sync.WaitGroup
		for g := range writers {
			wg.Go(func() {
				for i := range each {
					fmt.Fprintf(w, "{\"msg\":\"%d-%d\",\"logger\":\"part%d\"}\n", g, i, i%3)
				}
			})
		}
		wg.Wait()
	}, weir.WithOverflow(weir.Block))
	seen := map[string]bool{}
	for _, r := range records {
		seen[r.Message] = true
		if !strings.HasPrefix(r.Logger, "app.part") {
			t.Errorf("logger %s", r.Logger)
		}
	}
	if len(records) != writers*each || len(seen) != writers*each {
		t.Errorf("%d records, %d different", len(records), len(seen))
	}
}

// TestManyNames: the names of strangers do not fill the list of loggers.
func TestManyNames(t *testing.T) {
	records := logged(t, func(l *weir.Logger) {
		w := adapter.NewJSONWriter(l, adapter.JSONOptions{})
		for i := range 300 {
			fmt.Fprintf(w, "{\"msg\":\"m\",\"logger\":\"n%d\"}\n", i)
		}
	})
	if got := records[299]; got.Logger != "app" || text(got, "logger_name") != "n299" || records[255].Logger != "app.n255" {
		t.Errorf("%s", jsonOf(got))
	}
}

func TestAfterClose(t *testing.T) {
	var w *adapter.JSONWriter
	logged(t, func(l *weir.Logger) { w = adapter.NewJSONWriter(l, adapter.JSONOptions{}) })
	if n, err := io.WriteString(w, "{\"msg\":\"late\"}\n"); n != 15 || !errors.Is(err, weir.ErrClosed) {
		t.Errorf("%d, %v", n, err)
	}
}

// stuck is a sink that waits until it is let go.
type stuck struct{ done chan struct{} }

func (s stuck) WriteBatch(context.Context, []record.Record) error { <-s.done; return nil }
func (s stuck) Close() error                                      { return nil }

func TestSyncIsBounded(t *testing.T) {
	s := stuck{make(chan struct{})}
	l := weir.New("app", weir.WithSink(s), weir.WithErrorOutput(io.Discard))
	w := adapter.NewJSONWriter(l, adapter.JSONOptions{SyncTimeout: time.Millisecond})
	if _, err := io.WriteString(w, "{\"msg\":\"m\"}\n"); err != nil {
		t.Error(err)
	}
	if err := w.Sync(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("sync: %v", err)
	}
	close(s.done)
	if err := w.Sync(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("sync: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// FuzzJSONWriter: whatever is written, no text is lost: it is a record, or in one.
func FuzzJSONWriter(f *testing.F) {
	f.Add([]byte("{\"msg\":\"a\"}\nb\n"), uint8(3), uint8(9))
	f.Add([]byte("\xc3\xa4\xc3\n\n\r\n{"), uint8(1), uint8(1))
	var c capture
	l := weir.New("app", weir.WithSink(&c), weir.WithErrorOutput(io.Discard), weir.WithOverflow(weir.Block))
	f.Cleanup(func() { _ = l.Close() })
	f.Fuzz(func(t *testing.T, data []byte, size, limit uint8) {
		w := adapter.NewJSONWriter(l, adapter.JSONOptions{MaxLine: int(limit), Level: weir.LevelFatal})
		plain := strings.NewReplacer("{", "", " ", "", "\t", "", "\v", "", "\f", "", "\r", "", "\u0085", "", "\u00a0", "")
		data = []byte(plain.Replace(string(data)))
		for rest := data; len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		var got strings.Builder
		for _, r := range c.records {
			got.WriteString(r.Message)
		}
		c.records = nil
		if want := strings.ReplaceAll(string(data), "\n", ""); !strings.EqualFold(strings.Join(strings.Fields(got.String()), ""), strings.Join(strings.Fields(want), "")) {
			t.Errorf("%q became %q", data, got.String())
		}
	})
}

func ExampleNewJSONWriter() {
	l := weir.New("shop", weir.WithSink(console.New(os.Stdout, console.Options{Format: lines()})))
	w := adapter.NewJSONWriter(l, adapter.JSONOptions{})
	// zerolog.New(w), logrus.SetOutput(w) with its JSONFormatter,
	// zapcore.NewCore(encoder, w, level): each writes lines as these.
	fmt.Fprintln(w, `{"level":"warn","time":"2026-11-20T10:00:00Z","message":"stock is low","item":"lamp"}`)
	fmt.Fprintln(w, `{"level":"info","ts":1795168800.5,"logger":"db","caller":"db/pool.go:34","msg":"connected","conns":4}`)
	_ = l.Close()
	// Output:
	// WARN shop stock is low item=lamp
	// INFO shop.db connected conns=4
}
