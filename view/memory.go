package view

import (
	"container/heap"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// Memory is the backend of a program's own page: the newest records, in the
// hub's ring, and nothing else. It is also their committer. All methods may be
// called concurrently.
type Memory struct {
	hub *hub.Hub
	now func() time.Time

	mu   sync.Mutex // held while a batch gets its positions and is published
	last record.Position
}

var (
	_ Backend  = (*Memory)(nil)
	_ Volatile = (*Memory)(nil)
)

// Volatile is the optional ability to forget: a backend that keeps no more than
// its hub's ring. What has left the ring cannot be searched any more.
type Volatile interface{ Volatile() }

// NewMemory returns an empty backend. now is the clock, time.Now if it is nil.
func NewMemory(opts hub.Options, now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{hub: hub.New(opts, 0), now: now}
}

// Volatile marks the backend.
func (m *Memory) Volatile() {}

// Hub returns the hub that Commit publishes to.
func (m *Memory) Hub() *hub.Hub { return m.hub }

// Commit takes the batch in: it copies the records, normalizes them, gives them
// positions and publishes them. The batch stays the caller's.
func (m *Memory) Commit(batch []record.Record) {
	if len(batch) == 0 {
		return
	}
	own := make([]record.Record, len(batch))
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now().UTC().Truncate(time.Microsecond)
	next := record.NextPosition(m.last, now)
	for i := range batch {
		own[i] = batch[i].Clone()
		own[i].ID = next + record.Position(i)
		own[i].Observed = now
		if own[i].Time.IsZero() {
			own[i].Time = now
		}
		record.MarkRepaired(&own[i], record.Normalize(&own[i]))
	}
	m.last = own[len(own)-1].ID
	m.hub.Publish(own)
}

// Record finds a record that is still in the ring.
func (m *Memory) Record(_ context.Context, id record.Position) (record.Record, error) {
	var found record.Record
	m.hub.View(id-1, id, false, func(r *record.Record) bool {
		found = *r
		return false
	})
	if id <= 0 || found.ID != id {
		return record.Record{}, ErrNotFound
	}
	return found, nil
}

// recordsPerCheck is how many records are matched between two looks at the
// context: a filter takes below 10 µs for a record, so a look comes in time.
const recordsPerCheck = 256

// Search looks through the ring.
func (m *Memory) Search(ctx context.Context, q Query) (Page, error) {
	s := scan{ctx: ctx, q: q, limit: q.PageLimit()}
	upto := m.hub.Cursor().Position
	if q.Before > 0 {
		upto = min(upto, q.Before-1)
	}
	evicted := m.hub.View(q.After, upto, q.Order == NewestFirst, s.look)
	if s.err != nil {
		return Page{}, s.err
	}
	page := Page{Records: s.found, Complete: true}
	if q.Order == ByTime {
		page.Records = s.earliest.sorted()
	}
	switch {
	case s.late:
		page.Reason, page.ScannedUntil = ReasonDeadline, s.last.Time
		if q.Order != ByTime {
			page.Next = s.last.ID
		}
	case s.more:
		page.Reason = ReasonLimit
		if q.Order != ByTime {
			page.Next = page.Records[len(page.Records)-1].ID
		}
	}
	// Going up, what was evicted is missing before this page, and no later page
	// would tell.
	if evicted > 0 && (page.Reason == "" || page.Reason == ReasonLimit && q.Order == OldestFirst) {
		page.Reason = ReasonEvicted
	}
	page.Complete = page.Reason == ""
	return page, nil
}

// scan is one walk through the ring.
type scan struct {
	ctx   context.Context
	q     Query
	limit int

	looked   int
	last     *record.Record // the last one looked at
	found    []record.Record
	earliest earliest // the same for ByTime
	more     bool     // a match beyond the limit was seen
	late     bool     // the deadline passed
	err      error    // the client has left
}

// look takes one record in and reports whether to go on.
func (s *scan) look(r *record.Record) bool {
	if s.looked++; s.looked%recordsPerCheck == 0 {
		if err := s.ctx.Err(); errors.Is(err, context.DeadlineExceeded) {
			s.late = true
			return false
		} else if err != nil {
			s.err = err
			return false
		}
	}
	s.last = r
	if !s.q.Matches(r) {
		return true
	}
	if s.q.Order == ByTime {
		heap.Push(&s.earliest, r)
		if len(s.earliest) > s.limit {
			heap.Pop(&s.earliest)
			s.more = true
		}
		return true
	}
	if len(s.found) == s.limit {
		s.more = true
		return false
	}
	s.found = append(s.found, *r)
	return true
}

// earliest is a heap whose first element is the latest record by ByTime's order.
type earliest []*record.Record

func byTime(a, b *record.Record) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	return int(min(max(a.ID-b.ID, -1), 1))
}

func (e earliest) Len() int           { return len(e) }
func (e earliest) Less(i, j int) bool { return byTime(e[i], e[j]) > 0 }
func (e earliest) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *earliest) Push(x any)        { *e = append(*e, x.(*record.Record)) }
func (e *earliest) Pop() any {
	last := len(*e) - 1
	r := (*e)[last]
	*e = (*e)[:last]
	return r
}

func (e earliest) sorted() []record.Record {
	slices.SortFunc(e, byTime)
	out := make([]record.Record, len(e))
	for i, r := range e {
		out[i] = *r
	}
	return out
}
