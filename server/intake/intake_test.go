package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

var test = Source{Protocol: "test"}

func batchOf(messages ...string) []record.Record {
	batch := make([]record.Record, len(messages))
	for i, m := range messages {
		batch[i].Message = m
	}
	return batch
}

func numbered(n int) []record.Record {
	batch := make([]record.Record, n)
	for i := range batch {
		batch[i].Message = fmt.Sprint(i)
	}
	return batch
}

// open makes an intake on a faulty store in memory, with a hub. The cleanup closes
// it.
func open(t *testing.T, opts Options) (*Intake, *faulty.Store, *storetest.Memory, *stream) {
	t.Helper()
	memory := storetest.NewMemory()
	st, show := faulty.New(memory), &stream{}
	in, err := New(st, show, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
		checkLedger(t, in.Ledger())
	})
	return in, st, memory, show
}

// checkLedger tests the promise of Counts.
func checkLedger(t *testing.T, lines []Counts) {
	t.Helper()
	for _, line := range lines {
		sum := line.Stored + line.Deduplicated + line.Pending
		for _, n := range line.Refused {
			sum += n
		}
		if sum != line.Received {
			t.Errorf("the ledger does not add up: %+v", line)
		}
	}
}

// checkSame tests that what was shown is what is stored, in ascending positions.
func checkSame(t *testing.T, memory *storetest.Memory, show *stream, want int) {
	t.Helper()
	stored, shown := memory.Records(), show.records
	if len(stored) != want || len(shown) != want {
		t.Fatalf("%d stored and %d shown, want %d", len(stored), len(shown), want)
	}
	for i := range stored {
		if stored[i].ID != shown[i].ID || stored[i].Message != shown[i].Message || i > 0 && stored[i].ID <= stored[i-1].ID {
			t.Fatalf("record %d is stored as %d %q and shown as %d %q", i, stored[i].ID, stored[i].Message, shown[i].ID, shown[i].Message)
		}
	}
}

// TestQuietStream: a lone record is committed and shown at once, also after a long
// silence, and dated when it came.
func TestQuietStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, _, memory, show := open(t, Options{})
		for i := range 3 {
			<-time.After(7 * time.Hour)
			now := time.Now()
			r, err := in.Accept(t.Context(), test, batchOf("lone"))
			if err != nil || r.Count != 1 || r.First != r.Last || time.Since(now) != 0 {
				t.Fatalf("%+v, %v after %v", r, err, time.Since(now))
			}
			got := memory.Records()[i]
			if !got.Observed.Equal(now) || !got.Time.Equal(now) || got.ID != r.First || got.ID != record.Position(now.UnixMilli())<<20 {
				t.Errorf("stored %+v at %v", got, now)
			}
		}
		checkSame(t, memory, show, 3)
	})
}

func TestTimeOfTheSenderStays(t *testing.T) {
	in, _, memory, _ := open(t, Options{})
	sent := time.Date(2001, 2, 3, 4, 5, 6, 7000, time.UTC)
	batch := batchOf("old")
	batch[0].Time = sent
	if _, err := in.Accept(t.Context(), test, batch); err != nil {
		t.Fatal(err)
	}
	if got := memory.Records()[0]; !got.Time.Equal(sent) || got.Observed.Before(sent) {
		t.Errorf("%v, observed %v", got.Time, got.Observed)
	}
}

// TestClockStepsBack: a clock that is an hour behind after a restart neither reuses
// nor reverses positions.
func TestClockStepsBack(t *testing.T) {
	memory := storetest.NewMemory()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var last record.Position
	for range 4 {
		show := hub.New(hub.Options{}, last)
		in, err := New(memory, show, Options{Clock: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			r, err := in.Accept(t.Context(), test, numbered(5))
			if err != nil || r.First <= last || r.Last != r.First+4 {
				t.Fatalf("%+v after %d, %v", r, last, err)
			}
			last = r.Last
			now = now.Add(-time.Minute)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(-time.Hour)
	}
	if n := len(memory.Records()); n != 60 {
		t.Errorf("%d records", n)
	}
}

// TestAmbiguousCommit: both outcomes, while the store does not answer for a while
// and other batches wait. Nothing is lost, nothing double, the order stays.
func TestAmbiguousCommit(t *testing.T) {
	for name, fault := range map[string]faulty.Fault{"committed": faulty.AmbiguousCommitted, "lost": faulty.AmbiguousLost} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in, st, memory, show := open(t, Options{})
				st.Next(fault)
				st.FailLastCommit(true)
				one, two := acceptAsync(t.Context(), in, 2), acceptAsync(t.Context(), in, 1)
				<-time.After(time.Minute)
				if appends, asked := st.Calls(); appends != 1 || asked < 10 || asked > 100 || len(one)+len(two) != 0 || len(show.records) != 0 {
					t.Errorf("%d appends, %d questions, %d answers before the outcome was known", appends, asked, len(one)+len(two))
				}
				if err := in.Ready(); !errors.Is(err, ErrUnavailable) || !errors.Is(err, store.ErrAmbiguous) {
					t.Errorf("ready: %v", err)
				}
				st.FailLastCommit(false)
				first, second := <-one, <-two
				if first.err != nil || second.err != nil || first.receipt.Count != 2 || second.receipt.First <= first.receipt.Last || in.Ready() != nil {
					t.Errorf("%+v, then %+v, ready: %v", first, second, in.Ready())
				}
				checkSame(t, memory, show, 3)
			})
		})
	}
}

// TestAmbiguousAgain: the same batch is ambiguous over and over.
func TestAmbiguousAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, memory, show := open(t, Options{})
		st.Next(faulty.AmbiguousLost, faulty.AmbiguousLost, faulty.AmbiguousCommitted, faulty.None, faulty.AmbiguousCommitted)
		for range 3 {
			if r, err := in.Accept(t.Context(), test, numbered(4)); err != nil || r.Count != 4 {
				t.Errorf("%+v, %v", r, err)
			}
		}
		checkSame(t, memory, show, 12)
	})
}

// TestRefusedThenOffered: what the store refuses is told, and may be offered again.
func TestRefusedThenOffered(t *testing.T) {
	in, st, memory, show := open(t, Options{})
	st.Next(faulty.FailBefore)
	batch := numbered(3)
	r, err := in.Accept(t.Context(), test, batch)
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, faulty.ErrInjected) || r.Count != 0 || in.Ready() == nil {
		t.Fatalf("%+v, %v, ready: %v", r, err, in.Ready())
	}
	if r, err = in.Accept(t.Context(), test, batch); err != nil || r.Count != 3 || in.Ready() != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	checkSame(t, memory, show, 3)
	line := in.Ledger()[0]
	if line.Received != 6 || line.Stored != 3 || line.Refused[ReasonStorage] != 3 {
		t.Errorf("%+v", line)
	}
}

// TestLargeBatch is stored in several commits and acknowledged as one.
func TestLargeBatch(t *testing.T) {
	in, st, memory, show := open(t, Options{CommitRecords: 10})
	r, err := in.Accept(t.Context(), test, numbered(95))
	if appends, _ := st.Calls(); err != nil || r.Count != 95 || appends != 10 {
		t.Fatalf("%+v in %d commits, %v", r, appends, err)
	}
	if got := memory.Records(); r.First != got[0].ID || r.Last != got[94].ID {
		t.Errorf("%+v", r)
	}
	checkSame(t, memory, show, 95)
}

// TestLargeBatchFails: a failure in the middle ends the batch and says how much of
// it is stored; the rest may be offered again.
func TestLargeBatchFails(t *testing.T) {
	in, st, memory, show := open(t, Options{CommitRecords: 10})
	st.Next(faulty.None, faulty.None, faulty.FailBefore)
	batch := numbered(95)
	r, err := in.Accept(t.Context(), test, batch)
	if !errors.Is(err, ErrUnavailable) || r.Count != 20 || !strings.Contains(err.Error(), "20 of 95 records were stored") {
		t.Fatalf("%+v, %v", r, err)
	}
	if r.First != memory.Records()[0].ID || r.Last != memory.Records()[19].ID {
		t.Errorf("%+v", r)
	}
	if r, err = in.Accept(t.Context(), test, batch[r.Count:]); err != nil || r.Count != 75 {
		t.Fatalf("%+v, %v", r, err)
	}
	checkSame(t, memory, show, 95)
	for i, stored := range memory.Records() {
		if stored.Message != fmt.Sprint(i) {
			t.Fatalf("record %d is %q", i, stored.Message)
		}
	}
}

// TestCommitsAreBoundedInBytes: large records do not make one huge commit.
func TestCommitsAreBoundedInBytes(t *testing.T) {
	in, st, _, _ := open(t, Options{CommitBytes: 10_000})
	text := strings.Repeat("x", 4_000)
	if _, err := in.Accept(t.Context(), test, batchOf(text, text, text, text, text)); err != nil {
		t.Fatal(err)
	}
	if appends, _ := st.Calls(); appends != 3 {
		t.Errorf("%d commits", appends)
	}
}

// TestCommitsWhatWaits: batches that come during a commit make the next one.
func TestCommitsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, memory, show := open(t, Options{})
		release := st.Hold()
		done := make(chan error, 11)
		for range 11 {
			go func() {
				_, err := in.Accept(t.Context(), test, numbered(3))
				done <- err
			}()
			synctest.Wait()
		}
		release()
		for range 11 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if appends, _ := st.Calls(); appends != 2 {
			t.Errorf("%d commits", appends)
		}
		checkSame(t, memory, show, 33)
	})
}

// TestOddTexts: what a store could not keep as it is arrives repaired and noted, and
// its neighbours as they were.
func TestOddTexts(t *testing.T) {
	large := strings.Repeat("5 MB ", 1<<20)
	in, _, memory, show := open(t, Options{})
	messages := []string{"before", "nul \x00 byte", "between", "\xff not UTF-8", "lone \xed\xa0\x80 surrogate", large, "after"}
	r, err := in.Accept(t.Context(), test, batchOf(messages...))
	if err != nil || r.Count != len(messages) || r.Repaired != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i, got := range memory.Records() {
		odd := messages[i] != strings.ToValidUTF8(messages[i], "") || strings.Contains(messages[i], "\x00")
		if !odd {
			if got.Message != messages[i] || len(got.Attrs) != 0 {
				t.Errorf("%.20q became %.20q with %v", messages[i], got.Message, got.Attrs)
			}
			continue
		}
		if !utf8.ValidString(got.Message) || strings.Contains(got.Message, "\x00") || !strings.Contains(got.Message, "\ufffd") {
			t.Errorf("%q became %q", messages[i], got.Message)
		}
		keys := map[string]bool{}
		for _, a := range got.Attrs {
			keys[a.Key] = true
		}
		if !keys[record.AttrReplaced] || !keys[record.AttrRepaired] {
			t.Errorf("%q has no note: %v", messages[i], got.Attrs)
		}
	}
	checkSame(t, memory, show, len(messages))
	if line := in.Ledger()[0]; line.Repaired != 3 {
		t.Errorf("%+v", line)
	}
}

func TestEmptyBatch(t *testing.T) {
	in, st, _, _ := open(t, Options{})
	r, err := in.Accept(t.Context(), test, nil)
	if appends, _ := st.Calls(); err != nil || r != (Receipt{}) || appends != 0 || len(in.Ledger()) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestNewNeedsTheLastCommit(t *testing.T) {
	st := faulty.New(storetest.NewMemory())
	st.FailLastCommit(true)
	if _, err := New(st, &stream{}, Options{}); !errors.Is(err, faulty.ErrInjected) {
		t.Error(err)
	}
}

// TestReadyAfterARefusalWearsOff: a sender that waits for readiness gets its turn.
func TestReadyAfterARefusalWearsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, st, _, _ := open(t, Options{})
		st.Next(faulty.FailBefore)
		if _, err := in.Accept(t.Context(), test, numbered(1)); err == nil {
			t.Fatal("the store refused and nobody was told")
		}
		time.Sleep(failureHolds - time.Second)
		if in.Ready() == nil {
			t.Error("ready again too early")
		}
		time.Sleep(2 * time.Second)
		if err := in.Ready(); err != nil {
			t.Errorf("still not ready: %v", err)
		}
	})
}
