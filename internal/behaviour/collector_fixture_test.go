package behaviour_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir/sink/ship"
)

// logServer answers as the log-collector's server does: GET /, POST /logs, GET /stats.
type logServer struct {
	t       *testing.T
	url     string
	batches chan int // sizes, as they come

	mu      sync.Mutex
	logs    []map[string]any
	packed  int           // requests that were gzip
	waiting chan struct{} // answers wait for it; nil: they do not
	refuse  int           // requests to answer with status 500
}

func newLogServer(t *testing.T) *logServer {
	t.Helper()
	s := &logServer{t: t, batches: make(chan int, 1000)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *logServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /":
		fmt.Fprint(w, `{"status":"ok","service":"log-server"}`)
	case "POST /logs":
		s.take(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *logServer) take(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	waiting := s.waiting
	refused := s.refuse > 0
	if refused {
		s.refuse--
	}
	s.mu.Unlock()
	if waiting != nil {
		<-waiting
	}
	if refused {
		http.Error(w, `{"detail":"no"}`, http.StatusInternalServerError)
		return
	}
	var body io.Reader = r.Body
	packed := r.Header.Get("Content-Encoding") == "gzip"
	if packed {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			s.t.Error(err)
			return
		}
		body = unpacked
	}
	var batch struct{ Logs []map[string]any }
	if err := json.NewDecoder(body).Decode(&batch); err != nil {
		s.t.Errorf("a body that is no batch: %v", err)
	}
	s.mu.Lock()
	s.logs = append(s.logs, batch.Logs...)
	if packed {
		s.packed++
	}
	s.mu.Unlock()
	fmt.Fprintf(w, `{"status":"ok","count":%d}`, len(batch.Logs))
	s.batches <- len(batch.Logs)
}

// all are the log entries, in the order in which they came.
func (s *logServer) all() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.logs)
}

// batch waits for a request.
func (s *logServer) batch() int {
	s.t.Helper()
	select {
	case n := <-s.batches:
		return n
	case <-time.After(30 * time.Second):
		s.t.Fatal("nothing was sent")
		return 0
	}
}

// client is a sink for the server.
func (s *logServer) client(o ship.Options) *ship.Sink {
	s.t.Helper()
	if o.ErrorOutput == nil {
		o.ErrorOutput = s.t.Output()
	}
	sink, err := ship.New(s.url, o)
	mustDo(s.t, err)
	return sink
}
