package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// wantRanges compares what a store knows of a source with first-last pairs.
func wantRanges(t *testing.T, s store.Store, source string, pairs ...uint64) {
	t.Helper()
	var want []store.Range
	for pair := range slices.Chunk(pairs, 2) {
		want = append(want, store.Range{Source: source, First: pair[0], Last: pair[1]})
	}
	got, err := s.StoredRanges(t.Context(), source)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("StoredRanges(%q): got %v, %v, want %v", source, got, err, want)
	}
}

func wantKey(t *testing.T, s store.Store, text string, want store.Key, known bool) {
	t.Helper()
	got, ok, err := s.StoredKey(t.Context(), text)
	// Before is of the batch, not of what is stored.
	got.Before, want.Before = 0, 0
	if err != nil || ok != known || known && got != want {
		t.Fatalf("StoredKey(%q): got %+v, %v, %v, want %+v, %v", text, got, ok, err, want, known)
	}
}

func mustAppend(t *testing.T, s store.Store, b store.Batch) {
	t.Helper()
	if err := s.Append(t.Context(), b); err != nil {
		t.Fatalf("Append: %v", err)
	}
}

// testRanges: what was stored is known by its source's numbers, merged, in the
// commit of the records, and after a restart.
func testRanges(t *testing.T, open Open) {
	dir := t.TempDir()
	s := open(t, dir)
	gen := NewGenerator(21)
	n := 0
	add := func(ranges ...store.Range) {
		t.Helper()
		n++
		mustAppend(t, s, store.Batch{ID: fmt.Sprint(n), Records: gen.Records(2), Ranges: ranges})
	}
	wantRanges(t, s, "a")
	add(store.Range{Source: "a", First: 1, Last: 10}, store.Range{Source: "it's", First: 7, Last: store.MaxSeq})
	add(store.Range{Source: "a", First: 11, Last: 20}, store.Range{Source: "a", First: 21, Last: 30})
	wantRanges(t, s, "a", 1, 30)
	wantRanges(t, s, "it's", 7, store.MaxSeq)
	add(store.Range{Source: "a", First: 41, Last: 50})
	add(store.Range{Source: "a", First: 61, Last: 61})
	wantRanges(t, s, "a", 1, 30, 41, 50, 61, 61)
	add(store.Range{Source: "a", First: 5, Last: 8})
	wantRanges(t, s, "a", 1, 30, 41, 50, 61, 61)
	mustClose(t, s)
	s = open(t, dir)
	wantRanges(t, s, "a", 1, 30, 41, 50, 61, 61)
	wantRanges(t, s, "it's", 7, store.MaxSeq)
	add(store.Range{Source: "a", First: 31, Last: 60})
	wantRanges(t, s, "a", 1, 61)
	wantRanges(t, s, "b")
	mustClose(t, s)
	s = open(t, dir)
	wantRanges(t, s, "a", 1, 61)
	mustClose(t, s)
}

// testRangesAtRandom adds ranges of a few sources in any order and compares with a
// table of single numbers.
func testRangesAtRandom(t *testing.T, open Open) {
	dir := t.TempDir()
	s := open(t, dir)
	gen, rng := NewGenerator(22), rand.New(rand.NewPCG(22, 1))
	const most = 60
	want := [3][most + 2]bool{}
	for n := range 120 {
		var ranges []store.Range
		for range 1 + rng.IntN(3) {
			source, first := rng.IntN(len(want)), 1+rng.IntN(most)
			last := min(first+rng.IntN(4), most)
			for i := first; i <= last; i++ {
				want[source][i] = true
			}
			ranges = append(ranges, store.Range{Source: fmt.Sprint("s", source), First: uint64(first), Last: uint64(last)})
		}
		mustAppend(t, s, store.Batch{ID: fmt.Sprint(n), Records: gen.Records(1), Ranges: ranges})
		if n%40 == 39 {
			mustClose(t, s)
			s = open(t, dir)
		}
		for source, numbers := range want {
			var pairs []uint64
			for i := 1; i <= most+1; i++ {
				if numbers[i] && !numbers[i-1] {
					pairs = append(pairs, uint64(i))
				}
				if !numbers[i] && numbers[i-1] {
					pairs = append(pairs, uint64(i-1))
				}
			}
			wantRanges(t, s, fmt.Sprint("s", source), pairs...)
		}
	}
	mustClose(t, s)
}

// testKeys: the same for bodies that are known by a key.
func testKeys(t *testing.T, open Open) {
	dir := t.TempDir()
	s := open(t, dir)
	gen := NewGenerator(23)
	one := store.Key{Text: "one", Digest: "d1", Stored: 3}
	part := store.Key{Text: "it's a \"part\"", Digest: "d2", Stored: 2}
	wantKey(t, s, "one", store.Key{}, false)
	mustAppend(t, s, store.Batch{ID: "1", Records: gen.Records(5), Keys: []store.Key{one, part}})
	wantKey(t, s, "one", one, true)
	wantKey(t, s, part.Text, part, true)
	part.Before, part.Stored = 2, 9
	mustAppend(t, s, store.Batch{ID: "2", Records: gen.Records(7), Keys: []store.Key{part}})
	wantKey(t, s, part.Text, part, true)
	mustClose(t, s)
	s = open(t, dir)
	wantKey(t, s, "one", one, true)
	wantKey(t, s, part.Text, part, true)
	wantKey(t, s, "two", store.Key{}, false)
	mustClose(t, s)
}

// testRefusedRecall: a batch that is refused leaves no name behind.
func testRefusedRecall(t *testing.T, open Open) {
	s := start(t, open)
	records := NewGenerator(24).Records(3)
	bad := store.Batch{
		ID: "bad", Records: []record.Record{records[1], records[0]},
		Ranges: []store.Range{{Source: "a", First: 3, Last: 4}}, Keys: []store.Key{{Text: "k", Stored: 2}},
	}
	mustAppend(t, s, store.Batch{ID: "good", Records: nil, Ranges: []store.Range{{Source: "a", First: 1, Last: 2}}})
	if err := s.Append(t.Context(), bad); err == nil || errors.Is(err, store.ErrAmbiguous) {
		t.Fatalf("Append of positions that do not ascend: got %v, want a plain error", err)
	}
	wantRanges(t, s, "a", 1, 2)
	wantKey(t, s, "k", store.Key{}, false)
	bad.Records = records[:2]
	mustAppend(t, s, bad)
	wantRanges(t, s, "a", 1, 4)
	wantKey(t, s, "k", store.Key{Text: "k", Stored: 2}, true)
}
