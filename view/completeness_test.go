package view_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// viewer checks a feed against what was emitted: every record is shown, passed
// over because the filter does not match it, or declared in a gap; once, in order.
type viewer struct {
	t      *testing.T
	odd    bool   // the filter shows the odd ones only
	passed uint64 // records accounted for: shown, not matching, or in gaps
	cursor *hub.Cursor
	gaps   map[string]uint64
}

// frame checks one frame of a feed that was resumed.
func (v *viewer) frame(f view.Frame) error {
	if f.Gap != nil {
		if f.Gap.Skipped == 0 {
			return errors.New("an empty gap")
		}
		if *v.cursor != f.Gap.After && (v.cursor.Position != f.Gap.After.Position) {
			return fmt.Errorf("a gap after %+v, the viewer stands at %+v", f.Gap.After, *v.cursor)
		}
		v.passed += f.Gap.Skipped
		v.gaps[f.Gap.Reason] += f.Gap.Skipped
	}
	want := v.passed
	end := v.passed + f.Seen
	for i := range f.Records {
		want++
		if v.odd && want%2 == 0 {
			want++
		}
		if r := &f.Records[i]; r.Seq != want || r.Message != message(want) {
			return fmt.Errorf("record %d %q came in place of %d; frame %d+%d, gap %+v", r.Seq, r.Message, want, v.passed, f.Seen, f.Gap)
		}
	}
	if want > end || v.odd && want+1 < end || !v.odd && want != end {
		return fmt.Errorf("the last record is %d, the frame ends after %d", want, end)
	}
	if f.Cursor.Position < v.cursor.Position {
		return fmt.Errorf("the cursor went from %+v back to %+v", *v.cursor, f.Cursor)
	}
	v.passed = end
	v.cursor = &f.Cursor
	return nil
}

// replay reads a new viewer's frames until it has caught up: they must be the
// newest of what was emitted.
func (v *viewer) replay(f *view.Feed) error {
	var shown []record.Record
	for {
		fr, err := f.Next(context.Background(), rand.IntN(50)+1)
		if err != nil {
			return err
		}
		if fr.Gap != nil {
			shown = nil // it was too slow for the ring
			v.gaps[fr.Gap.Reason] += fr.Gap.Skipped
		}
		shown = append(shown, fr.Records...)
		if !fr.CaughtUp || fr.Cursor.Epoch == 0 {
			continue // or it stands where only the store can count
		}
		for i := 1; i < len(shown); i++ {
			if step := shown[i].Seq - shown[i-1].Seq; step != 1 && (!v.odd || step != 2) {
				return fmt.Errorf("the replay has %d after %d", shown[i].Seq, shown[i-1].Seq)
			}
		}
		if v.passed = fr.Cursor.Ordinal; len(shown) > 0 {
			if newest := shown[len(shown)-1].Seq; newest != v.passed && (!v.odd || newest+1 != v.passed) {
				return fmt.Errorf("the replay ends with %d, the viewer stands after %d", newest, v.passed)
			}
		}
		v.cursor = &fr.Cursor
		return nil
	}
}

// watch is one viewer's life: it comes and goes, until the hub is closed.
func (v *viewer) watch(b view.Backend, filter *query.Filter, total uint64) error {
	for {
		opts := view.FollowOptions{Filter: filter, After: v.cursor, Replay: []int{-1, -1, 0, 5, 200}[rand.IntN(5)]}
		if v.cursor != nil && rand.IntN(4) == 0 {
			opts.After = &hub.Cursor{Position: v.cursor.Position} // as from a record's id
		}
		if rand.IntN(3) == 0 {
			opts.MaxBytes = rand.Int64N(20_000)
		}
		feed, err := view.Follow(context.Background(), b, opts)
		if err != nil {
			return err
		}
		if v.cursor == nil {
			if err := v.replay(feed); err != nil {
				feed.Close()
				return err
			}
		}
		for range rand.IntN(30) {
			fr, err := feed.Next(context.Background(), rand.IntN(300)+1)
			if errors.Is(err, hub.ErrClosed) {
				if v.passed != total {
					return fmt.Errorf("at the end %d of %d records are accounted for", v.passed, total)
				}
				return nil
			}
			if err == nil {
				err = v.frame(fr)
			}
			if err != nil {
				feed.Close()
				return fmt.Errorf("replay %d, after %+v: %w", opts.Replay, opts.After, err)
			}
		}
		feed.Close()
	}
}

func TestShownPlusGapsIsEmitted(t *testing.T) {
	const total, viewers = 15_000, 6
	odd := parse(t, "odd")
	for _, ring := range []int{3, 100, 50_000} {
		full, patient, tired := &store{}, &store{}, &store{tired: true}
		for name, c := range map[string]*committer{
			"memory":                     newMemory(ring),
			"stored":                     newStored(full, counting{full}, ring),
			"stored, without a Counter":  newStored(patient, patient, ring),
			"stored, with short of time": newStored(tired, counting{tired}, ring),
		} {
			t.Run(fmt.Sprintf("%s, ring of %d", name, ring), func(t *testing.T) {
				var wg sync.WaitGroup
				for i := range viewers {
					wg.Go(func() {
						v := &viewer{t: t, odd: i%2 == 0, gaps: map[string]uint64{}}
						filter := odd
						if !v.odd {
							filter = nil
						}
						if i < 2 {
							v.cursor = &hub.Cursor{}
						}
						if err := v.watch(c.backend, filter, total); err != nil {
							t.Errorf("viewer %d: %v", i, err)
						}
						if ring > total && len(v.gaps) > 0 && v.gaps[view.GapSlow]+v.gaps[view.GapEvicted] > 0 {
							t.Errorf("viewer %d: gaps %v though everything is in the ring", i, v.gaps)
						}
					})
				}
				for c.n < total {
					c.emit(min(rand.IntN(60)+1, total-int(c.n)))
				}
				c.backend.Hub().Close()
				wg.Wait()
			})
		}
	}
}
