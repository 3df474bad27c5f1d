package hub

import (
	"slices"
	"sort"

	"github.com/weirlog/weir/record"
)

// evicted remembers the positions of records that have left the ring, as runs of
// consecutive ones (a batch is one run), so that what a viewer with nothing but a
// position has missed can still be counted.
type evicted struct {
	runs []run
}

type run struct {
	first   record.Position
	ordinal uint64 // of first
}

// maxRuns bounds the memory of a program that logs for years: 16 bytes each, so
// 128 KB, which is the last 8,192 batches. The oldest half is then forgotten.
const maxRuns = 8192

func (e *evicted) add(p record.Position, ordinal uint64) {
	if n := len(e.runs); n > 0 {
		tail := e.runs[n-1]
		if uint64(p-tail.first) == ordinal-tail.ordinal {
			return
		}
		if n == maxRuns {
			e.runs = slices.Delete(e.runs, 0, maxRuns/2)
		}
	}
	e.runs = append(e.runs, run{p, ordinal})
}

// ordinalAfter counts the evicted records, of end in all, at or below a position.
// It is zero for positions that are forgotten.
func (e *evicted) ordinalAfter(p record.Position, end uint64) uint64 {
	i := sort.Search(len(e.runs), func(i int) bool { return e.runs[i].first > p })
	if i == 0 {
		return 0
	}
	if i < len(e.runs) {
		end = e.runs[i].ordinal
	}
	within := e.runs[i-1]
	return min(within.ordinal+uint64(p-within.first)+1, end)
}
