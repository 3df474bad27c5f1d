package ship

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestBackoff(t *testing.T) {
	const least, most = 500 * time.Millisecond, 30 * time.Second
	for failures, want := range map[int]time.Duration{1: least, 2: 2 * least, 3: 4 * least, 7: most, 31: most, 32: most, 1000: most} {
		low, high := most, time.Duration(0)
		for range 1000 {
			d := backoff(failures, least, most)
			low, high = min(low, d), max(high, d)
		}
		if low < want/2 || high > want || high-low < want/4 {
			t.Errorf("after %d failures: %s to %s, want %s to %s", failures, low, high, want/2, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-7": 0, "7.5": 0, "soon": 0, "301": maxRetryAfter, "99999999999999999999": 0,
		"Sat, 21 Nov 2026 12:00:09 GMT": 9 * time.Second, "Sat, 21 Nov 2026 11:00:00 GMT": 0, "Sat, 21 Nov 2099 12:00:00 GMT": maxRetryAfter,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("7")
	f.Add("Sat, 21 Nov 2026 12:00:09 GMT")
	f.Fuzz(func(t *testing.T, header string) {
		if d := retryAfter(header, testTime); d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %s", header, d)
		}
	})
}

// TestRetries: whatever may pass is tried again, with growing pauses or the one that the
// server asks for, with the same bytes under the same key, until it is delivered.
func TestRetries(t *testing.T) {
	at := func(now time.Time) string { return now.UTC().Format(http.TimeFormat) }
	for name, c := range map[string]struct {
		reply       reply
		least, most time.Duration // before the second try
	}{
		"500":                     {status(500), 250 * time.Millisecond, 500 * time.Millisecond},
		"502":                     {status(502), 250 * time.Millisecond, 500 * time.Millisecond},
		"503 with seconds":        {status(503, "Retry-After", "20"), 20 * time.Second, 20 * time.Second},
		"429 with a date":         {status(429, "Retry-After", at(time.Date(2000, 1, 1, 0, 1, 30, 0, time.UTC))), 90 * time.Second, 90 * time.Second},
		"503 with a date gone by": {status(503, "Retry-After", at(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC))), 250 * time.Millisecond, 500 * time.Millisecond},
		"503 for a year":          {status(503, "Retry-After", "31536000"), maxRetryAfter, maxRetryAfter},
		"408":                     {status(408), 250 * time.Millisecond, 500 * time.Millisecond},
		"401, until it is mended": {status(401), 250 * time.Millisecond, 500 * time.Millisecond},
		"403":                     {status(403), 250 * time.Millisecond, 500 * time.Millisecond},
		"404":                     {status(404), 250 * time.Millisecond, 500 * time.Millisecond},
		"a redirect elsewhere":    {status(307, "Location", "http://elsewhere.test/"), 250 * time.Millisecond, 500 * time.Millisecond},
		"204":                     {status(204), 250 * time.Millisecond, 500 * time.Millisecond},
		"a login page":            {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Welcome to our hotel") }, 250 * time.Millisecond, 500 * time.Millisecond},
		"fewer records":           {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"status":"ok","count":4}`) }, 250 * time.Millisecond, 500 * time.Millisecond},
		"no answer":               {hang, DefaultTimeout + 250*time.Millisecond, DefaultTimeout + 500*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer()
				srv.next(c.reply)
				sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 150})
				write(t, sink, 1, 150)
				mustFlush2(t, sink)
				wantInOrder(t, srv, 1, 150)
				posts := srv.all()
				if len(posts) != 2 || posts[0].key != posts[1].key || string(posts[0].body) != string(posts[1].body) {
					t.Fatalf("%d posts, or they differ", len(posts))
				}
				if d := posts[1].at.Sub(posts[0].at); d < c.least || d > c.most {
					t.Errorf("tried again after %s, want %s to %s", d, c.least, c.most)
				}
				if st := sink.Stats(); st.Retried != 1 || st.Away || st.LastError == "" {
					t.Errorf("%+v", st)
				}
			})
		})
	}
}

// mustFlush2 waits as long as it takes.
func mustFlush2(t *testing.T, sink *Sink) {
	t.Helper()
	if err := sink.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPausesGrow: a server that is away for hours is asked less and less often, and never
// less than every half a minute; what was written first arrives first.
func TestPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, told := newServer(), &notes{}
		srv.breakWith(errors.New("connection refused"))
		sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 10, ErrorOutput: told})
		write(t, sink, 1, 55)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		srv.mu.Lock()
		tries := srv.tries
		srv.mu.Unlock()
		for i := 1; i < len(tries); i++ {
			pause := tries[i].Sub(tries[i-1])
			want := min(DefaultRetryMin<<min(i-1, 20), DefaultRetryMax)
			if pause < want/2 || pause > want {
				t.Fatalf("pause %d is %s, want %s at most", i, pause, want)
			}
		}
		if n := strings.Count(told.String(), "\n"); n != 1 {
			t.Errorf("people were told %d times:\n%s", n, told)
		}
		srv.breakWith(nil)
		time.Sleep(DefaultRetryMax + DefaultFlushInterval)
		wantInOrder(t, srv, 1, 55)
		// The next trouble begins with short pauses again.
		srv.next(status(503))
		write(t, sink, 56, 10)
		time.Sleep(DefaultRetryMin)
		wantInOrder(t, srv, 1, 65)
	})
}

// TestAnswerLost: a server that stored a batch and could not say so stores it once.
func TestAnswerLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.next(srv.storeThen(hang), srv.storeThen(status(500)), nil, srv.storeThen(status(502)))
		sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 10})
		write(t, sink, 1, 20)
		mustFlush2(t, sink)
		wantInOrder(t, srv, 1, 20)
		if st := sink.Stats(); st.Sent != 20 || st.Duplicate != 20 {
			t.Errorf("%+v", st)
		}
	})
}

func TestRetriesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.next(status(503), status(503), status(503))
		sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 10, Retries: 2})
		write(t, sink, 1, 20)
		mustFlush2(t, sink)
		wantInOrder(t, srv, 11, 20)
		if st := sink.Stats(); st.Dropped[DroppedRetries] != 10 || st.Sent != 10 {
			t.Errorf("%+v", st)
		}
	})
}

// refusing answers a batch that holds a poisoned message.
func refusing(code int, poison ...string) func(seen) reply {
	return func(got seen) reply {
		for _, line := range got.lines() {
			for _, p := range poison {
				if strings.Contains(line, fmt.Sprintf(`"message":"%s"`, p)) {
					return status(code)
				}
			}
		}
		return nil
	}
}

// TestSplit: a batch that is refused is split until what is wrong is alone; that is kept
// aside, everything else arrives, once and in order.
func TestSplit(t *testing.T) {
	for _, code := range []int{400, 413, 422, 500} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer()
				srv.rule = refusing(code, "37", "38", "150")
				sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 50, Spool: dir})
				write(t, sink, 1, 200)
				if code == 500 {
					// As long as nothing else is there to compare with, the server may be at fault.
					time.Sleep(time.Hour)
					if st := sink.Stats(); st.Refused != 2 || st.Queued != 1 {
						t.Errorf("%+v", st)
					}
					write(t, sink, 201, 1)
				}
				mustFlush2(t, sink)
				var got []string
				for i := 1; i <= 200; i++ {
					if i != 37 && i != 38 && i != 150 {
						got = append(got, fmt.Sprint(i))
					}
				}
				stored := srv.messages()
				if code == 500 { // a batch behind a bad record goes before it
					if len(stored) != len(got)+1 {
						t.Fatalf("%d stored", len(stored))
					}
				} else if strings.Join(stored, " ") != strings.Join(got, " ") {
					t.Fatalf("stored %v", stored)
				}
				if st := sink.Stats(); st.Refused != 3 || st.KeptAside != 3 || st.Sent != uint64(len(stored)) || st.Split == 0 || st.Queued != 0 || st.QueuedBytes != 0 {
					t.Errorf("%+v", st)
				}
			})
			files, err := filepath.Glob(filepath.Join(dir, "*", refusedName))
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			var kept []string
			for line := range strings.Lines(string(data)) {
				var r struct {
					At     time.Time `json:"refused_at"`
					Status int
					Answer string
					Record struct{ Message string }
				}
				if err := json.Unmarshal([]byte(line), &r); err != nil || r.Status != code || r.At.IsZero() || !strings.Contains(r.Answer, "scripted") {
					t.Errorf("%v %s", err, line)
				}
				kept = append(kept, r.Record.Message)
			}
			if strings.Join(kept, " ") != "37 38 150" {
				t.Errorf("kept %v", kept)
			}
		})
	}
}

// TestServerFailsForAll: a server that answers 500 to everything makes no record
// refused: it is the server's fault.
func TestServerFailsForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.rule = func(seen) reply { return status(500) }
		sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 10})
		write(t, sink, 1, 35)
		time.Sleep(time.Hour)
		if st := sink.Stats(); st.Refused != 0 || st.Sent != 0 || st.Queued != 35 {
			t.Errorf("%+v", st)
		}
		srv.mu.Lock()
		srv.rule = nil
		srv.mu.Unlock()
		mustFlush2(t, sink)
		got := map[string]bool{}
		for _, m := range srv.messages() {
			got[m] = true
		}
		if len(got) != 35 || len(srv.messages()) != 35 {
			t.Errorf("%d of 35 stored, %d distinct", len(srv.messages()), len(got))
		}
	})
}

// TestLargeBodies: after a 413 the next batches are smaller from the start.
func TestLargeBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.rule = func(got seen) reply {
			if len(got.body) > 20_000 {
				return status(413)
			}
			return nil
		}
		sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 100})
		write(t, sink, 1, 100)
		mustFlush2(t, sink)
		write(t, sink, 101, 900)
		mustFlush2(t, sink)
		wantInOrder(t, srv, 1, 1000)
		if st := sink.Stats(); st.Split > 3 || st.Refused != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// TestNoGzip: a server, or something before it, that does not unpack bodies gets them
// plain, and nothing is refused.
func TestNoGzip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.rule = func(got seen) reply {
			if got.encoding != "" {
				return status(415)
			}
			return nil
		}
		sink := offline(t, srv, Options{Protocol: ProtocolWeir, BatchRecords: 200})
		write(t, sink, 1, 600)
		mustFlush2(t, sink)
		wantInOrder(t, srv, 1, 600)
		if st := sink.Stats(); st.Refused != 0 || len(srv.all()) != 4 {
			t.Errorf("%d posts, %+v", len(srv.all()), st)
		}
	})
}
