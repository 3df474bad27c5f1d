// Package storetest is the conformance suite of stores.
//
// [Run] tests a store; [Generator] makes records and queries that are known to
// break stores; [Memory] is the plainest store that passes, for tests of what
// stands on one. The package is for tests only.
package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

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
	t.Run("ranges", func(t *testing.T) { testRanges(t, open) })
	t.Run("ranges at random", func(t *testing.T) { testRangesAtRandom(t, open) })
	t.Run("keys", func(t *testing.T) { testKeys(t, open) })
	t.Run("refused batch leaves no name", func(t *testing.T) { testRefusedRecall(t, open) })
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

func testClosed(t *testing.T, open Open) {
	s := open(t, t.TempDir())
	mustClose(t, s)
	if _, err := s.Search(t.Context(), view.Query{}); err == nil {
		t.Error("Search after Close: no error")
	}
	if err := s.Append(t.Context(), store.Batch{ID: "late", Records: NewGenerator(14).Records(1)}); err == nil {
		t.Error("Append after Close: no error")
	}
	if _, err := s.StoredRanges(t.Context(), "a"); err == nil {
		t.Error("StoredRanges after Close: no error")
	}
	if _, _, err := s.StoredKey(t.Context(), "a"); err == nil {
		t.Error("StoredKey after Close: no error")
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}
