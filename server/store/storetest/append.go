package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/view"
)

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
