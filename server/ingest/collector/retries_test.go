package collector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
	s := newServer(t, Options{})
	for _, c := range []struct {
		name, body string
		headers    []string
		wait       time.Duration
		stored     int
	}{
		{"first", dated(3), nil, 0, 3},
		{"again", dated(3), nil, time.Second, 3},
		{"again, packed", zipped(dated(3)), []string{"Content-Encoding", "gzip"}, time.Second, 3},
		{"another sender", dated(3), []string{"User-Agent", "other"}, 0, 6},
		{"another batch", dated(4), nil, 0, 10},
		{"too late", dated(3), nil, retryWindow, 13},
		{"without created_at", `{"logs":[{"message":"a"}]}`, nil, 0, 14},
		{"without created_at, again", `{"logs":[{"message":"a"}]}`, nil, 0, 15},
	} {
		s.now = s.now.Add(c.wait)
		w := s.do(http.MethodPost, "/logs", c.body, c.headers...)
		want := fmt.Sprintf(`{"status":"ok","count":%d}`, strings.Count(c.body, "message"))
		if c.headers != nil && c.headers[1] == "gzip" {
			want = `{"status":"ok","count":3}`
		}
		if got := len(s.memory.Records()); w.Code != 200 || w.Body.String() != want || got != c.stored {
			t.Errorf("%s: %d %s, %d stored, want %d", c.name, w.Code, w.Body, got, c.stored)
		}
	}
	line := s.intake.Ledger()[0]
	if line.Received != 21 || line.Stored != 15 || line.Deduplicated != 6 || s.Stats() != (Stats{Repeated: 2}) {
		t.Errorf("%+v, %+v", line, s.Stats())
	}
}

// TestRetryGoesOn: of a batch that was stored in part, a retry stores the rest.
func TestRetryGoesOn(t *testing.T) {
	s := newServer(t, Options{})
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

// TestRetryDuringTheFirst waits for the first to end, also when its client has
// given up.
func TestRetryDuringTheFirst(t *testing.T) {
	s := newServer(t, Options{})
	release := s.store.Hold()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if w := s.do(http.MethodPost, "/logs", dated(5)); w.Code != 200 || w.Body.String() != `{"status":"ok","count":5}` {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	release()
	wg.Wait()
	if n := len(s.memory.Records()); n != 5 {
		t.Errorf("%d stored", n)
	}
}

func TestRetriesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRetries(time.Now)
		for i := range maxRemembered + 10 {
			once(t, r, []byte(fmt.Sprint(i)))
		}
		if len(r.attempts) != maxRemembered || len(r.order) != maxRemembered || r.forgotten != 10 {
			t.Errorf("%d remembered, %d forgotten", len(r.attempts), r.forgotten)
		}
		<-time.After(retryWindow + time.Second)
		once(t, r, nil)
		if len(r.attempts) != 1 || r.forgotten != 10 {
			t.Errorf("%d remembered, %d forgotten", len(r.attempts), r.forgotten)
		}
	})
}

func once(t *testing.T, r *retries, data []byte) {
	t.Helper()
	try, err := r.begin(t.Context(), "a", data)
	if err != nil {
		t.Fatal(err)
	}
	r.end(try)
}

// TestLeavesWhileWaiting: who does not wait for its turn does not keep the next one
// from it.
func TestLeavesWhileWaiting(t *testing.T) {
	r := newRetries(time.Now)
	first, err := r.begin(t.Context(), "a", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := r.begin(ctx, "a", nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	r.end(first)
	once(t, r, nil)
}
