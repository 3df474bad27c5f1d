package collector

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/sender"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

// nobody watches the records.
type nobody struct{}

func (nobody) Publish([]record.Record) {}

// server is a handler in front of a real intake and a store in memory.
type server struct {
	*Handler
	intake *intake.Intake
	store  *faulty.Store
	memory *storetest.Memory
	now    time.Time
}

func newServer(t testing.TB, opts gate.Options) *server {
	t.Helper()
	return newServerOf(t, opts, Options{})
}

func newServerOf(t testing.TB, gated gate.Options, opts Options) *server {
	t.Helper()
	s := &server{memory: storetest.NewMemory(), now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	s.store = faulty.New(s.memory)
	clock := func() time.Time { return s.now }
	in, err := intake.New(s.store, nobody{}, intake.Options{Clock: clock, CommitRecords: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	s.intake = in
	gated.Clock, opts.Clock = clock, clock
	s.Handler = New(gate.New(in, gated), opts)
	return s
}

func (s *server) do(method, target, text string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(text))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err = errors.Join(err, z.Close()); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.String()
}

// TestAnswers are those that the clients were seen to get, except where the
// log-collector's server fails and this one does not.
func TestAnswers(t *testing.T) {
	const ok1 = `{"status":"ok","count":1}`
	for _, c := range []struct {
		name, body string
		headers    []string
		status     int
		want       string
	}{
		{"one", `{"logs":[{"level":"INFO","message":"Test","service":"test-app"}]}`, nil, 200, ok1},
		{"empty logs", `{"logs":[]}`, nil, 200, `{"status":"ok","count":0}`},
		{"empty entry", `{"logs":[{}]}`, nil, 200, ok1},
		{"missing logs", `{"x":1}`, nil, 400, `{"detail":"Missing 'logs' field"}`},
		{"not a list", `{"logs":{}}`, nil, 400, `{"detail":"'logs' must be an array"}`},
		{"null", `{"logs":null}`, nil, 400, `{"detail":"'logs' must be an array"}`},
		{"top array", `[{"level":"INFO"}]`, nil, 400, `{"detail":"Missing 'logs' field"}`},
		{"top number", `5`, nil, 400, `{"detail":"Missing 'logs' field"}`},
		{"top null", `null`, nil, 400, `{"detail":"Missing 'logs' field"}`},
		{"bad JSON", `{"logs":[`, nil, 400, `{"detail":"Invalid JSON: `},
		{"two values", `1,2`, nil, 400, `{"detail":"Invalid JSON: `},
		{"more behind", `{"logs":[]} x`, nil, 400, `{"detail":"Invalid JSON: `},
		{"bad in the list", `{"logs":[{"message":"a"},]}`, nil, 400, `{"detail":"Invalid JSON: `},
		{"empty body", ``, nil, 400, `{"detail":"Invalid JSON: `},
		{"not UTF-8", "\xff\xfe", nil, 400, `{"detail":"Invalid JSON: `},
		{"byte order mark", "\ufeff" + `{"logs":[]}`, nil, 400, `{"detail":"Invalid JSON: `},
		{"NaN", `{"logs":[{"level":"INFO","message":"n","metadata":{"v":NaN}}]}`, nil, 200, ok1},
		{"no content type", `{"logs":[{"message":"a"}]}`, []string{"Content-Type", ""}, 200, ok1},
		{"text/plain", `{"logs":[{"message":"a"}]}`, []string{"Content-Type", "text/plain"}, 200, ok1},
		{"entry is text", `{"logs":["str"]}`, nil, 200, `{"status":"ok","count":1,"repaired":1}`},
		{"created_at as text", `{"logs":[{"message":"m","created_at":"2024-01-01T00:00:00Z"}]}`, nil, 200, ok1},
		{"created_at in ms", `{"logs":[{"message":"m","created_at":1795219903603}]}`, nil, 200, ok1},
		{"created_at 0 and more", `{"logs":[{"message":"m","created_at":0,"foo":"kept","ip":"1.2.3.4","metadata":{"k":"v"},"duration_ms":1.5,"deleted":true,"id":9}]}`, nil, 200, ok1},
		{"nulls", `{"logs":[{"message":null,"level":null,"service":null,"metadata":{}}]}`, nil, 200, ok1},
		{"gzip", zipped(`{"logs":[{"message":"a"}]}`), []string{"Content-Encoding", "gzip"}, 200, ok1},
		{"GZIP", zipped(`{"logs":[{"message":"a"}]}`), []string{"Content-Encoding", "GZIP"}, 200, ok1},
		{"bad gzip", `{"logs":[]}`, []string{"Content-Encoding", "gzip"}, 400, `{"detail":"Failed to decompress gzip: `},
		{"x-gzip", zipped(`{"logs":[]}`), []string{"Content-Encoding", "x-gzip"}, 400, `{"detail":"Invalid JSON: `},
		{"two logs", `{"logs":5,"logs":[{}]}`, nil, 200, ok1},
		{"large", `{"logs":["` + strings.Repeat("x", 2000) + `"]}`, nil, 413, `{"detail":"Body too large: the body is larger than 1000 bytes; send smaller batches, or start the server with a larger --max-body"}`},
		{"many", zipped(`{"logs":[` + strings.Repeat("{},", 200) + `{}]}`), []string{"Content-Encoding", "gzip"}, 413, `{"detail":"Body too large: the body has more than 200 records; send smaller batches, or start the server with a larger --max-batch"}`},
		{"bomb", zipped(`{"logs":["` + strings.Repeat("x", 20_000) + `"]}`), []string{"Content-Encoding", "gzip"}, 413, `{"detail":"Body too large: the body is larger than 10000 bytes after unpacking; send smaller batches, or start the server with a larger --max-decoded"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newServer(t, gate.Options{Body: body.Limits{Sent: 1000, Unpacked: 10_000}, PerBody: 200})
			w := s.do(http.MethodPost, "/logs", c.body, c.headers...)
			got := w.Body.String()
			same := got == c.want || strings.HasSuffix(c.want, ": ") && strings.HasPrefix(got, c.want) && strings.HasSuffix(got, `"}`)
			if w.Code != c.status || !same || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Content-Length") != fmt.Sprint(len(got)) {
				t.Errorf("%d %s %v, want %d %s", w.Code, got, w.Header(), c.status, c.want)
			}
		})
	}
}

func TestMethodsAndPaths(t *testing.T) {
	s := newServer(t, gate.Options{})
	if w := s.do(http.MethodGet, "/logs", ""); w.Code != 405 || w.Header().Get("Allow") != "POST" || w.Body.String() != `{"detail":"Method Not Allowed"}` {
		t.Errorf("GET: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := s.do(http.MethodPost, "/logs/?a=b", `{"logs":[]}`); w.Code != 307 || w.Header().Get("Location") != "/logs?a=b" || w.Body.Len() != 0 {
		t.Errorf("slash: %d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestBodies: what the clients send comes back with every attribute.
func TestBodies(t *testing.T) {
	for _, name := range []string{"python", "node"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			s := newServer(t, gate.Options{})
			if w := s.do(http.MethodPost, "/logs", zipped(string(data)), "Content-Encoding", "gzip"); w.Code != 200 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			var got []byte
			for _, r := range s.memory.Records() {
				r.ID = 1
				got = append(record.AppendJSON(got, &r), '\n')
			}
			golden := "testdata/" + name + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("stored\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	s := newServer(t, gate.Options{})
	w := s.do(http.MethodPost, "/logs", `{"logs":[{},"text \ud800",7,{"message":"m","created_at":0,"id":9,"level":"notice","service":"a"}]}`)
	if w.Body.String() != `{"status":"ok","count":4,"repaired":2}` {
		t.Fatal(w.Body.String())
	}
	got := s.memory.Records()
	want := record.Resource{Service: "unknown", Environment: "development", ServiceVersion: "v0.0.0-dev", LogType: "BACKEND"}
	for i, r := range got[:3] {
		if *r.Resource != want || r.LevelText() != "INFO" || !r.Time.Equal(s.now) {
			t.Errorf("%d: %+v %+v", i, r, *r.Resource)
		}
	}
	if got[1].Message != "text \ufffd\ufffd\ufffd" || got[2].Message != "7" {
		t.Errorf("%q and %q", got[1].Message, got[2].Message)
	}
	want.Service = "a"
	if *got[3].Resource != want || !got[3].Time.Equal(s.now) {
		t.Errorf("%+v %+v", got[3], *got[3].Resource)
	}
	if v, ok := got[3].Lookup("metadata.id"); !ok || v.String() != "9" {
		t.Errorf("the sender's id is lost: %+v", got[3].Attrs)
	}
	if v, ok := got[3].Lookup("level_text"); !ok || v.String() != "notice" {
		t.Errorf("the level's text is lost: %+v", got[3].Attrs)
	}
}

// TestOneBadRecord never costs its neighbours.
func TestOneBadRecord(t *testing.T) {
	s := newServer(t, gate.Options{})
	w := s.do(http.MethodPost, "/logs", `{"logs":[{"message":"before"},{"message":{"deep":[1]},"level":5.5,"service":[],"user_id":7,"created_at":"yesterday","metadata":"none","duration_ms":"long","nul":"\u0000"},{"message":"after"}]}`)
	if w.Body.String() != `{"status":"ok","count":3,"repaired":1}` {
		t.Fatal(w.Body.String())
	}
	got := s.memory.Records()
	if got[0].Message != "before" || got[2].Message != "after" || len(got[0].Attrs) != 0 || len(got[2].Attrs) != 0 {
		t.Error("the neighbours suffered")
	}
	text := string(record.AppendJSON(nil, &got[1]))
	for _, part := range []string{`"deep":[1]`, `5.5`, `yesterday`, `"none"`, `"long"`, `"user_id":"7"`, `"_repaired":[`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is not in %s", part, text)
		}
	}
}

// TestTheLogTells what came, where people ask for that much.
func TestTheLogTells(t *testing.T) {
	var told bytes.Buffer
	s := newServerOf(t, gate.Options{}, Options{Log: slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if w := s.do(http.MethodPost, "/logs", dated(3), "User-Agent", "py"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if text := told.String(); !strings.Contains(text, `msg="Received 3 records" sender=192.0.2.1 agent=py duplicates=0`) {
		t.Error(text)
	}
}

func TestTooFast(t *testing.T) {
	s := newServer(t, gate.Options{Rate: 1})
	if w := s.do(http.MethodPost, "/logs", dated(5)); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if w := s.do(http.MethodPost, "/logs", dated(1)); w.Code != 429 || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), `{"detail":"this sender sent more than 1 records a second; send the same again`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestUnavailable(t *testing.T) {
	s := newServer(t, gate.Options{})
	s.store.Always(faulty.FailBefore)
	w := s.do(http.MethodPost, "/logs", `{"logs":[{"message":"a"}]}`)
	if w.Code != 503 || w.Header().Get("Retry-After") != "2" || !strings.HasPrefix(w.Body.String(), `{"detail":"0 of 1 records were stored`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestConnectionBreaks(t *testing.T) {
	s := newServer(t, gate.Options{})
	r := httptest.NewRequest(http.MethodPost, "/logs", broken{})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "Failed to read the body") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("reset") }

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"logs":[{"message":"a","x":NaN},"text",5,null,[{}]]}`))
	f.Add([]byte(`{"logs":[{"a":"\ud800"}],"logs":[]}`))
	f.Add([]byte(`[1]`))
	for _, name := range []string{"python", "node"} {
		data, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		logs, err := logsOf(data)
		if err != nil {
			return
		}
		fill := sender.New(defaults())
		err = record.Elements(logs, func(entry []byte) bool {
			r := parseEntry(entry, nil)
			if isDated(entry) == r.Time.IsZero() {
				t.Errorf("%s has a time or none", entry)
			}
			fill.Fill(&r)
			if r.Resource == nil || r.LevelText() == "" {
				t.Errorf("%+v lacks its defaults", r)
			}
			return true
		})
		if err != nil {
			t.Errorf("the array %q passed the check, but: %v", logs, err)
		}
	})
}
