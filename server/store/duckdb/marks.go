package duckdb

import (
	"sync"
	"time"

	"github.com/weirlog/weir/record"
)

const (
	// markEvery is how many rows lie between two marks: a quarter of DuckDB's row
	// group. A window of that many rows is searched in about 5 ms.
	markEvery = 32_768
	// firstWindow is two, because the newest stretch may just have begun.
	firstWindow = 2
	// maxWindow is how many marks a window has at most: 4 million rows, whose text
	// is scanned in about a quarter of a second, so that a search that runs out of
	// time has always got somewhere.
	maxWindow = 128
	// windowGrowth is by how much a window is wider than the one before, while
	// windows are easy.
	windowGrowth = 4
)

// marks remember the position and time of every markEvery-th row, so that a
// search can be cut into windows of known size although positions are sparse.
// They are a guide: searches are right whatever the marks say.
type marks struct {
	mu    sync.Mutex
	list  []mark // ascending positions
	after int    // rows since the last mark, itself included
}

type mark struct {
	position record.Position
	created  time.Time
}

// add notes records that were appended.
func (m *marks) add(records []record.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range records {
		if len(m.list) == 0 || m.after >= markEvery {
			m.list = append(m.list, mark{records[i].ID, records[i].Time})
			m.after = 0
		}
		m.after++
	}
}

// replace sets the marks to those read from the table.
func (m *marks) replace(list []mark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list, m.after = list, 0
}

// first is the position of the first mark.
func (m *marks) first() (record.Position, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.list) == 0 {
		return 0, false
	}
	return m.list[0].position, true
}

// between returns the marks in (lo, hi]. The slice is not changed later.
func (m *marks) between(lo, hi record.Position) []mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to := 0, len(m.list)
	for from < to && m.list[from].position <= lo {
		from++
	}
	for to > from && m.list[to-1].position > hi {
		to--
	}
	return m.list[from:to:to]
}

// window is a stretch of positions, both ends included.
type window struct {
	lo, hi  record.Position
	reached time.Time // about created_at at the end that is searched last
}

// walk cuts [lo, hi] at marks into windows, newest or oldest first.
type walk struct {
	lo, hi record.Position
	newest bool
	cuts   []mark // those in (lo, hi]
}

func (m *marks) walk(lo, hi record.Position, newestFirst bool) *walk {
	return &walk{lo: lo, hi: hi, newest: newestFirst, cuts: m.between(lo, hi)}
}

// next returns the next window, which spans up to width marks; ok is false at the
// end.
func (k *walk) next(width int) (w window, ok bool) {
	if k.lo > k.hi {
		return window{}, false
	}
	w = window{lo: k.lo, hi: k.hi}
	n := len(k.cuts)
	switch {
	case n < width:
		k.cuts = nil
	case k.newest:
		w.lo, w.reached = k.cuts[n-width].position, k.cuts[n-width].created
		k.cuts = k.cuts[:n-width]
	default:
		w.hi, w.reached = k.cuts[width-1].position-1, k.cuts[width-1].created
		k.cuts = k.cuts[width:]
	}
	if k.newest {
		k.hi = w.lo - 1
	} else {
		k.lo = w.hi + 1
	}
	return w, true
}
