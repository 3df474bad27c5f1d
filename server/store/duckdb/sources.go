package duckdb

import (
	"sync"

	"github.com/weirlog/weir/server/store"
)

// maxKnown is how many sources the store has in memory: more than send at once, in
// less than a megabyte.
const maxKnown = 4096

// sources hold the ranges of the sources that came lately, because each of their
// batches asks for them twice. They are only written with Store.writing held, and
// emptied whenever the outcome of a commit is in doubt.
type sources struct {
	mu     sync.Mutex
	ranges map[string][]store.Range
}

func (k *sources) get(source string) (ranges []store.Range, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ranges, ok = k.ranges[source]
	return ranges, ok
}

// set remembers a source's ranges. When there is no room it begins anew: those who
// still send are asked for once more.
func (k *sources) set(source string, ranges []store.Range) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.ranges[source]; k.ranges == nil || !ok && len(k.ranges) >= maxKnown {
		k.ranges = make(map[string][]store.Range)
	}
	k.ranges[source] = ranges
}

func (k *sources) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ranges = nil
}
