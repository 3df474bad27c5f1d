package ship

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

// seen is a request as the server saw it.
type seen struct {
	path, key, encoding, auth, contentType string
	body                                   []byte // unpacked
	at                                     time.Time
}

func (r seen) lines() []string {
	return strings.Split(strings.TrimSuffix(string(r.body), "\n"), "\n")
}

// reply is what a scripted server does with one request.
type reply func(w http.ResponseWriter, r *http.Request)

func status(code int, headers ...string) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"error":{"code":"scripted","message":"scripted %d","hint":"a hint"}}`, code)
	}
}

// server is a Weir server for tests, or any other as its rule says: it keeps what it
// stored by key, as the real one does. It serves requests also without a network.
type server struct {
	mu      sync.Mutex
	script  []reply                 // for the next posts, one each
	rule    func(seen) reply        // for posts when the script is over; nil, or its nil: store
	gets    map[string]reply        // by path
	posts   []seen                  // all of them
	stored  []string                // messages, in the order in which they were stored
	numbers map[string]map[int]bool // stored, by source
	broken  error                   // of every connection
	tries   []time.Time             // of requests, those on broken connections too
}

func newServer() *server {
	return &server{numbers: make(map[string]map[int]bool), gets: map[string]reply{"/api/v1/stats": func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"role":"server","name":"test"}`)
	}}}
}

func (s *server) next(replies ...reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, replies...)
}

func (s *server) breakWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

func (s *server) all() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posts[:len(s.posts):len(s.posts)]
}

func (s *server) messages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored[:len(s.stored):len(s.stored)]
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.mu.Lock()
		get := s.gets[r.URL.Path]
		s.mu.Unlock()
		if get == nil {
			http.NotFound(w, r)
			return
		}
		get(w, r)
		return
	}
	got := seen{
		path: r.URL.Path, key: r.Header.Get("Idempotency-Key"), encoding: r.Header.Get("Content-Encoding"),
		auth: r.Header.Get("Authorization"), contentType: r.Header.Get("Content-Type"), at: time.Now(),
	}
	var body io.Reader = r.Body
	if got.encoding == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	var err error
	if got.body, err = io.ReadAll(body); err != nil {
		return // the sender has left
	}
	s.answer(got)(w, r)
}

// answer notes a request and decides about it.
func (s *server) answer(got seen) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = append(s.posts, got)
	if len(s.script) > 0 {
		do := s.script[0]
		s.script = s.script[1:]
		if do != nil {
			return do
		}
	} else if s.rule != nil {
		if do := s.rule(got); do != nil {
			return do
		}
	}
	return s.store(got)
}

// store needs the lock.
func (s *server) store(got seen) reply {
	if got.path == collectorPath {
		var logs struct{ Logs []struct{ Message string } }
		if err := json.Unmarshal(got.body, &logs); err != nil {
			return status(http.StatusBadRequest)
		}
		for _, l := range logs.Logs {
			s.stored = append(s.stored, l.Message)
		}
		return func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"status":"ok","count":%d}`, len(logs.Logs))
		}
	}
	source, numbers, _ := strings.Cut(got.key, "/")
	low, high, _ := strings.Cut(numbers, "-")
	first, err := strconv.Atoi(low)
	last, errLast := strconv.Atoi(high)
	lines := got.lines()
	if err != nil || errLast != nil || last-first+1 != len(lines) {
		return status(http.StatusTeapot)
	}
	if s.numbers[source] == nil {
		s.numbers[source] = make(map[int]bool)
	}
	known := 0
	for i, line := range lines {
		if s.numbers[source][first+i] {
			known++
			continue
		}
		var r struct{ Message string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return status(http.StatusTeapot)
		}
		s.numbers[source][first+i] = true
		s.stored = append(s.stored, r.Message)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"status":"ok","count":%d,"deduplicated":%d}`, len(lines), known)
	}
}

// storeThen stores a request and then does something else than to say so.
func (s *server) storeThen(do reply) reply {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.store(s.posts[len(s.posts)-1])
		s.mu.Unlock()
		do(w, r)
	}
}

// RoundTrip serves without a network, for tests with a clock of their own. A hanging
// reply ends with the request.
func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.tries = append(s.tries, time.Now())
	broken := s.broken
	s.mu.Unlock()
	if broken != nil {
		return nil, broken
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	s.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	res := w.Result()
	res.Request = r
	return res, nil
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// offline makes a sink that reaches the server without a network.
func offline(t *testing.T, s *server, o Options) *Sink {
	t.Helper()
	o.HTTPClient = &http.Client{Transport: s}
	if o.ErrorOutput == nil {
		o.ErrorOutput = t.Output()
	}
	return mustNew(t, "http://weir.test", o)
}

func mustNew(t *testing.T, server string, o Options) *Sink {
	t.Helper()
	sink, err := New(server, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		sink.cancel()
		_ = sink.Close() // what a test leaves is not its point
		checkSum(t, sink)
	})
	return sink
}

// checkSum tests the promise of Stats.
func checkSum(t *testing.T, sink *Sink) {
	t.Helper()
	st := sink.Stats()
	sum := st.Sent + st.Refused + uint64(st.Queued) + uint64(st.Spooled)
	for _, n := range st.Dropped {
		sum += n
	}
	if sum != st.Records+st.Adopted {
		t.Errorf("the counters do not add up: %+v", st)
	}
}

var testTime = time.Date(2026, 11, 21, 12, 0, 0, 123456000, time.UTC)

// numbered makes records whose messages are numbers.
func numbered(from, n int) []record.Record {
	resource := &record.Resource{Service: "shop", Environment: "test", Host: "h1"}
	batch := make([]record.Record, n)
	for i := range batch {
		batch[i] = record.Record{
			Time: testTime.Add(time.Duration(i) * time.Millisecond), Severity: record.SeverityInfo, Message: strconv.Itoa(from + i), Logger: "app.db",
			SourceID: "0123456789abcdef0123456789abcdef", Seq: uint64(3 * (from + i)), Resource: resource,
			Attrs: []slog.Attr{slog.String("user_id", "u-1"), slog.Int("status", 200), slog.Float64("duration_ms", 1.5)},
		}
	}
	return batch
}

func write(t *testing.T, sink *Sink, from, n int) {
	t.Helper()
	if err := sink.WriteBatch(context.Background(), numbered(from, n)); err != nil {
		t.Fatal(err)
	}
}

func mustClose(t *testing.T, sink *Sink) {
	t.Helper()
	if err := sink.Close(); err != nil {
		t.Error(err)
	}
}

func mustFlush(t *testing.T, sink *Sink) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := sink.Flush(ctx); err != nil {
		t.Fatalf("%v; %+v", err, sink.Stats())
	}
}

// wantInOrder tests that the messages from-to were stored, each once, in order.
func wantInOrder(t *testing.T, s *server, from, to int) {
	t.Helper()
	got := s.messages()
	for i := from; i <= to; i++ {
		if i-from >= len(got) || got[i-from] != strconv.Itoa(i) {
			t.Fatalf("stored %d records, %v, want %d to %d", len(got), around(got, i-from), from, to)
		}
	}
	if len(got) != to-from+1 {
		t.Fatalf("stored %d records, want %d to %d", len(got), from, to)
	}
}

func around(list []string, i int) []string {
	return list[max(0, min(i-3, len(list))):min(len(list), i+3)]
}

// notes collects what people are told.
type notes struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.Write(p)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.String()
}
