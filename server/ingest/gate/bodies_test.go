package gate

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/snappy"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/intake"
)

// TestBodiesWait: a body that finds no room waits for it, and is refused when none
// comes.
func TestBodiesWait(t *testing.T) {
	for what, size := range map[string]int{"usual": 900 << 10, "large": 3 << 20} {
		for _, known := range []bool{true, false} {
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

// TestBodiesThatDoNotCome: what a sender only says that it will send, and what came of a
// body that does not go on, takes little from the others.
func TestBodiesThatDoNotCome(t *testing.T) {
	for name, c := range map[string]struct {
		senders      int
		said         int64
		encoding     string
		came         int
		usual, large int // bodies that find room beside them
	}{
		"announced":       {500, 1 << 20, "", 0, 8, 2},
		"large announced": {500, 5 << 20, "", 0, 8, 2},
		"packed":          {500, 1 << 20, "gzip", 0, 8, 2},
		"chunked":         {500, -1, "", 0, 8, 2},
		"a little":        {500, -1, "", 10_000, 8, 2},
		"more":            {2, -1, "", 1200_000, 16, 2},
		"much more":       {3, 5 << 20, "", 1200_000, 16, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := open(t, Options{Body: body.Limits{Sent: 5 << 20, Unpacked: 8 << 20}, Bodies: 32 << 20}, intake.Options{})
				said := make(chan error)
				pipes := make([]*io.PipeWriter, c.senders)
				for i := range pipes {
					r := request("a", c.encoding, nil)
					r.ContentLength = c.said
					r.Body, pipes[i] = io.Pipe()
					go func() { _, err := f.Open(r, door); said <- err }()
					go func() { _, _ = pipes[i].Write(make([]byte, c.came)) }()
				}
				synctest.Wait()
				for i := range c.usual + c.large {
					size := 700_000
					if i >= c.usual {
						size = 5 << 20
					}
					start := time.Now()
					q, err := f.Open(request("b", "", make([]byte, size)), door)
					if err != nil || time.Since(start) > 0 {
						t.Fatalf("body %d: %v after %v", i, err, time.Since(start))
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
		})
	}
}

// TestAloneAlwaysPasses: whatever is within the limits finds room when nobody else sends,
// however little there is.
func TestAloneAlwaysPasses(t *testing.T) {
	for _, bodies := range []int64{1, 100 << 10, 2 << 20, 0} {
		f := open(t, Options{Body: body.Limits{Sent: 5 << 20, Unpacked: 5 << 20}, Bodies: bodies}, intake.Options{})
		for _, size := range []int{0, 1, 16 << 10, 17 << 10, 60 << 10, 300 << 10, 1 << 20, 1<<20 + 1, 5 << 20} {
			for _, encoding := range []string{"", "gzip", "snappy"} {
				data := make([]byte, size)
				if encoding == "gzip" {
					data = zipped(t, data)
				}
				if encoding == "snappy" {
					data = snappy.Encode(nil, data)
				}
				for _, known := range []bool{true, false} {
					r := request("a", encoding, data)
					if !known {
						r.ContentLength = -1
					}
					q, err := f.Open(r, Door{Protocol: "test", Encodings: []string{body.Gzip, body.Snappy}})
					if err != nil || len(q.Data) != size {
						t.Fatalf("%d bytes as %q in %d: %v", size, encoding, bodies, err)
					}
					q.Close()
				}
			}
		}
	}
}

// TestBrokenDecoderKeepsNoRoom, also when it panics.
func TestBrokenDecoderKeepsNoRoom(t *testing.T) {
	f := open(t, Options{}, intake.Options{})
	r := request("a", "", []byte("x"))
	r.Body = panicking{}
	func() {
		defer func() { _ = recover() }()
		_, _ = f.Open(r, door)
		t.Error("it did not panic")
	}()
}

type panicking struct{ io.ReadCloser }

func (panicking) Read([]byte) (int, error) { panic("a decoder") }

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
