package gate

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
)

func TestRates(t *testing.T) {
	now := time.Unix(1000, 0)
	r := newRates(100, func() time.Time { return now })
	for i, c := range []struct {
		passes time.Duration
		sends  int
		waits  time.Duration // after that
	}{
		{0, 50, 0},
		{0, 51, 10*time.Millisecond + time.Millisecond}, // in debt by one
		{10 * time.Millisecond, 0, time.Millisecond},    // at zero: not yet
		{10 * time.Millisecond, 0, 0},
		{time.Hour, 0, 0},
		{0, 1000, 9*time.Second + time.Millisecond}, // no more than a second's worth was saved up
		{9 * time.Second, 0, time.Millisecond},
		{time.Second, 0, 0},
	} {
		now = now.Add(c.passes)
		r.charge("a", c.sends)
		if got := r.wait("a"); got != c.waits {
			t.Errorf("%d: waits %v, want %v", i, got, c.waits)
		}
	}
	if got := r.wait("b"); got != 0 {
		t.Errorf("another sender waits %v", got)
	}
	if newRates(0, time.Now).wait("a") != 0 {
		t.Error("a sender waits where there is no limit")
	}
	for i := range 2 * maxRated {
		r.charge(fmt.Sprint(i), 1)
	}
	if len(r.senders) > maxRated {
		t.Errorf("%d senders are remembered", len(r.senders))
	}
	now = now.Add(-time.Hour)
	r.charge("c", 100)
	now = now.Add(-time.Hour)
	if got := r.wait("c"); got != time.Millisecond {
		t.Errorf("a clock that steps back makes a sender wait %v", got)
	}
}

// TestTooFast: who is over the rate is told when to come again, and what of a request
// was taken is not refused for it.
func TestTooFast(t *testing.T) {
	now := time.Unix(1000, 0)
	f := open(t, Options{Rate: 10, Clock: func() time.Time { return now }}, intake.Options{})
	if n, err := f.send(request("a", "", nil), 35); n != 35 || err != nil {
		t.Fatal(n, err)
	}
	_, err := f.send(request("a", "", nil), 1)
	var why *Refusal
	if !errors.As(err, &why) || why.Status != http.StatusTooManyRequests || why.Code != CodeRate || !why.Temporary() || why.Hint == "" {
		t.Fatalf("%+v", err)
	}
	head := http.Header{}
	why.SetHeader(head)
	if got := head.Get("Retry-After"); got != "3" {
		t.Errorf("Retry-After: %q", got)
	}
	if _, err := f.send(request("b", "", nil), 1); err != nil {
		t.Error(err)
	}
	now = now.Add(3 * time.Second)
	if _, err := f.send(request("a", "", nil), 1); err != nil {
		t.Error(err)
	}
}

// TestRefusedCostsNothing: what is not stored now comes again, and must not be too much
// then; what was stored before is not stored again.
func TestRefusedCostsNothing(t *testing.T) {
	now := time.Unix(1000, 0)
	f := open(t, Options{Rate: 100, Clock: func() time.Time { return now }}, intake.Options{})
	f.store.Always(faulty.FailBefore)
	for range 3 {
		if n, err := f.send(request("a", "", nil), 1000); n != 0 || refusalOf(err).Code != CodeUnavailable {
			t.Fatal(n, err)
		}
	}
	f.store.Always(faulty.None)
	repeat := func() (intake.Receipt, error) {
		q, err := f.Open(request("a", "", nil), door)
		if err != nil {
			return intake.Receipt{}, err
		}
		defer q.Close()
		p := q.Parts(t.Context())
		p.Key = &intake.Key{Source: "s", First: 1, Last: 90}
		add(p, numbered(1, 90))
		return p.End()
	}
	for i := range 3 {
		if got, err := repeat(); err != nil || got.Count != 90 || i > 0 && got.Duplicates != 90 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if n, err := f.send(request("a", "", nil), 11); n != 11 || err != nil {
		t.Error(n, err)
	}
	if _, err := f.send(request("a", "", nil), 1); err == nil {
		t.Error("what is stored costs nothing")
	}
}
