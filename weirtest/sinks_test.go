package weirtest_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
	"github.com/weirlog/weir/sink/file"
	"github.com/weirlog/weir/sink/jsonl"
	"github.com/weirlog/weir/sink/null"
	"github.com/weirlog/weir/sink/ship"
	"github.com/weirlog/weir/sink/slogsink"
	"github.com/weirlog/weir/sink/writer"
	"github.com/weirlog/weir/weirtest"
)

// buffers are what sinks write to.
type buffers map[weir.Sink]*bytes.Buffer

func (b buffers) sink(make func(out *bytes.Buffer) weir.Sink) func(testing.TB) weir.Sink {
	return func(testing.TB) weir.Sink {
		out := &bytes.Buffer{}
		s := make(out)
		b[s] = out
		return s
	}
}

func (b buffers) output(_ testing.TB, s weir.Sink) []byte { return b[s].Bytes() }

func (b buffers) records(t testing.TB, s weir.Sink) []record.Record {
	return parse(t, b[s].String())
}

func parse(t testing.TB, text string) (out []record.Record) {
	t.Helper()
	for line := range strings.Lines(text) {
		r, _, err := record.ParseJSON([]byte(line), record.ParseOptions{})
		if err != nil {
			t.Fatalf("%v in %.200q", err, line)
		}
		out = append(out, r)
	}
	return out
}

func TestSinkJSONL(t *testing.T) {
	b := buffers{}
	weirtest.TestSink(t, weirtest.SinkTest{New: b.sink(func(out *bytes.Buffer) weir.Sink { return jsonl.New(out) }), Records: b.records, Output: b.output})
}

func TestSinkConsole(t *testing.T) {
	b := buffers{}
	weirtest.TestSink(t, weirtest.SinkTest{
		New:    b.sink(func(out *bytes.Buffer) weir.Sink { return console.New(out, console.Options{}) }),
		Output: b.output,
		Count:  b.lines, // further lines of a record are indented
	})
}

func (b buffers) lines(_ testing.TB, s weir.Sink) (n int) {
	empty := string(format.Console(format.ConsoleOptions{}).Append(nil, &record.Record{}))
	for line := range strings.Lines(b[s].String()) {
		if !strings.HasPrefix(line, "    ") || line == empty {
			n++
		}
	}
	return n
}

func TestSinkWriter(t *testing.T) {
	layout, err := format.Text("%(asctime)s %(levelname)s %(message)s", format.TextOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("JSON", func(t *testing.T) {
		b := buffers{}
		weirtest.TestSink(t, weirtest.SinkTest{New: b.sink(func(out *bytes.Buffer) weir.Sink { return writer.New(out, nil) }), Records: b.records, Output: b.output})
	})
	t.Run("text", func(t *testing.T) {
		b := buffers{}
		weirtest.TestSink(t, weirtest.SinkTest{New: b.sink(func(out *bytes.Buffer) weir.Sink { return writer.New(out, layout) }), Output: b.output, Count: func(_ testing.TB, s weir.Sink) int {
			return strings.Count(b[s].String(), "\n")
		}})
	})
}

func TestSinkFile(t *testing.T) {
	paths := map[weir.Sink]string{}
	read := func(t testing.TB, s weir.Sink) []byte {
		text, err := os.ReadFile(paths[s])
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return text
	}
	weirtest.TestSink(t, weirtest.SinkTest{
		New: func(t testing.TB) weir.Sink {
			path := filepath.Join(t.TempDir(), "app.log")
			s, err := file.New(path, file.Options{})
			if err != nil {
				t.Fatal(err)
			}
			paths[s] = path
			return s
		},
		Output:  read,
		Records: func(t testing.TB, s weir.Sink) []record.Record { return parse(t, string(read(t, s))) },
	})
}

func TestSinkNull(t *testing.T) {
	weirtest.TestSink(t, weirtest.SinkTest{
		New:   func(testing.TB) weir.Sink { return null.New() },
		Count: func(_ testing.TB, s weir.Sink) int { return int(s.(*null.Sink).Records()) },
	})
}

func TestSinkSlog(t *testing.T) {
	b := buffers{}
	weirtest.TestSink(t, weirtest.SinkTest{
		New: b.sink(func(out *bytes.Buffer) weir.Sink {
			return slogsink.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: slog.Level(-100)}))
		}),
		Output: b.output,
		Count:  func(_ testing.TB, s weir.Sink) int { return strings.Count(b[s].String(), "\n") },
	})
}

func TestSinkCapture(t *testing.T) {
	weirtest.TestSink(t, weirtest.SinkTest{
		New:     func(testing.TB) weir.Sink { return &weirtest.Capture{} },
		Records: func(_ testing.TB, s weir.Sink) []record.Record { return s.(*weirtest.Capture).Records() },
	})
}

// TestSinkShip: what reaches a server, which keeps the records of each batch once.
func TestSinkShip(t *testing.T) {
	got := map[weir.Sink]*bytes.Buffer{}
	weirtest.TestSink(t, weirtest.SinkTest{
		New: func(t testing.TB) weir.Sink {
			out := &bytes.Buffer{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					_, _ = io.WriteString(w, `{"status":"ok","service":"log-server"}`)
					return
				}
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				out.Write(body)
				w.Header().Set("Content-Type", "application/json")
				_, _ = fmt.Fprintf(w, `{"status":"ok","count":%d}`, bytes.Count(body, []byte{'\n'}))
			}))
			t.Cleanup(server.Close)
			s, err := ship.New(server.URL, ship.Options{Protocol: ship.ProtocolWeir, Compression: ship.CompressionNone})
			if err != nil {
				t.Fatal(err)
			}
			got[s] = out
			return s
		},
		Records: func(t testing.TB, s weir.Sink) []record.Record { return parse(t, got[s].String()) },
	})
}
