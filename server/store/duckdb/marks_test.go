package duckdb

import (
	"math/rand/v2"
	"testing"

	"github.com/weirlog/weir/record"
)

func TestWalk(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var list []mark
		at := record.Position(rng.IntN(50))
		for range rng.IntN(30) {
			at += record.Position(1 + rng.IntN(20))
			list = append(list, mark{position: at})
		}
		lo := record.Position(rng.IntN(300))
		hi := lo + record.Position(rng.IntN(300)) - 5
		newest := rng.IntN(2) == 0

		m := marks{list: list}
		next, count := lo, 0
		if newest {
			next = hi
		}
		k := m.walk(lo, hi, newest)
		for {
			width := 1 + rng.IntN(8)
			w, ok := k.next(width)
			if !ok {
				break
			}
			count++
			if w.lo > w.hi {
				t.Fatalf("empty window %+v", w)
			}
			if newest {
				if w.hi != next {
					t.Fatalf("window %+v does not go on at %d", w, next)
				}
				next = w.lo - 1
			} else {
				if w.lo != next {
					t.Fatalf("window %+v does not go on at %d", w, next)
				}
				next = w.hi + 1
			}
			inside := 0
			for _, c := range list {
				if c.position >= w.lo && c.position <= w.hi {
					inside++
				}
			}
			if inside > width {
				t.Fatalf("window %+v has %d marks, at most %d", w, inside, width)
			}
		}
		switch {
		case lo > hi && count != 0:
			t.Fatalf("%d windows in nothing", count)
		case lo <= hi && newest && next != lo-1, lo <= hi && !newest && next != hi+1:
			t.Fatalf("[%d, %d] newest %v: stopped before %d", lo, hi, newest, next)
		}
	}
}

func TestMarks(t *testing.T) {
	var m marks
	batch := make([]record.Record, 20*markEvery)
	for i := range batch {
		batch[i].ID = record.Position(i + 1)
	}
	m.add(batch[:100])
	m.add(batch[100:])
	if len(m.list) != 20 {
		t.Fatalf("%d marks, want 20", len(m.list))
	}
	k := m.walk(0, 1<<40, true)
	for _, width := range []int{2, 8, 10} {
		w, ok := k.next(width)
		if n := len(m.between(w.lo-1, w.hi)); !ok || n != width {
			t.Errorf("a window of %d marks has %d", width, n)
		}
	}
}
