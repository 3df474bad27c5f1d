package intake

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/server/store/faulty"
)

// TestHeldArePending until they are stored or given up, however often they are offered.
func TestHeldArePending(t *testing.T) {
	in, st, memory, show := open(t, Options{CommitRecords: 10})
	batch := batchOf("a\x00", "b", "c")
	h := in.Hold(test, batch)
	want := func(received, stored, pending uint64) {
		t.Helper()
		line := in.Ledger()[0]
		checkLedger(t, in.Ledger())
		if line.Received != received || line.Stored != stored || line.Pending != pending || line.Repaired > 1 {
			t.Errorf("%+v", line)
		}
	}
	want(3, 0, 3)
	st.Next(faulty.FailBefore, faulty.FailBefore, faulty.AmbiguousLost)
	for range 3 {
		if got, err := h.Offer(t.Context(), append(batch[:0:0], batch...)); got.Count != 0 || !errors.Is(err, ErrUnavailable) {
			if err == nil && got.Count == 3 { // an ambiguous commit that was lost is tried again
				break
			}
			t.Fatalf("%+v, %v", got, err)
		}
		want(3, 0, 3)
	}
	want(3, 3, 0)
	h.GiveUp(ReasonCancelled)
	want(3, 3, 0)

	h = in.Hold(test, numbered(25))
	st.Next(faulty.None, faulty.FailBefore)
	if got, err := h.Offer(t.Context(), numbered(25)); got.Count != 10 || err == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	want(28, 13, 15)
	h.GiveUp(ReasonCancelled)
	want(28, 13, 0)
	if n := in.Ledger()[0].Refused[ReasonCancelled]; n != 15 {
		t.Errorf("%d refused", n)
	}
	if got, err := h.Offer(t.Context(), nil); got.Count != 0 || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	checkSame(t, memory, show, 13)
}

// TestHeldIsWaitedFor: what has found room is not left alone, so that the ledger knows
// what became of it.
func TestHeldIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, _, _ := open(t, Options{})
		release := st.Hold()
		time.AfterFunc(time.Minute, release)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h := in.Hold(test, numbered(2))
		if got, err := h.Offer(ctx, numbered(2)); got.Count != 2 || err != nil {
			t.Errorf("%+v, %v", got, err)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		h = in.Hold(test, numbered(2))
		if _, err := h.Offer(t.Context(), numbered(2)); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		h.GiveUp(ReasonClosed)
		checkLedger(t, in.Ledger())
	})
}
