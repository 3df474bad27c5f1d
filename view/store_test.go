package view_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// store is an ordered store in memory. It remembers everything, returns smaller
// pages than it is asked for, and runs out of time now and then.
type store struct {
	mu      sync.Mutex
	records []record.Record
	tired   bool // some pages end with the deadline
	pages   int
}

func (s *store) append(batch []record.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, batch...)
}

func (s *store) Search(ctx context.Context, q view.Query) (view.Page, error) {
	if err := ctx.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return view.Page{}, err
	}
	s.mu.Lock()
	records := s.records[:len(s.records):len(s.records)]
	s.pages++
	s.mu.Unlock()
	limit, look := q.PageLimit(), len(records)
	if s.tired {
		look = rand.IntN(200)
	}
	if q.Order == view.NewestFirst {
		records = slices.Clone(records)
		slices.Reverse(records)
	}
	page := view.Page{Complete: true}
	for i := range records {
		r := &records[i]
		if q.After > 0 && r.ID <= q.After || q.Before > 0 && r.ID >= q.Before {
			continue
		}
		if look--; look < 0 {
			page.Complete, page.Reason, page.ScannedUntil = false, view.ReasonDeadline, r.Time
			page.Next = r.ID + 1
			if q.Order == view.OldestFirst {
				page.Next = r.ID - 1
			}
			return page, nil
		}
		if !q.Matches(r) {
			continue
		}
		if len(page.Records) == limit {
			page.Complete, page.Reason, page.Next = false, view.ReasonLimit, page.Records[limit-1].ID
			return page, nil
		}
		page.Records = append(page.Records, *r)
	}
	return page, nil
}

// counting is a store that can count.
type counting struct{ *store }

func (s counting) Count(_ context.Context, after, upto record.Position) (n uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.records {
		if id := s.records[i].ID; id > after && id <= upto {
			n++
		}
	}
	return n, nil
}

// committer commits records numbered from 1; the odd ones say "odd".
type committer struct {
	backend view.Backend
	commit  func([]record.Record)
	n       uint64
}

func message(n uint64) string {
	if n%2 == 1 {
		return "an odd one"
	}
	return "an even one"
}

func (c *committer) emit(n int) {
	batch := make([]record.Record, n)
	for i := range batch {
		c.n++
		batch[i] = record.Record{Seq: c.n, Message: message(c.n), Severity: record.SeverityInfo}
	}
	c.commit(batch)
}

func newMemory(ring int) *committer {
	m := view.NewMemory(hub.Options{MaxRecords: ring}, nil)
	return &committer{backend: m, commit: m.Commit}
}

// newStored stands for a server that starts with what is in s.
func newStored(s *store, searcher view.Searcher, ring int) *committer {
	var last record.Position
	var n uint64
	if len(s.records) > 0 {
		tail := s.records[len(s.records)-1]
		last, n = tail.ID, tail.Seq
	}
	h := hub.New(hub.Options{MaxRecords: ring}, last)
	return &committer{
		backend: view.NewStored(searcher, h), n: n,
		commit: func(batch []record.Record) {
			next := record.NextPosition(last, time.Now())
			for i := range batch {
				batch[i].ID = next + record.Position(i)
				batch[i].Time = time.Now().UTC()
			}
			last = batch[len(batch)-1].ID
			s.append(batch)
			h.Publish(batch)
		},
	}
}

func parse(t testing.TB, text string) *query.Filter {
	t.Helper()
	f, err := query.Parse(text, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return f
}
