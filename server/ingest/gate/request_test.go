package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/intake"
)

func TestOpen(t *testing.T) {
	plain := []byte("a body")
	for name, c := range map[string]struct {
		encoding string
		data     []byte
		door     Door
		status   int // 0: taken
		code     string
		hint     string
	}{
		"plain":          {"", plain, door, 0, "", ""},
		"packed":         {"gzip", zipped(t, plain), door, 0, "", ""},
		"in any case":    {"GZip", zipped(t, plain), door, 0, "", ""},
		"told otherwise": {"br", plain, Door{Encoding: body.Identity}, 0, "", ""},
		"always packed":  {"", zipped(t, plain), Door{Encoding: body.Gzip}, 0, "", ""},
		"unknown":        {"br", plain, door, 400, CodeBadEncoding, "Content-Encoding may be gzip or absent"},
		"none allowed":   {"gzip", plain, Door{}, 400, CodeBadEncoding, "without Content-Encoding"},
		"not packed":     {"gzip", plain, door, 400, CodeBadEncoding, "what its Content-Encoding says"},
		"large":          {"", make([]byte, 1001), door, 413, CodeTooLarge, "--max-body"},
		"a bomb":         {"gzip", zipped(t, make([]byte, 5001)), door, 413, CodeTooLarge, "--max-decoded"},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, Options{Body: body.Limits{Sent: 1000, Unpacked: 5000}}, intake.Options{})
			q, err := f.Open(request("10.0.0.1", c.encoding, c.data), c.door)
			if c.status == 0 {
				if err != nil || !bytes.Equal(q.Data, plain) || q.Source.Sender != "10.0.0.1" {
					t.Fatalf("%v", err)
				}
				q.Close()
				q.Close()
				return
			}
			var why *Refusal
			if !errors.As(err, &why) || why.Status != c.status || why.Code != c.code || !strings.Contains(why.Hint, c.hint) || why.Temporary() {
				t.Fatalf("%+v", err)
			}
			if got := f.line(t).Troubles; len(got) != 1 || got[0].What != c.code || got[0].Message == "" {
				t.Errorf("noted as %+v", got)
			}
		})
	}
}

// TestBodiesWait: a body that finds no room waits for it, and is refused when none
// comes.
func TestBodiesWait(t *testing.T) {
	for what, size := range map[string]int{"usual": 900 << 10, "large": 3 << 20} {
		for _, known := range []bool{true, false} {
			if !known && what == "usual" {
				continue // it is taken for the least
			}
			synctest.Test(t, func(t *testing.T) {
				f := open(t, Options{Body: body.Limits{Sent: 4 << 20, Unpacked: 4 << 20}, Bodies: 2 << 20}, intake.Options{})
				send := func() (*Request, error) {
					r := request("a", "", make([]byte, size))
					if !known {
						r.ContentLength = -1
					}
					return f.Open(r, door)
				}
				first, err := send()
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				_, err = send()
				var why *Refusal
				if !errors.As(err, &why) || why.Status != http.StatusServiceUnavailable || why.RetryAfter != 2*time.Second || time.Since(start) != DefaultMaxWait {
					t.Fatalf("%s: %v after %v", what, err, time.Since(start))
				}
				small, err := f.Open(request("b", "", make([]byte, 1000)), door)
				if err != nil {
					t.Errorf("%s keep small ones out: %v", what, err)
				} else {
					small.Close()
				}
				time.AfterFunc(time.Second, first.Close)
				second, err := send()
				if err != nil {
					t.Fatal(err)
				}
				second.Close()
				f.close(t)
			})
		}
	}
}

// TestBodiesThatDoNotCome: what a sender only says that it will send takes no more than
// a usual body from the others.
func TestBodiesThatDoNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, Options{}, intake.Options{})
		said := make(chan error)
		pipes := make([]*io.PipeWriter, 100)
		for i := range pipes {
			r := request("a", "", nil)
			r.ContentLength = 30 << 20
			r.Body, pipes[i] = io.Pipe()
			go func() { _, err := f.Open(r, door); said <- err }()
		}
		synctest.Wait()
		for range 2 {
			q, err := f.Open(request("b", "", make([]byte, 30<<20)), door)
			if err != nil {
				t.Fatal(err)
			}
			defer q.Close()
		}
		for _, p := range pipes {
			if err := p.CloseWithError(errors.New("reset")); err != nil {
				t.Fatal(err)
			}
			var why *Refusal
			if err := <-said; !errors.As(err, &why) || why.Status != http.StatusBadRequest {
				t.Errorf("%v", err)
			}
		}
	})
}

// TestRoomsNeverDeadlock sends many bodies and records at once through little room.
// In a bubble, senders that wait for each other for ever end the test.
func TestRoomsNeverDeadlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, Options{Body: body.Limits{Sent: 4 << 20, Unpacked: 4 << 20}, Bodies: 10 << 20, Records: 300}, intake.Options{CommitRecords: 50, QueueBytes: 30_000})
		f.store.Delay(time.Millisecond)
		var taken, refused atomic.Int64
		var wg sync.WaitGroup
		for s := range 16 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(s), 1))
				for range 10 {
					data := make([]byte, rng.IntN(2<<20))
					r := request(fmt.Sprint("10.0.0.", s), "", data)
					if s%3 == 0 {
						r = request(fmt.Sprint("10.0.0.", s), "gzip", zipped(t, data))
					}
					if s%4 == 0 {
						r.ContentLength = -1
					}
					n, err := f.send(r, 1+rng.IntN(400))
					var why *Refusal
					switch {
					case err == nil:
						taken.Add(int64(n))
					case !errors.As(err, &why) || !why.Temporary():
						t.Error(err)
					default:
						taken.Add(int64(n))
						refused.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if got := len(f.memory.Records()); got != int(taken.Load()) || got == 0 {
			t.Errorf("%d stored, %d acknowledged", got, taken.Load())
		}
		t.Logf("%d records taken, %d of 160 requests refused", taken.Load(), refused.Load())
		f.close(t)
	})
}

// send stores n records of one request.
func (f *fixture) send(r *http.Request, n int) (stored int, err error) {
	q, err := f.Open(r, door)
	if err != nil {
		return 0, err
	}
	defer q.Close()
	p := q.Parts(r.Context())
	for _, one := range numbered(1, n) {
		if p.Add(one) != nil {
			break
		}
	}
	got, err := p.End()
	return got.Count, err
}

func TestAdmit(t *testing.T) {
	f := open(t, Options{Origins: []string{"https://app.example"}}, intake.Options{})
	for origin, want := range map[string]bool{"": true, "https://app.example": true, "http://localhost:5173": true, "https://evil.example": false} {
		r := request("a", "", nil)
		r.Header.Set("Origin", origin)
		if origin == "" {
			r.Header.Del("Origin")
		}
		var why *Refusal
		if got := f.Admit(httptest.NewRecorder(), r, func(e *Refusal) { why = e }); got != want || want != (why == nil) || why != nil && (why.Status != 403 || why.Code != "bad_origin") {
			t.Errorf("%q: %v %+v", origin, got, why)
		}
	}
}

func TestSender(t *testing.T) {
	for from, want := range map[string]string{"10.0.0.1:5": "10.0.0.1", "[::1]:5": "::1", "@": "@"} {
		if got := Sender(&http.Request{RemoteAddr: from}); got != want {
			t.Errorf("%q is %q", from, got)
		}
	}
}

// TestTroubleIsTold in the ledger and to people.
func TestTroubleIsTold(t *testing.T) {
	f := open(t, Options{}, intake.Options{})
	source := intake.Source{Protocol: "test", Sender: "x"}
	f.Trouble(source, "lost", "the connection broke")
	f.Lose(source, 3)
	f.SetState(source, "connected")
	line := f.line(t)
	if line.State != "connected" || line.Refused[intake.ReasonOverflow] != 3 || line.Received != 3 || len(line.Troubles) != 1 || line.Troubles[0].Message != "the connection broke" {
		t.Errorf("%+v", line)
	}
}
