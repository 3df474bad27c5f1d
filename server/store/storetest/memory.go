package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/view"
)

// Memory is a store in memory, for tests of what stands on a store. It keeps
// everything, and is slow but plain: each search looks at every record.
type Memory struct {
	mu      sync.RWMutex
	records []record.Record // ascending positions
	last    store.Commit
	ranges  map[string][]store.Range
	keys    []store.Key // as they were stored, oldest first
	closed  bool
}

var (
	_ store.Store  = (*Memory)(nil)
	_ view.Counter = (*Memory)(nil)
)

var errClosed = errors.New("the store is closed")

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{ranges: make(map[string][]store.Range)} }

// Reopen undoes Close, as opening a database again would.
func (m *Memory) Reopen() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = false
	return m
}

// Close makes everything fail until Reopen.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// Append keeps copies of the batch's records.
func (m *Memory) Append(ctx context.Context, b store.Batch) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("append batch: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return fmt.Errorf("append batch: %w", errClosed)
	}
	last := m.last.Position
	copies := make([]record.Record, len(b.Records))
	for i := range b.Records {
		if b.Records[i].ID <= last {
			return fmt.Errorf("append batch: position %d is not above %d", b.Records[i].ID, last)
		}
		last = b.Records[i].ID
		copies[i] = b.Records[i].Clone()
	}
	m.records = append(m.records, copies...)
	for _, r := range b.Ranges {
		m.ranges[r.Source] = store.MergeRange(m.ranges[r.Source], r)
	}
	for _, k := range b.Keys {
		m.keys = slices.DeleteFunc(m.keys, func(old store.Key) bool { return old.Text == k.Text })
		m.keys = append(m.keys, k)
	}
	m.keys = m.keys[max(0, len(m.keys)-store.DefaultMaxKeys):]
	m.last = store.Commit{Position: last, BatchID: b.ID}
	return nil
}

// LastCommit returns the newest commit.
func (m *Memory) LastCommit(context.Context) (store.Commit, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return store.Commit{}, fmt.Errorf("read the last commit: %w", errClosed)
	}
	return m.last, nil
}

// StoredRanges returns what of a source's numbering is stored.
func (m *Memory) StoredRanges(_ context.Context, source string) ([]store.Range, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return nil, fmt.Errorf("look up a source: %w", errClosed)
	}
	return m.ranges[source], nil
}

// StoredKey returns what is stored under a key.
func (m *Memory) StoredKey(_ context.Context, text string) (store.Key, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return store.Key{}, false, fmt.Errorf("look up a key: %w", errClosed)
	}
	for _, k := range m.keys {
		if k.Text == text {
			return k, true, nil
		}
	}
	return store.Key{}, false, nil
}

// Records returns all records, oldest first; they must not be changed.
func (m *Memory) Records() []record.Record {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.records[:len(m.records):len(m.records)]
}

// Count counts the records with positions in (after, upto].
func (m *Memory) Count(_ context.Context, after, upto record.Position) (uint64, error) {
	var n uint64
	for _, r := range m.Records() {
		if r.ID > after && r.ID <= upto {
			n++
		}
	}
	return n, nil
}

// Record finds one record by its id.
func (m *Memory) Record(_ context.Context, id record.Position) (record.Record, error) {
	for _, r := range m.Records() {
		if r.ID == id {
			return r, nil
		}
	}
	return record.Record{}, view.ErrNotFound
}

// Search looks at every record.
func (m *Memory) Search(ctx context.Context, q view.Query) (view.Page, error) {
	m.mu.RLock()
	records, closed, last := m.records, m.closed, m.last.Position
	m.mu.RUnlock()
	switch err := ctx.Err(); {
	case errors.Is(err, context.DeadlineExceeded):
		return view.Page{Next: unreadEnd(q, records, last), Reason: view.ReasonDeadline}, nil
	case err != nil:
		return view.Page{}, err
	case closed:
		return view.Page{}, fmt.Errorf("search: %w", errClosed)
	}
	passing := make([]record.Record, 0, view.DefaultLimit)
	for i := range records {
		r := &records[i]
		if q.Order == view.NewestFirst {
			r = &records[len(records)-1-i]
		}
		if q.Matches(r) {
			passing = append(passing, *r)
		}
	}
	if q.Order == view.ByTime {
		slices.SortStableFunc(passing, func(a, b record.Record) int { return a.Time.Compare(b.Time) })
	}
	page := view.Page{Records: passing, Complete: true}
	if limit := q.PageLimit(); len(passing) > limit {
		page = view.Page{Records: passing[:limit], Reason: view.ReasonLimit}
		if q.Order != view.ByTime {
			page.Next = passing[limit-1].ID
		}
	}
	return page, nil
}

// unreadEnd is where a search goes on that has looked at nothing.
func unreadEnd(q view.Query, records []record.Record, last record.Position) record.Position {
	switch {
	case q.Order == view.ByTime:
		return 0 // such a search does not go on
	case q.Order == view.OldestFirst:
		if q.After == 0 && len(records) > 0 {
			return records[0].ID - 1
		}
		return q.After
	case q.Before > 0:
		return q.Before
	}
	return last + 1
}
