//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb_test

import (
	"fmt"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
)

// TestKeysAreBounded: the newest MaxKeys are known, also over a restart; how many
// were forgotten is counted.
func TestKeysAreBounded(t *testing.T) {
	const most, rounds, each = 100, 30, 10
	dir := t.TempDir()
	position := record.Position(0)
	for round := range rounds {
		s, err := duckdb.Open(t.Context(), duckdb.Options{Dir: dir, MaxKeys: most})
		if err != nil {
			t.Fatal(err)
		}
		b := store.Batch{ID: fmt.Sprint(round)}
		for i := range each {
			b.Keys = append(b.Keys, store.Key{Text: fmt.Sprint(round*each + i), Stored: 1})
		}
		position++
		b.Records = []record.Record{{ID: position, Message: "m"}}
		if err := s.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		known := 0
		for i := range (round + 1) * each {
			_, ok, err := s.StoredKey(t.Context(), fmt.Sprint(i))
			if err != nil {
				t.Fatal(err)
			}
			if newest := i >= (round+1)*each-most; newest && !ok {
				t.Fatalf("round %d: key %d is among the newest %d and was forgotten", round, i, most)
			}
			if ok {
				known++
			}
		}
		if known > most+most/10 {
			t.Fatalf("round %d: %d keys are known, the bound is %d", round, known, most)
		}
		if round == rounds-1 && s.Stats().KeysForgotten == 0 {
			t.Error("keys were forgotten and not counted")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkAppendRanges commits one record of one of many sources: what the
// memory of sources adds to a small commit.
func BenchmarkAppendRanges(b *testing.B) {
	for _, sources := range []int{0, 1, 100_000} {
		b.Run(fmt.Sprint(sources, " sources"), func(b *testing.B) {
			s := open(b, duckdb.Options{Dir: b.TempDir()})
			first := store.Batch{ID: "first", Records: []record.Record{{ID: 1}}}
			if sources > 1 {
				if err := duckdb.FillSources(b.Context(), s, sources); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Append(b.Context(), first); err != nil {
				b.Fatal(err)
			}
			n := uint64(0)
			for b.Loop() {
				n++
				batch := store.Batch{ID: fmt.Sprint(n), Records: []record.Record{{ID: record.Position(n + 1), Message: "m"}}}
				if sources > 0 {
					batch.Ranges = []store.Range{{Source: "sender", First: n, Last: n}}
				}
				if err := s.Append(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
