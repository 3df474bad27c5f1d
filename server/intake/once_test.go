package intake

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

// sent makes the records first to last of a source; each says its number.
func sent(source string, first, last uint64) (Key, []record.Record) {
	var batch []record.Record
	for n := first; n <= last; n++ {
		batch = append(batch, record.Record{Message: fmt.Sprint(source, n)})
	}
	return Key{Source: source, First: first, Last: last}, batch
}

func messages(memory *storetest.Memory) []string {
	var out []string
	for _, r := range memory.Records() {
		out = append(out, r.Message)
	}
	return out
}

// TestOnceByNumbers: what overlaps is stored once, in order, and the books say so.
func TestOnceByNumbers(t *testing.T) {
	in, _, memory, show := open(t, Options{CommitRecords: 3})
	for _, c := range []struct{ first, last, stored, duplicates int }{
		{1, 10, 10, 0},
		{1, 10, 0, 10},
		{5, 14, 4, 6},
		{20, 22, 3, 0},
		{26, 26, 1, 0},
		{11, 30, 12, 8},
		{1, 30, 0, 30},
	} {
		key, batch := sent("a", uint64(c.first), uint64(c.last))
		before := len(memory.Records())
		r, err := in.AcceptOnce(t.Context(), test, key, batch)
		if err != nil || r.Count != c.stored+c.duplicates || r.Duplicates != c.duplicates || len(memory.Records())-before != c.stored {
			t.Fatalf("%d-%d: %+v, %v, %d stored", c.first, c.last, r, err, len(memory.Records())-before)
		}
		if stored := memory.Records()[before:]; c.stored > 0 && (r.First != stored[0].ID || r.Last != stored[c.stored-1].ID) {
			t.Errorf("%d-%d: %+v", c.first, c.last, r)
		}
	}
	checkSame(t, memory, show, 30)
	got := messages(memory)
	slices.Sort(got)
	if len(slices.Compact(got)) != 30 {
		t.Errorf("stored %v", got)
	}
	if line := in.Ledger()[0]; line.Received != 84 || line.Stored != 30 || line.Deduplicated != 54 {
		t.Errorf("%+v", line)
	}
	// Another source's numbers are its own.
	key, batch := sent("b", 1, 10)
	if r, err := in.AcceptOnce(t.Context(), test, key, batch); err != nil || r.Duplicates != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestOnceByText: a body under a text is stored once, and another body is refused.
func TestOnceByText(t *testing.T) {
	in, st, memory, _ := open(t, Options{CommitRecords: 10})
	key := Key{Text: "k", Digest: "d"}
	st.Next(faulty.None, faulty.None, faulty.FailBefore)
	if r, err := in.AcceptOnce(t.Context(), test, key, numbered(45)); !errors.Is(err, ErrUnavailable) || r.Count != 20 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := in.AcceptOnce(t.Context(), test, key, numbered(45)); err != nil || r.Count != 45 || r.Duplicates != 20 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := in.AcceptOnce(t.Context(), test, key, numbered(45)); err != nil || r.Count != 45 || r.Duplicates != 45 || r.First != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i, m := range messages(memory) {
		if m != fmt.Sprint(i) {
			t.Fatalf("record %d is %q", i, m)
		}
	}
	if r, err := in.AcceptOnce(t.Context(), test, Key{Text: "k", Digest: "other"}, numbered(45)); !errors.Is(err, ErrKeyReused) || errors.Is(err, ErrUnavailable) || r.Count != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if line := in.Ledger()[0]; line.Stored != 45 || line.Deduplicated != 65 || line.Refused[ReasonKey] != 45 || line.Refused[ReasonStorage] != 25 {
		t.Errorf("%+v", line)
	}
}

func TestOnceNeedsFittingNumbers(t *testing.T) {
	in, _, memory, _ := open(t, Options{})
	for _, key := range []Key{{Source: "a", First: 1, Last: 4}, {Source: "a", First: 0, Last: 2}, {Source: "a", First: 4, Last: 2}, {Source: "a", First: store.MaxSeq, Last: store.MaxSeq + 2}} {
		if _, err := in.AcceptOnce(t.Context(), test, key, numbered(3)); !errors.Is(err, ErrBadKey) {
			t.Errorf("%+v: %v", key, err)
		}
	}
	if _, err := in.AcceptOnce(t.Context(), test, Key{Text: "empty"}, nil); err != nil {
		t.Error(err)
	}
	if len(memory.Records()) != 0 || len(in.Ledger()) != 0 {
		t.Error("something was stored or counted")
	}
}

// TestRepetitionsWait: the same batch, while it is being stored, waits for the
// outcome; one whose sender leaves meanwhile is not stored a second time.
func TestRepetitionsWait(t *testing.T) {
	for name, fault := range map[string]faulty.Fault{"stored": faulty.None, "lost": faulty.FailBefore, "ambiguous, stored": faulty.AmbiguousCommitted, "ambiguous, lost": faulty.AmbiguousLost} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in, st, memory, show := open(t, Options{})
				release := st.Hold()
				st.Next(fault)
				accept := func(ctx context.Context) <-chan result {
					out := make(chan result, 1)
					go func() {
						key, batch := sent("a", 1, 4)
						r, err := in.AcceptOnce(ctx, test, key, batch)
						out <- result{r, err}
					}()
					synctest.Wait()
					return out
				}
				ctx, leave := context.WithCancel(t.Context())
				first := accept(ctx)
				again := accept(t.Context())
				leaving := accept(ctx)
				leave()
				if got := <-leaving; !errors.Is(got.err, context.Canceled) || !errors.Is(got.err, ErrUnavailable) {
					t.Errorf("the one that left: %+v", got)
				}
				if len(first)+len(again) != 0 {
					t.Error("answered before the outcome was known")
				}
				release()
				one, two := <-first, <-again
				if (one.err != nil) != (fault == faulty.FailBefore) || two.err != nil || two.receipt.Count != 4 {
					t.Errorf("%+v, then %+v", one, two)
				}
				if (two.receipt.Duplicates == 4) != (fault != faulty.FailBefore) {
					t.Errorf("the repetition: %+v", two.receipt)
				}
				checkSame(t, memory, show, 4)
				if len(in.turns.names) != 0 {
					t.Error("turns are remembered that nobody has")
				}
			})
		})
	}
}

// TestOnceOverARestart: a server that ends between commit and answer knows the
// batch when it is back.
func TestOnceOverARestart(t *testing.T) {
	memory := storetest.NewMemory()
	for round := range 3 {
		in, err := New(memory, &stream{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		key, batch := sent("a", 1, 5)
		r, err := in.AcceptOnce(t.Context(), test, key, batch)
		if err != nil || r.Count != 5 || (r.Duplicates == 5) != (round > 0) {
			t.Errorf("%+v, %v", r, err)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnknownPastIsUnavailable(t *testing.T) {
	in, st, memory, _ := open(t, Options{})
	st.FailRecall(true)
	key, batch := sent("a", 1, 5)
	for _, key := range []Key{key, {Text: "k"}} {
		if r, err := in.AcceptOnce(t.Context(), test, key, batch); !errors.Is(err, ErrUnavailable) || r.Count != 0 || len(memory.Records()) != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	st.FailRecall(false)
	if r, err := in.AcceptOnce(t.Context(), test, key, batch); err != nil || r.Count != 5 {
		t.Errorf("%+v, %v", r, err)
	}
}

// hanging is a store that does not say what it has, before it is given up.
type hanging struct {
	store.Store
	asked chan struct{}
}

func (h hanging) StoredRanges(ctx context.Context, _ string) ([]store.Range, error) {
	close(h.asked)
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestCloseWhileThePastIsLookedUp: a store that hangs does not hold a batch beyond the
// intake's end, though its sender's context does not end the looking up.
func TestCloseWhileThePastIsLookedUp(t *testing.T) {
	st := hanging{storetest.NewMemory(), make(chan struct{})}
	in, err := New(st, &stream{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	key, batch := sent("a", 1, 5)
	done := make(chan error, 1)
	go func() {
		_, err := in.AcceptOnce(t.Context(), test, key, batch)
		done <- err
	}()
	<-st.asked
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	checkLedger(t, in.Ledger())
	if line := in.Ledger()[0]; line.Refused[ReasonClosed] != 5 || line.Pending != 0 {
		t.Errorf("%+v", line)
	}
}

// TestOnceUnderFaults: senders repeat batches, split them, and send them from two
// sides at once, while the store fails in every way and the intake is closed and
// opened again. In the end each record is there once, in its sender's order.
func TestOnceUnderFaults(t *testing.T) {
	const senders, perSender = 4, 400
	synctest.Test(t, func(t *testing.T) {
		memory := storetest.NewMemory()
		st := faulty.New(memory)
		// Whoever sends has one of the slots, who replaces the intake all of them. A
		// mutex would stop the test's clock.
		const all = 2 * senders
		slots := make(chan struct{}, all)
		in, err := New(st, &stream{}, Options{CommitRecords: 7})
		if err != nil {
			t.Fatal(err)
		}
		var sending sync.WaitGroup
		for s := range senders {
			sending.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(s), 9))
				source := fmt.Sprint("s", s, "-")
				for first := uint64(1); first <= perSender; {
					last := min(first+uint64(rng.IntN(30)), perSender)
					var ok atomic.Bool
					var twice sync.WaitGroup
					for range 1 + rng.IntN(2) {
						patience := time.Duration(1+rng.Int64N(40)) * time.Millisecond
						twice.Go(func() {
							ctx, cancel := context.WithTimeout(t.Context(), patience)
							defer cancel()
							key, batch := sent(source, first, last)
							slots <- struct{}{}
							defer func() { <-slots }()
							if _, err := in.AcceptOnce(ctx, test, key, batch); err == nil {
								ok.Store(true)
							}
						})
					}
					twice.Wait()
					if ok.Load() {
						first = last + 1
					}
				}
			})
		}
		stop := make(chan struct{})
		var breaking sync.WaitGroup
		breaking.Go(func() {
			rng := rand.New(rand.NewPCG(1, 9))
			faults := []faulty.Fault{faulty.None, faulty.None, faulty.FailBefore, faulty.AmbiguousCommitted, faulty.AmbiguousLost}
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
				}
				st.Next(faults[rng.IntN(len(faults))])
				st.Delay(time.Duration(rng.IntN(20)) * time.Millisecond)
				if rng.IntN(10) == 0 {
					for range all {
						slots <- struct{}{}
					}
					if err := in.Close(t.Context()); err != nil {
						t.Error(err)
					}
					checkLedger(t, in.Ledger())
					if in, err = New(st, &stream{}, Options{CommitRecords: 7}); err != nil {
						t.Error(err)
					}
					for range all {
						<-slots
					}
				}
			}
		})
		sending.Wait()
		close(stop)
		breaking.Wait()
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
		seen := map[string]int{}
		for _, m := range messages(memory) {
			seen[m]++
		}
		for s := range senders {
			for n := 1; n <= perSender; n++ {
				if m := fmt.Sprint("s", s, "-", n); seen[m] != 1 {
					t.Fatalf("record %s is there %d times", m, seen[m])
				}
			}
		}
		if len(seen) != senders*perSender {
			t.Errorf("%d records, want %d", len(seen), senders*perSender)
		}
	})
}
