package duckdb

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// folding knows for which runes DuckDB's lower() and strings.ToLower differ.
// Both map rune by rune, but each after its own version of Unicode, so the
// difference is asked for when the database is opened. A text without a rune of
// the set means the same to both: whatever they make of it they make from the
// same runes.
type folding struct {
	differs map[rune]struct{} // the results, on either side, of runes they map differently
	unknown bool              // any rune may differ
}

// lastCased is above the last rune that has a lower case in any version of
// Unicode: above it are ideographs, tags and private use.
const lastCased = 0x1FFFF

// probeText has each rune once, in order.
func probeText() string {
	var b strings.Builder
	b.Grow(4 * lastCased)
	for r := rune(1); r <= lastCased; r++ {
		if utf8.ValidRune(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// newFolding compares what DuckDB made of probeText with what Go makes of it. When
// DuckDB's result does not have a rune for each rune, nothing is found alike.
func newFolding(probe, lowered string) folding {
	f := folding{}
	theirs := []rune(lowered)
	if len(theirs) != utf8.RuneCountInString(probe) {
		return folding{unknown: true}
	}
	i := 0
	for _, r := range probe {
		if ours := unicode.ToLower(r); ours != theirs[i] {
			if f.differs == nil {
				f.differs = make(map[rune]struct{})
			}
			f.differs[ours] = struct{}{}
			f.differs[theirs[i]] = struct{}{}
		}
		i++
	}
	return f
}

// exact says that a folded text is found by both in the same texts.
func (f folding) exact(lower string) bool {
	return f.longest(lower) == lower
}

// same says that both lower every text alike.
func (f folding) same() bool { return !f.unknown && len(f.differs) == 0 }

// longest returns the longest part of a folded text that both find alike: every
// text in which Go finds the whole, DuckDB finds this part. It is empty when
// there is none.
func (f folding) longest(lower string) string {
	if f.unknown {
		return ""
	}
	best, start := "", 0
	cut := func(end int) {
		if end-start > len(best) {
			best = lower[start:end]
		}
	}
	for i, r := range lower {
		_, differs := f.differs[r]
		if differs || r == 0 || r == utf8.RuneError {
			cut(i)
			_, size := utf8.DecodeRuneInString(lower[i:])
			start = i + size
		}
	}
	cut(len(lower))
	return best
}
