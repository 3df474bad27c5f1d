package view_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

func follow(t *testing.T, b view.Backend, opts view.FollowOptions) *view.Feed {
	t.Helper()
	f, err := view.Follow(t.Context(), b, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func next(t *testing.T, f *view.Feed, limit int) view.Frame {
	t.Helper()
	fr, err := f.Next(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	return fr
}

// backends are the two kinds, each with total records in it and a ring that holds
// the last held of them.
func backends(total, held int) map[string]*committer {
	s := &store{}
	out := map[string]*committer{"memory": newMemory(held), "stored": newStored(s, counting{s}, held)}
	for _, c := range out {
		for range total {
			c.emit(1)
		}
	}
	return out
}

func TestNewViewer(t *testing.T) {
	tests := []struct {
		name   string
		filter string
		replay int
		stored string // what is shown of 10 records, the ring has 8
		memory string
		older  bool
	}{
		{"live only", "", 0, "", "", true},
		{"within the ring", "", 3, "8 9 10", "8 9 10", true},
		{"beyond the ring", "", 9, "2 3 4 5 6 7 8 9 10", "3 4 5 6 7 8 9 10", true},
		{"more than there is", "", 50, "1 2 3 4 5 6 7 8 9 10", "3 4 5 6 7 8 9 10", false},
		{"what matches", "odd", 2, "7 9", "7 9", true},
		{"all that match", "odd", 10, "1 3 5 7 9", "3 5 7 9", false},
		{"negative", "", -1, "", "", true},
	}
	for _, tt := range tests {
		for kind, c := range backends(10, 8) {
			f := follow(t, c.backend, view.FollowOptions{Filter: parse(t, tt.filter), Replay: tt.replay})
			want := tt.stored
			older := tt.older
			if kind == "memory" {
				want = tt.memory
				older = older && tt.name != "beyond the ring"
			}
			fr := next(t, f, 100)
			if got := seqs(fr.Records); got != want || fr.Gap != nil || !fr.CaughtUp || (fr.Older != nil) != older {
				t.Errorf("%s, %s: got %s, gap %+v, caught up %v, older %v; want %s", tt.name, kind, got, fr.Gap, fr.CaughtUp, fr.Older, want)
			}
			if fr.Older != nil && len(fr.Records) > 0 {
				page, err := c.backend.Search(t.Context(), view.Query{Before: fr.Older.Position + 1, Limit: 1})
				if err != nil || page.Records[0].ID >= fr.Records[0].ID {
					t.Errorf("%s, %s: older leads to %+v, %v", tt.name, kind, page.Records, err)
				}
			}
			c.emit(2)
			if fr = next(t, f, 100); fr.Older != nil || fr.Seen != 2 {
				t.Errorf("%s, %s: live: %+v", tt.name, kind, fr)
			}
		}
	}
}

func TestResume(t *testing.T) {
	tests := []struct {
		name   string
		after  int // the number of the last record that was seen
		replay int
		filter string
		stored []string
		memory []string
	}{
		{"in the ring", 6, -1, "", []string{"7 8 9 10"}, []string{"7 8 9 10"}},
		{"nothing missed", 10, -1, "", []string{""}, []string{""}},
		{"behind the ring", 3, -1, "", []string{"4 5 6 7 8 9 10"}, []string{"evicted 3", "7 8 9 10"}},
		{"a little of it", 6, 2, "", []string{"replay 2 stored", "9 10"}, []string{"replay 2 stored", "9 10"}},
		{"a little from behind the ring", 3, 2, "", []string{"replay 5 stored", "9 10"}, []string{"evicted 3", "replay 2 stored", "9 10"}},
		{"none of it", 3, 0, "", []string{"replay 7 stored"}, []string{"evicted 3", "replay 4 stored"}},
		{"filtered", 3, 1, "odd", []string{"replay 5 stored", "9"}, []string{"evicted 3", "replay 2 stored", "9"}},
		{"filtered, all of it", 2, -1, "odd", []string{"3 5 7 9"}, []string{"evicted 4", "7 9"}},
		{"enough wanted", 3, 50, "odd", []string{"5 7 9"}, []string{"evicted 3", "7 9"}},
	}
	for _, tt := range tests {
		for kind, c := range backends(10, 4) {
			// Positions follow each other; 10 is the hub's end.
			after := hub.Cursor{Position: positionOf(t, c, tt.after)}
			f := follow(t, c.backend, view.FollowOptions{Filter: parse(t, tt.filter), After: &after, Replay: tt.replay})
			want := tt.stored
			if kind == "memory" {
				want = tt.memory
			}
			var got []string
			var seen uint64
			for done := false; !done; {
				fr := next(t, f, 100)
				done = fr.CaughtUp
				seen += fr.Seen
				if g := fr.Gap; g != nil {
					text := g.Reason + " " + string('0'+rune(g.Skipped))
					if g.Stored {
						text += " stored"
					}
					got = append(got, text)
					seen += g.Skipped
				}
				if fr.Gap == nil || len(fr.Records) > 0 {
					got = append(got, seqs(fr.Records))
				}
			}
			if len(got) != len(want) || seen != uint64(10-tt.after) {
				t.Errorf("%s, %s: got %q (%d accounted for), want %q", tt.name, kind, got, seen, want)
				continue
			}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("%s, %s: got %q, want %q", tt.name, kind, got, want)
				}
			}
		}
	}
}

// positionOf returns the position of the record with the number, by counting back
// from the end; the records of a committer that emits one at a time within a
// millisecond may have gaps between them, so it asks the backend or the hub.
func positionOf(t *testing.T, c *committer, n int) record.Position {
	t.Helper()
	h := c.backend.Hub()
	lo, hi := record.Position(0), h.Cursor().Position
	for lo < hi { // the least position at which n records are counted
		mid := lo + (hi-lo)/2
		if at, _ := h.Resolve(hub.Cursor{Position: mid}); at.Ordinal >= uint64(n) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

func TestQuietFilterMovesTheCursor(t *testing.T) {
	for kind, c := range backends(0, 1000) {
		f := follow(t, c.backend, view.FollowOptions{Filter: parse(t, "nothing says this")})
		next(t, f, 10)
		c.emit(7)
		fr := next(t, f, 10)
		if len(fr.Records) != 0 || fr.Seen != 7 || fr.Cursor != c.backend.Hub().Cursor() {
			t.Errorf("%s: %+v", kind, fr)
		}
	}
}

func TestSlowViewer(t *testing.T) {
	for kind, c := range backends(0, 5) {
		all := follow(t, c.backend, view.FollowOptions{Replay: -1})
		few := follow(t, c.backend, view.FollowOptions{Replay: 2})
		next(t, all, 10)
		next(t, few, 10)
		c.emit(12)
		first := next(t, all, 100)
		cut := next(t, few, 100)
		if kind == "memory" {
			if g := first.Gap; g == nil || g.Skipped != 7 || g.Stored || g.Reason != view.GapSlow || seqs(first.Records) != "8 9 10 11 12" {
				t.Errorf("%s: %+v", kind, first)
			}
			continue
		}
		if first.Gap != nil || seqs(first.Records) != "1 2 3 4 5 6 7 8 9 10 11 12" {
			t.Errorf("%s: %+v", kind, first)
		}
		if g := cut.Gap; g == nil || g.Skipped != 5 || !g.Stored || g.Reason != view.GapSlow || seqs(cut.Records) != "6 7 8 9 10 11 12" {
			t.Errorf("%s: %+v", kind, cut)
		}
	}
}

func TestFollowAcrossARestart(t *testing.T) {
	s := &store{}
	before := newStored(s, counting{s}, 100)
	before.emit(5)
	left := before.backend.Hub().Cursor()
	before.emit(5)
	after := newStored(s, counting{s}, 100)
	f := follow(t, after.backend, view.FollowOptions{After: &left, Replay: -1})
	if got := seqs(next(t, f, 100).Records); got != "6 7 8 9 10" {
		t.Errorf("after the restart: %s", got)
	}
	after.emit(2)
	if got := seqs(next(t, f, 100).Records); got != "11 12" {
		t.Errorf("live: %s", got)
	}
	// A program's memory begins anew; a cursor of its former life is before it all.
	m := newMemory(100)
	m.emit(3)
	f = follow(t, m.backend, view.FollowOptions{After: &hub.Cursor{Position: 1 << 40, Epoch: 9, Ordinal: 1 << 40}, Replay: -1})
	if got := seqs(next(t, f, 100).Records); got != "1 2 3" {
		t.Errorf("in memory: %s", got)
	}
}

// failing is a store whose searches fail now and then.
type failing struct {
	*store
	fail bool
}

var errDown = errors.New("the store is down")

func (f *failing) Search(ctx context.Context, q view.Query) (view.Page, error) {
	if f.fail {
		return view.Page{}, errDown
	}
	return f.store.Search(ctx, q)
}

func TestFeedGoesOnAfterAnError(t *testing.T) {
	s := &failing{store: &store{}}
	c := newStored(s.store, s, 5)
	for _, replay := range []int{-1, 3} {
		f := follow(t, c.backend, view.FollowOptions{Replay: replay})
		next(t, f, 10)
		c.emit(20)
		s.fail = true
		for range 2 {
			if fr, err := f.Next(t.Context(), 100); !errors.Is(err, errDown) {
				t.Fatalf("replay %d: got %+v, %v", replay, fr, err)
			}
		}
		s.fail = false
		var passed uint64
		for passed < 20 {
			fr := next(t, f, 100)
			if passed += fr.Seen; fr.Gap != nil {
				passed += fr.Gap.Skipped
			}
		}
		if passed != 20 {
			t.Errorf("replay %d: %d records are accounted for", replay, passed)
		}
	}
}

func TestFrameBounds(t *testing.T) {
	for kind, c := range backends(10, 100) {
		f := follow(t, c.backend, view.FollowOptions{Replay: 10, MaxBytes: 1})
		for i := range 10 {
			if fr := next(t, f, 100); len(fr.Records) != 1 || fr.CaughtUp != (i == 9) {
				t.Errorf("%s: frame %d: %+v", kind, i, fr)
			}
		}
		c.emit(10)
		f = follow(t, c.backend, view.FollowOptions{Replay: 20})
		if fr := next(t, f, 7); len(fr.Records) != 7 {
			t.Errorf("%s: %d records in a frame of 7", kind, len(fr.Records))
		}
	}
}

func TestNextWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newMemory(10)
		f, err := view.Follow(t.Context(), c.backend, view.FollowOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for i := range 3 { // the first frame comes at once
			start := time.Now()
			fr, err := f.NextWithin(t.Context(), 10, time.Second)
			if waited := time.Since(start); err != nil || len(fr.Records) != 0 || i == 0 && waited != 0 || i > 0 && waited != time.Second {
				t.Errorf("frame %d after %v: %+v, %v", i, waited, fr, err)
			}
		}
		go func() { c.emit(1) }()
		if fr, err := f.NextWithin(t.Context(), 10, time.Second); err != nil || len(fr.Records) != 1 {
			t.Errorf("%+v, %v", fr, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := f.NextWithin(ctx, 10, time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the viewer left: %v", err)
		}
		c.backend.Hub().Close()
		if _, err := f.NextWithin(t.Context(), 10, time.Second); !errors.Is(err, hub.ErrClosed) {
			t.Errorf("the hub was closed: %v", err)
		}
	})
}
