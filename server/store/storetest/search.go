package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/view"
)

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
