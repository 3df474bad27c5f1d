//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
	"github.com/weirlog/weir/server/store/storetest"
	"github.com/weirlog/weir/view"
)

// TestCheckpointBesideReaders checks that viewers who search all the time do not
// keep the log from being written into the file.
func TestCheckpointBesideReaders(t *testing.T) {
	dir := t.TempDir()
	s := open(t, duckdb.Options{Dir: dir})
	const limit = 1 << 20
	duckdb.CheckpointAt(s, limit)
	filter, err := query.Parse("nonexistent", storetest.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var viewers sync.WaitGroup
	for range 3 {
		viewers.Go(func() {
			for ctx.Err() == nil {
				if _, err := s.Search(ctx, view.Query{Filter: filter}); err != nil && ctx.Err() == nil {
					t.Errorf("Search: %v", err)
				}
			}
		})
	}
	f := &feed{rng: rand.New(rand.NewPCG(1, 1))}
	for range 20 {
		if err := s.Append(t.Context(), f.batch(1000)); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	viewers.Wait()
	for s.Stats().Checkpoints == 0 && t.Context().Err() == nil {
		if err := s.Append(t.Context(), f.batch(1)); err != nil { // one more asks again
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "weir.duckdb.wal"))
	if err == nil && info.Size() > 8*limit {
		t.Errorf("the log has %d bytes", info.Size())
	}
	if n, err := s.Count(t.Context(), 0, 1<<62); err != nil || n < 20_000 {
		t.Errorf("Count: %d, %v", n, err)
	}
}

// forever is a statement that does not end by itself.
const forever = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7"

// TestInterrupt checks that a read ends when its client leaves, not later.
func TestInterrupt(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir()})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := duckdb.ReadSQL(ctx, s, forever); err != context.DeadlineExceeded { //nolint:errorlint // the very error, without the engine's words
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	// The connection is as good as before.
	if err := duckdb.ReadSQL(t.Context(), s, "SELECT count(*) FROM logs"); err != nil {
		t.Error(err)
	}
}

// TestCloseEndsReads checks that Close does not wait for a long read.
func TestCloseEndsReads(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir()})
	done := make(chan error)
	go func() { done <- duckdb.ReadSQL(context.Background(), s, forever) }()
	for duckdb.Reading(s) == 0 {
		runtime.Gosched()
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != duckdb.ErrClosed { //nolint:errorlint // as above
		t.Errorf("got %v", err)
	}
}

// TestTurns checks that a read waits for its turn no longer than it may.
func TestTurns(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir(), MaxReads: 1})
	if err := s.Append(t.Context(), store.Batch{ID: "a", Records: storetest.NewGenerator(1).Records(5)}); err != nil {
		t.Fatal(err)
	}
	long, end := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- duckdb.ReadSQL(long, s, forever) }()
	for duckdb.Reading(s) == 0 {
		runtime.Gosched()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	page, err := s.Search(ctx, view.Query{})
	if err != nil || page.Reason != view.ReasonDeadline || page.Next == 0 {
		t.Errorf("got %+v, %v, want a partial page", page, err)
	}
	// Append does not wait.
	if err := s.Append(t.Context(), store.Batch{ID: "b", Records: []record.Record{{ID: 1 << 62, Time: storetest.Epoch}}}); err != nil {
		t.Error(err)
	}
	end()
	if err := <-done; err != context.Canceled { //nolint:errorlint // as above
		t.Errorf("got %v", err)
	}
	if st := s.Stats(); st.ReadsWaited != 1 || st.Deadlines != 1 || st.Records != 6 {
		t.Errorf("got %+v", st)
	}
}

// TestSmallMemory searches long messages with little memory: reads become smaller
// until they fit.
func TestSmallMemory(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir(), MemoryLimit: 160 << 20})
	f := &feed{rng: rand.New(rand.NewPCG(1, 1))}
	pad := make([]byte, 1<<20)
	want := 0
	for range 17 {
		b := f.batch(4)
		for i := range b.Records {
			for k := range pad {
				pad[k] = byte('a' + (k*k/7+f.n*i+k%(f.n+3))%26)
			}
			b.Records[i].Message += string(pad)
		}
		want += len(b.Records)
		if err := s.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	filter, err := query.Parse(`message:/[a-z]{100}/`, storetest.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []view.Query{{Limit: 1000}, {Limit: 1000, Filter: filter}, {Limit: 1000, Filter: filter, Order: view.OldestFirst}} {
		got := 0
		for {
			page, err := s.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			got += len(page.Records)
			if page.Complete {
				break
			}
			if q.Order == view.OldestFirst {
				q.After = page.Next
			} else {
				q.Before = page.Next
			}
		}
		if got != want {
			t.Errorf("order %d: %d records, want %d", q.Order, got, want)
		}
	}
	if st := s.Stats(); st.FullPages == 0 {
		t.Errorf("no page was full: %+v", st)
	} else {
		t.Logf("%+v", st)
	}
}

// TestDeadlines searches in small portions of time: together the pages have
// everything, once.
func TestDeadlines(t *testing.T) {
	s := open(t, duckdb.Options{Dir: t.TempDir()})
	f := &feed{rng: rand.New(rand.NewPCG(1, 1))}
	for range 12 {
		if err := s.Append(t.Context(), f.batch(10_000)); err != nil {
			t.Fatal(err)
		}
	}
	filter, err := query.Parse(`message:/payments-[78] f.iled/`, storetest.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range []view.Order{view.NewestFirst, view.OldestFirst} {
		q := view.Query{Filter: filter, Limit: view.MaxLimit, Order: order}
		whole, err := s.Search(t.Context(), q)
		if err != nil || !whole.Complete {
			t.Fatalf("%v, %q", err, whole.Reason)
		}
		var got []record.Record
		portion := 2 * time.Millisecond
		for {
			ctx, cancel := context.WithTimeout(t.Context(), portion)
			page, err := s.Search(ctx, q)
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.Records...)
			if page.Complete {
				break
			}
			next := q.Before
			if order == view.OldestFirst {
				next, q.After = q.After, page.Next
			} else {
				q.Before = page.Next
			}
			if page.Next == next {
				portion *= 2 // it got nowhere
			} else if next != 0 && page.ScannedUntil.IsZero() {
				t.Fatal("it got somewhere, but does not say how far")
			}
		}
		if len(got) != len(whole.Records) {
			t.Fatalf("order %d: %d records in portions, %d at once", order, len(got), len(whole.Records))
		}
		for i := range got {
			if got[i].ID != whole.Records[i].ID {
				t.Fatalf("order %d: record %d is %d, should be %d", order, i, got[i].ID, whole.Records[i].ID)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	page, err := s.Search(ctx, view.Query{Filter: filter, Limit: view.MaxLimit, Order: view.ByTime})
	if err != nil || page.Next != 0 {
		t.Errorf("by time: next %d, %v", page.Next, err)
	}
}
