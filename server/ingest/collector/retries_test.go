package collector

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/repeat"
	"github.com/weirlog/weir/server/store/faulty"
)

// dated is a batch as the clients send it.
func dated(n int) string {
	entries := make([]string, n)
	for i := range entries {
		entries[i] = fmt.Sprintf(`{"message":"m%d","created_at":1795219975.5}`, i)
	}
	return `{"logs":[` + strings.Join(entries, ",") + `]}`
}

// TestRetry: a batch that is sent again, packed in other bytes, is stored once.
func TestRetry(t *testing.T) {
	s := newServer(t, gate.Options{})
	for _, c := range []struct {
		name, body string
		headers    []string
		wait       time.Duration
		stored     int
		duplicate  bool
	}{
		{"first", dated(3), nil, 0, 3, false},
		{"again", dated(3), nil, time.Second, 3, true},
		{"again, packed", zipped(dated(3)), []string{"Content-Encoding", "gzip"}, time.Second, 3, true},
		{"another sender", dated(3), []string{"User-Agent", "other"}, 0, 6, false},
		{"another batch", dated(4), nil, 0, 10, false},
		{"too late", dated(3), nil, retryWindow, 13, false},
		{"without created_at", `{"logs":[{"message":"a"}]}`, nil, 0, 14, false},
		{"without created_at, again", `{"logs":[{"message":"a"}]}`, nil, 0, 15, false},
		{"one without", `{"logs":[{"message":"a"},{"message":"b","created_at":1795219975}]}`, nil, 0, 17, false},
		{"one without, again", `{"logs":[{"message":"a"},{"message":"b","created_at":1795219975}]}`, nil, 0, 19, false},
	} {
		s.now = s.now.Add(c.wait)
		w := s.do(http.MethodPost, "/logs", c.body, c.headers...)
		want := fmt.Sprintf(`{"status":"ok","count":%d}`, strings.Count(c.body, "message"))
		if c.duplicate {
			want = `{"status":"ok","count":3,"duplicate":true}`
		}
		if got := len(s.memory.Records()); w.Code != 200 || w.Body.String() != want || got != c.stored {
			t.Errorf("%s: %d %s, %d stored, want %d", c.name, w.Code, w.Body, got, c.stored)
		}
	}
	line := s.intake.Ledger()[0]
	if line.Received != 25 || line.Stored != 19 || line.Deduplicated != 6 || s.Stats() != (repeat.Stats{Repeated: 2}) {
		t.Errorf("%+v, %+v", line, s.Stats())
	}
}

// TestRetryGoesOn: of a batch that was stored in part, a retry stores the rest.
func TestRetryGoesOn(t *testing.T) {
	s := newServer(t, gate.Options{})
	s.store.Next(faulty.None, faulty.FailBefore)
	if w := s.do(http.MethodPost, "/logs", dated(250)); w.Code != 503 || !strings.Contains(w.Body.String(), "100 of 250 records were stored") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.store.Next(faulty.FailBefore)
	if w := s.do(http.MethodPost, "/logs", dated(250)); w.Code != 503 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := s.do(http.MethodPost, "/logs", dated(250)); w.Code != 200 || w.Body.String() != `{"status":"ok","count":250}` {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	got := s.memory.Records()
	if len(got) != 250 {
		t.Fatalf("%d stored", len(got))
	}
	for i := range got {
		if got[i].Message != fmt.Sprintf("m%d", i) {
			t.Fatalf("record %d is %q", i, got[i].Message)
		}
	}
}

// TestRetryInParts: a body that is stored in parts is checked and claimed before its
// first one, and goes on behind what is stored.
func TestRetryInParts(t *testing.T) {
	const n = 2*gate.PartRecords + 5
	s := newServerOf(t, gate.Options{}, Options{})
	s.store.Always(faulty.FailBefore)
	s.store.Next(append(make([]faulty.Fault, gate.PartRecords/100+3), faulty.FailBefore)...) // 100 records in a commit
	text := strings.Replace(dated(n), `"m3"`, `"m3","id":"\u0000"`, 1)
	if w := s.do(http.MethodPost, "/logs", text); w.Code != 503 || len(s.memory.Records()) != gate.PartRecords+300 {
		t.Fatalf("%d %s, %d stored", w.Code, w.Body, len(s.memory.Records()))
	}
	s.store.Always(faulty.None)
	for _, want := range []string{
		fmt.Sprintf(`{"status":"ok","count":%d,"repaired":1}`, n),
		fmt.Sprintf(`{"status":"ok","count":%d,"repaired":1,"duplicate":true}`, n),
	} {
		if w := s.do(http.MethodPost, "/logs", text); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	got := s.memory.Records()
	if len(got) != n {
		t.Fatalf("%d stored", len(got))
	}
	for i := range got {
		if got[i].Message != fmt.Sprintf("m%d", i) {
			t.Fatalf("record %d is %q", i, got[i].Message)
		}
	}
	// One record without created_at, at the end, makes it no repetition.
	undated := strings.TrimSuffix(dated(gate.PartRecords), "]}") + `,{"message":"u"}]}`
	for range 2 {
		if w := s.do(http.MethodPost, "/logs", undated); w.Code != 200 || strings.Contains(w.Body.String(), "duplicate") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if got := len(s.memory.Records()); got != n+2*(gate.PartRecords+1) {
		t.Errorf("%d stored", got)
	}
}

// TestRetryDuringTheFirst waits for the first to end, also when its client has
// given up.
func TestRetryDuringTheFirst(t *testing.T) {
	s := newServer(t, gate.Options{})
	release := s.store.Hold()
	var wg sync.WaitGroup
	var repeated atomic.Int32
	for range 4 {
		wg.Go(func() {
			w := s.do(http.MethodPost, "/logs", dated(5))
			switch w.Body.String() {
			case `{"status":"ok","count":5}`:
			case `{"status":"ok","count":5,"duplicate":true}`:
				repeated.Add(1)
			default:
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	release()
	wg.Wait()
	if repeated.Load() != 3 {
		t.Errorf("%d were told that they came again", repeated.Load())
	}
	if n := len(s.memory.Records()); n != 5 {
		t.Errorf("%d stored", n)
	}
}
