package intake

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/faulty"
)

// result is what an Accept in another goroutine came to.
type result struct {
	receipt Receipt
	err     error
}

func acceptAsync(ctx context.Context, in *Intake, n int) <-chan result {
	out := make(chan result, 1)
	go func() {
		r, err := in.Accept(ctx, test, numbered(n))
		out <- result{r, err}
	}()
	synctest.Wait()
	return out
}

// TestQueueFull: a full queue makes senders wait, in order, and refuses them after
// MaxWait; one that leaves meanwhile is not stored.
func TestQueueFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, memory, show := open(t, Options{QueueBytes: 1, MaxWait: 3 * time.Second})
		release := st.Hold()
		first := acceptAsync(t.Context(), in, 2)
		waits := acceptAsync(t.Context(), in, 3)
		ctx, leave := context.WithCancel(t.Context())
		leaves := acceptAsync(ctx, in, 5)
		leave()
		if got := <-leaves; !errors.Is(got.err, context.Canceled) || !errors.Is(got.err, ErrUnavailable) || got.receipt.Count != 0 {
			t.Errorf("the one that left: %+v", got)
		}
		<-time.After(2900 * time.Millisecond)
		late := acceptAsync(t.Context(), in, 7)
		if got := <-waits; !errors.Is(got.err, ErrBusy) || !errors.Is(got.err, ErrUnavailable) {
			t.Errorf("the one that waited too long: %+v", got)
		}
		if bytes, waiting := in.queue.load(); bytes == 0 || waiting != 1 {
			t.Errorf("%d bytes, %d waiting", bytes, waiting)
		}
		checkLedger(t, in.Ledger())
		release()
		for name, c := range map[string]<-chan result{"first": first, "late": late} {
			if got := <-c; got.err != nil {
				t.Errorf("%s: %v", name, got.err)
			}
		}
		checkSame(t, memory, show, 9)
		line := in.Ledger()[0]
		if line.Refused[ReasonBusy] != 3 || line.Refused[ReasonCancelled] != 5 || line.Stored != 9 || line.Pending != 0 {
			t.Errorf("%+v", line)
		}
		if bytes, waiting := in.queue.load(); bytes != 0 || waiting != 0 {
			t.Errorf("%d bytes, %d waiting at the end", bytes, waiting)
		}
	})
}

// TestLeftWhileCommitting: the batch of a sender that leaves during the commit is
// stored and shown, and the error does not claim otherwise.
func TestLeftWhileCommitting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, memory, show := open(t, Options{})
		release := st.Hold()
		ctx, leave := context.WithCancel(t.Context())
		c := acceptAsync(ctx, in, 4)
		leave()
		if got := <-c; !errors.Is(got.err, context.Canceled) || errors.Is(got.err, ErrUnavailable) {
			t.Errorf("%+v", got)
		}
		release()
		synctest.Wait()
		checkSame(t, memory, show, 4)
		if line := in.Ledger()[0]; line.Stored != 4 {
			t.Errorf("%+v", line)
		}
	})
}

// TestCloseDrains: what was let in is committed, what comes later is refused.
func TestCloseDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, memory, show := open(t, Options{CommitRecords: 2})
		release := st.Hold()
		var waiting []<-chan result
		for range 5 {
			waiting = append(waiting, acceptAsync(t.Context(), in, 3))
		}
		closed := make(chan error)
		go func() { closed <- in.Close(t.Context()) }()
		synctest.Wait()
		if got := <-acceptAsync(t.Context(), in, 1); !errors.Is(got.err, ErrClosed) {
			t.Errorf("after close: %+v", got)
		}
		if !errors.Is(in.Ready(), ErrClosed) {
			t.Error(in.Ready())
		}
		release()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		for _, c := range waiting {
			if got := <-c; got.err != nil || got.receipt.Count != 3 {
				t.Errorf("%+v", got)
			}
		}
		checkSame(t, memory, show, 15)
		if line := in.Ledger()[0]; line.Refused[ReasonClosed] != 1 {
			t.Errorf("%+v", line)
		}
	})
}

// TestCloseGivesUp: when the time is over, Close says how much was not stored and
// every sender learns of its own.
func TestCloseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, memory, show := open(t, Options{})
		release := st.Hold()
		defer release()
		first, second := acceptAsync(t.Context(), in, 2), acceptAsync(t.Context(), in, 3)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := in.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "close intake with 3 records waiting: context deadline exceeded" {
			t.Error(err)
		}
		for _, c := range []<-chan result{first, second} {
			if got := <-c; !errors.Is(got.err, ErrUnavailable) || got.receipt.Count != 0 {
				t.Errorf("%+v", got)
			}
		}
		checkSame(t, memory, show, 0)
	})
}

// TestCloseWithoutOutcome: a batch whose outcome nobody can tell stays pending.
func TestCloseWithoutOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, _, _ := open(t, Options{CommitRecords: 4})
		st.Always(faulty.AmbiguousLost)
		st.FailLastCommit(true)
		c := acceptAsync(t.Context(), in, 6)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := in.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if got := <-c; !errors.Is(got.err, store.ErrAmbiguous) || got.receipt.Count != 0 {
			t.Errorf("%+v", got)
		}
		if line := in.Ledger()[0]; line.Pending != 4 || line.Refused[ReasonClosed] != 2 {
			t.Errorf("%+v", line)
		}
	})
}

// TestLargerThanTheQueue: a batch larger than the whole queue passes alone.
func TestLargerThanTheQueue(t *testing.T) {
	in, _, _, _ := open(t, Options{QueueBytes: 100})
	if r, err := in.Accept(t.Context(), test, numbered(50)); err != nil || r.Count != 50 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSourcesAreBounded(t *testing.T) {
	in, _, _, _ := open(t, Options{MaxSources: 3})
	for _, sender := range []string{"a", "", "b", "c", "a", strings.Repeat("x", MaxSourceName+1), "\xff"} {
		if _, err := in.Accept(t.Context(), Source{Protocol: "p", Sender: sender}, numbered(1)); err != nil {
			t.Fatal(err)
		}
	}
	lines, stored := in.Ledger(), uint64(0)
	for _, line := range lines {
		stored += line.Stored
	}
	if len(lines) > 4 || stored != 7 || in.foldedSources() == 0 {
		t.Errorf("%+v, %d folded", lines, in.foldedSources())
	}
}
