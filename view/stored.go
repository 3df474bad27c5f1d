package view

import (
	"context"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// Stored is the backend of a server: a store, and the hub that hears of each
// batch after the store has committed it.
type Stored struct {
	Searcher
	hub *hub.Hub
}

var _ Backend = (*Stored)(nil)

// Finder is the optional ability of a Searcher to find one record faster than a
// search does; ErrNotFound when it is not there.
type Finder interface {
	Record(ctx context.Context, id record.Position) (record.Record, error)
}

// NewStored puts a backend together. The store's optional abilities stay within
// reach of [As].
func NewStored(store Searcher, h *hub.Hub) *Stored { return &Stored{store, h} }

// Unwrap returns the store, for As.
func (s *Stored) Unwrap() any { return s.Searcher }

// Hub returns the hub.
func (s *Stored) Hub() *hub.Hub { return s.hub }

// Record finds one record by its id.
func (s *Stored) Record(ctx context.Context, id record.Position) (record.Record, error) {
	if id <= 0 {
		return record.Record{}, ErrNotFound
	}
	if f, ok := As[Finder](s.Searcher); ok {
		return f.Record(ctx, id)
	}
	page, err := s.Search(ctx, Query{After: id - 1, Before: id + 1, Limit: 1, Order: OldestFirst})
	switch {
	case err != nil:
		return record.Record{}, err
	case len(page.Records) > 0:
		return page.Records[0], nil
	case page.Reason == ReasonDeadline:
		return record.Record{}, context.DeadlineExceeded
	}
	return record.Record{}, ErrNotFound
}
