// Package storetest is the conformance suite of stores.
//
// [Run] tests a store; [Generator] makes records and queries that are known to
// break stores; [Memory] is the plainest store that passes, for tests of what
// stands on one. The package is for tests only.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/view"
)

// Open opens the store that lives in dir. When it is called again with the same
// dir, after the first was closed, the records are there.
type Open func(t *testing.T, dir string) store.Store

// Run tests that a store keeps the promises of store.Store.
func Run(t *testing.T, open Open) {
	t.Run("empty", func(t *testing.T) { testEmpty(t, open) })
	t.Run("round trip", func(t *testing.T) { testRoundTrip(t, open) })
	t.Run("orders and bounds", func(t *testing.T) { testBounds(t, open) })
	t.Run("pages", func(t *testing.T) { testPages(t, open) })
	t.Run("filters", func(t *testing.T) { testFilters(t, open) })
	t.Run("restart", func(t *testing.T) { testRestart(t, open) })
	t.Run("refused batch", func(t *testing.T) { testRefused(t, open) })
	t.Run("cancelled", func(t *testing.T) { testCancelled(t, open) })
	t.Run("deadline", func(t *testing.T) { testDeadline(t, open) })
	t.Run("concurrent", func(t *testing.T) { testConcurrent(t, open) })
	t.Run("large message", func(t *testing.T) { testLargeMessage(t, open) })
	t.Run("large batch", func(t *testing.T) { testLargeBatch(t, open) })
	t.Run("closed", func(t *testing.T) { testClosed(t, open) })
}

// start opens a fresh store that is closed at the end.
func start(t *testing.T, open Open) store.Store {
	t.Helper()
	s := open(t, t.TempDir())
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

func mustClose(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// appendAll commits records in batches of size.
func appendAll(t *testing.T, s store.Store, records []record.Record, size int) {
	t.Helper()
	for batch := range slices.Chunk(records, size) {
		b := store.Batch{ID: fmt.Sprintf("batch-%d", batch[0].ID), Records: batch}
		if err := s.Append(t.Context(), b); err != nil {
			t.Fatalf("Append: %v", err)
		}
	}
}

func search(t *testing.T, s store.Store, q view.Query) view.Page {
	t.Helper()
	page, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("Search: %v", err)
	}
	return page
}

// all reads every page of a query, and checks that the pages keep what they
// promise about each other.
func all(t *testing.T, s store.Store, q view.Query) []record.Record {
	t.Helper()
	var out []record.Record
	for {
		page := search(t, s, q)
		out = append(out, page.Records...)
		if page.Complete != (page.Reason == "") || (page.Next == 0) != (page.Complete || q.Order == view.ByTime) {
			t.Fatalf("page: complete %v, reason %q, next %d do not agree", page.Complete, page.Reason, page.Next)
		}
		if page.Complete {
			return out
		}
		if page.Reason == view.ReasonLimit && len(page.Records) == 0 {
			t.Fatal("a page that has reached its limit is empty")
		}
		if q.Order == view.OldestFirst {
			q.After = page.Next
		} else {
			q.Before = page.Next
		}
	}
}

// image is a record as the wire shows it, and its row with the kinds of values.
func image(r *record.Record) string {
	var row record.Row
	r.Row(&row)
	var b strings.Builder
	b.Write(record.AppendJSON(nil, r))
	for i, v := range row {
		if id := record.FieldID(i); id != record.FieldMetadata {
			fmt.Fprintf(&b, " %s=%s:%s", record.Fields[i].Name, v.Kind(), record.AppendValue(nil, v))
		}
	}
	return b.String()
}

func wantRecords(t *testing.T, got, want []record.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d records, want %d", len(got), len(want))
	}
	for i := range got {
		if g, w := image(&got[i]), image(&want[i]); g != w {
			t.Fatalf("record %d:\n got %s\nwant %s", i, g, w)
		}
	}
}

func ids(records []record.Record) []record.Position {
	out := make([]record.Position, len(records))
	for i := range records {
		out[i] = records[i].ID
	}
	return out
}

func reversed(records []record.Record) []record.Record {
	out := slices.Clone(records)
	slices.Reverse(out)
	return out
}

func testEmpty(t *testing.T, open Open) {
	s := start(t, open)
	for order := view.NewestFirst; order <= view.ByTime; order++ {
		page := search(t, s, view.Query{Order: order})
		if len(page.Records) != 0 || !page.Complete || page.Next != 0 {
			t.Errorf("order %d: got %+v, want an empty complete page", order, page)
		}
	}
	c, err := s.LastCommit(t.Context())
	if err != nil || c != (store.Commit{}) {
		t.Errorf("LastCommit: got %+v, %v, want none", c, err)
	}
	if err := s.Append(t.Context(), store.Batch{ID: "nothing"}); err != nil {
		t.Errorf("Append of a batch without records: %v", err)
	}
}

func testRoundTrip(t *testing.T, open Open) {
	s := start(t, open)
	want := NewGenerator(1).Records(3000)
	appendAll(t, s, want, 700)
	wantRecords(t, all(t, s, view.Query{Order: view.OldestFirst, Limit: 1000}), want)
}

func testBounds(t *testing.T, open Open) {
	s := start(t, open)
	records := NewGenerator(2).Records(400)
	appendAll(t, s, records, 90)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 150 {
		q := view.Query{Order: view.Order(rng.IntN(3)), Limit: rng.IntN(60)}
		if rng.IntN(2) == 0 {
			q.After = records[rng.IntN(len(records))].ID - record.Position(rng.IntN(2))
		}
		if rng.IntN(2) == 0 {
			q.Before = records[rng.IntN(len(records))].ID + record.Position(rng.IntN(2))
		}
		if rng.IntN(3) == 0 {
			q.Since = records[rng.IntN(len(records))].Time.Add(time.Duration(rng.IntN(3)-1) * 300)
		}
		if rng.IntN(3) == 0 {
			q.Until = records[rng.IntN(len(records))].Time.Add(time.Duration(rng.IntN(3)-1) * 300)
		}
		checkPage(t, s, records, q)
	}
	page := search(t, s, view.Query{Limit: view.MaxLimit + 5})
	if len(page.Records) != len(records) || !page.Complete {
		t.Errorf("a limit above the most: got %d records, complete %v", len(page.Records), page.Complete)
	}
}

// checkPage compares a page with what the meaning of the query makes of records,
// which are all that is stored, oldest first.
func checkPage(t *testing.T, s store.Store, records []record.Record, q view.Query) {
	t.Helper()
	m := &Memory{records: records, last: store.Commit{Position: records[len(records)-1].ID}}
	want, err := m.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	got := search(t, s, q)
	if !slices.Equal(ids(got.Records), ids(want.Records)) {
		t.Fatalf("query %s:\n got %v\nwant %v\n%s", describe(q), ids(got.Records), ids(want.Records), difference(records, got.Records, want.Records))
	}
	if got.Next != want.Next || got.Complete != want.Complete || got.Reason != want.Reason {
		t.Fatalf("query %s: got next %d complete %v reason %q, want %d %v %q", describe(q), got.Next, got.Complete, got.Reason, want.Next, want.Complete, want.Reason)
	}
}

func describe(q view.Query) string {
	return fmt.Sprintf("%q after %d before %d since %s until %s limit %d order %d", q.Filter.String(), q.After, q.Before, q.Since, q.Until, q.Limit, q.Order)
}

// difference shows the first record that only one side has.
func difference(records, got, want []record.Record) string {
	for i := range records {
		inGot := slices.Contains(ids(got), records[i].ID)
		inWant := slices.Contains(ids(want), records[i].ID)
		if inGot != inWant {
			return fmt.Sprintf("found %v, should be %v: %s", inGot, inWant, record.AppendJSON(nil, &records[i]))
		}
	}
	return ""
}

func testPages(t *testing.T, open Open) {
	s := start(t, open)
	gen := NewGenerator(5)
	records := gen.Records(1000)
	appendAll(t, s, records, 100)
	filter := mustParse(t, "timeout")
	for _, q := range []view.Query{
		{Limit: 37},
		{Limit: 37, Order: view.OldestFirst},
		{Limit: 7, Filter: filter},
		{Limit: 7, Filter: filter, Order: view.OldestFirst},
	} {
		var want []record.Record
		for i := range records {
			if q.Filter.Match(&records[i]) {
				want = append(want, records[i])
			}
		}
		if q.Order == view.NewestFirst {
			want = reversed(want)
		} else {
			q.Before = records[len(records)-1].ID + 1
		}
		// While the pages are read more is appended: the older pages stay the same.
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 10 {
				batch := gen.Records(20)
				if err := s.Append(context.Background(), store.Batch{ID: fmt.Sprint("more-", batch[0].ID), Records: batch}); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
		}()
		q2 := q
		if q.Order == view.NewestFirst {
			q2.Before = records[len(records)-1].ID + 1
		}
		got := all(t, s, q2)
		<-done
		wantRecords(t, got, want)
	}
}

func mustParse(t *testing.T, text string) *query.Filter {
	t.Helper()
	f, err := query.Parse(text, Epoch)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return f
}

// randomQueries is how many queries the stores and Match must agree on.
const randomQueries = 2000

func testFilters(t *testing.T, open Open) {
	s := start(t, open)
	gen := NewGenerator(6)
	records := gen.Records(400)
	appendAll(t, s, records, 400)
	plain := 0
	queries := make([]view.Query, randomQueries)
	for i := range queries {
		text := gen.Query()
		f, err := query.Parse(text, Epoch.Add(time.Minute))
		if err != nil {
			plain++
			f = query.PlainText(text)
		}
		queries[i] = view.Query{Filter: f, Limit: 1 + gen.rng.IntN(500), Order: view.Order(gen.rng.IntN(3))}
	}
	if plain > randomQueries/2 {
		t.Errorf("%d of %d random queries did not parse: they test nothing", plain, randomQueries)
	}
	const part = randomQueries / 4
	t.Run("parts", func(t *testing.T) {
		for some := range slices.Chunk(queries, part) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for _, q := range some {
					checkPage(t, s, records, q)
				}
			})
		}
	})
}

func testRestart(t *testing.T, open Open) {
	dir := t.TempDir()
	gen := NewGenerator(7)
	var want []record.Record
	var last store.Commit
	for round := range 3 {
		s := open(t, dir)
		c, err := s.LastCommit(t.Context())
		if err != nil || c != last {
			t.Fatalf("round %d: LastCommit: got %+v, %v, want %+v", round, c, err, last)
		}
		wantRecords(t, all(t, s, view.Query{Order: view.OldestFirst}), want)
		records := gen.Records(150)
		want = append(want, records...)
		last = store.Commit{Position: records[len(records)-1].ID, BatchID: fmt.Sprint("round ", round)}
		if err := s.Append(t.Context(), store.Batch{ID: last.BatchID, Records: records}); err != nil {
			t.Fatalf("Append: %v", err)
		}
		if c, err := s.LastCommit(t.Context()); err != nil || c != last {
			t.Fatalf("round %d: LastCommit after Append: got %+v, %v, want %+v", round, c, err, last)
		}
		mustClose(t, s)
	}
}

func testRefused(t *testing.T, open Open) {
	s := start(t, open)
	gen := NewGenerator(8)
	first, second := gen.Records(10), gen.Records(10)
	appendAll(t, s, first, 10)
	bad := append(slices.Clone(second), first[3])
	err := s.Append(t.Context(), store.Batch{ID: "bad", Records: bad})
	if err == nil || errors.Is(err, store.ErrAmbiguous) {
		t.Fatalf("Append of positions that do not ascend: got %v, want a plain error", err)
	}
	if c, err := s.LastCommit(t.Context()); err != nil || c.BatchID == "bad" {
		t.Fatalf("LastCommit after it: got %+v, %v", c, err)
	}
	appendAll(t, s, second, 10)
	wantRecords(t, all(t, s, view.Query{Order: view.OldestFirst}), append(slices.Clone(first), second...))
}

func testCancelled(t *testing.T, open Open) {
	s := start(t, open)
	gen := NewGenerator(9)
	records := gen.Records(50)
	appendAll(t, s, records, 50)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Search(ctx, view.Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Search: got %v, want the context's error", err)
	}
	err := s.Append(ctx, store.Batch{ID: "cancelled", Records: gen.Records(5)})
	if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrAmbiguous) {
		t.Errorf("Append: got %v, want the context's error", err)
	}
	wantRecords(t, all(t, s, view.Query{Order: view.OldestFirst}), records)
}

func testDeadline(t *testing.T, open Open) {
	s := start(t, open)
	records := NewGenerator(10).Records(50)
	appendAll(t, s, records, 50)
	past, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, order := range []view.Order{view.NewestFirst, view.OldestFirst} {
		q := view.Query{Order: order}
		page, err := s.Search(past, q)
		if err != nil || page.Complete || page.Reason != view.ReasonDeadline || page.Next == 0 {
			t.Fatalf("order %d: got %+v, %v, want a partial page", order, page, err)
		}
		want := records
		if order == view.OldestFirst {
			q.After = page.Next
		} else {
			q.Before = page.Next
			want = reversed(records)
		}
		wantRecords(t, append(page.Records, all(t, s, q)...), want)
	}
}

func testConcurrent(t *testing.T, open Open) {
	s := start(t, open)
	const batches, size = 40, 50
	records := NewGenerator(11).Records(batches * size)
	filters := []*query.Filter{nil, mustParse(t, "timeout"), mustParse(t, "level>=warn"), mustParse(t, "status:/4/")}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				page, err := s.Search(context.Background(), view.Query{Filter: filters[(i+n)%len(filters)], Limit: 60})
				if err != nil {
					t.Errorf("Search: %v", err)
					return
				}
				if !slices.IsSortedFunc(page.Records, func(a, b record.Record) int { return int(b.ID - a.ID) }) {
					t.Error("a page is out of order")
				}
			}
		})
	}
	for i := range batches {
		batch := records[i*size : (i+1)*size]
		if err := s.Append(t.Context(), store.Batch{ID: fmt.Sprint(i), Records: batch}); err != nil {
			t.Errorf("Append: %v", err)
			break
		}
		// What Append returned for can be found at once.
		page := search(t, s, view.Query{Limit: 1})
		if len(page.Records) != 1 || page.Records[0].ID != batch[size-1].ID {
			t.Errorf("batch %d is not found", i)
		}
		if c, err := s.LastCommit(t.Context()); err != nil || c.BatchID != fmt.Sprint(i) {
			t.Errorf("LastCommit: got %+v, %v", c, err)
		}
	}
	close(done)
	readers.Wait()
	wantRecords(t, all(t, s, view.Query{Order: view.OldestFirst, Limit: 500}), records)
	if c, ok := s.(view.Counter); ok {
		after, upto := records[9].ID, records[109].ID
		if n, err := c.Count(t.Context(), after, upto); err != nil || n != 100 {
			t.Errorf("Count: got %d, %v, want 100", n, err)
		}
	}
}

func testLargeMessage(t *testing.T, open Open) {
	s := start(t, open)
	records := NewGenerator(12).Records(30)
	for i := range records[:20] {
		records[i].Message = strings.Repeat("0123456789abcdeß ", 5<<20/18) + fmt.Sprint("needle-", i)
	}
	appendAll(t, s, records, 10)
	got := all(t, s, view.Query{Order: view.OldestFirst, Limit: 30})
	wantRecords(t, got, records)
	page := search(t, s, view.Query{Filter: mustParse(t, "needle-17")})
	if len(page.Records) != 1 || page.Records[0].ID != records[17].ID {
		t.Errorf("a word at the end of 5 MB was not found: %d records", len(page.Records))
	}
}

func testLargeBatch(t *testing.T, open Open) {
	s := start(t, open)
	records := NewGenerator(13).Records(10_000)
	appendAll(t, s, records, 10_000)
	wantRecords(t, all(t, s, view.Query{Order: view.OldestFirst, Limit: view.MaxLimit}), records)
}

func testClosed(t *testing.T, open Open) {
	s := open(t, t.TempDir())
	mustClose(t, s)
	if _, err := s.Search(t.Context(), view.Query{}); err == nil {
		t.Error("Search after Close: no error")
	}
	if err := s.Append(t.Context(), store.Batch{ID: "late", Records: NewGenerator(14).Records(1)}); err == nil {
		t.Error("Append after Close: no error")
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}
