package config

import (
	"slices"
	"strings"
)

// nearest returns the name that a mistyped one was most likely meant to be, ""
// when none is close: at most a third of its letters may differ.
func nearest(name string, names []string) string {
	best, least := "", len(name)/3+1
	typed := plain(name)
	for _, candidate := range names {
		if d := distance(typed, plain(candidate), least); d <= least && (best == "" || d < least) {
			best, least = candidate, d
		}
	}
	return best
}

// plain lets maxSize, max-size and MAX_SIZE be max_size.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(name))
}

// maxCompared bounds the work for a name that is no name: distance takes the
// product of both lengths.
const maxCompared = 64

// distance is the number of letters to insert, delete, change or swap with their
// neighbour; anything above limit may be any number above limit.
func distance(a, b string, limit int) int {
	if len(a) > maxCompared || len(b) > maxCompared || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		above, last, row := rows[(i+2)%3], rows[i%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], above[j-2]+1)
			}
		}
	}
	return rows[(len(a)+1)%3][len(b)]
}

// nearestHint is the hint where the message lists the names already: "" when none is
// close.
func nearestHint(name string, names []string) string {
	if n := nearest(name, names); n != "" {
		return "did you mean " + n + "?"
	}
	return ""
}

// didYouMean is the hint for a name that is not among names.
func didYouMean(name string, names []string) string {
	if hint := nearestHint(name, names); hint != "" {
		return hint
	}
	known := slices.Clone(names)
	slices.Sort(known)
	switch {
	case len(known) == 0:
		return ""
	case len(known) > maxListed:
		return "some of those known: " + strings.Join(known[:maxListed], ", ")
	}
	return "known: " + strings.Join(known, ", ")
}

// maxListed keeps a hint to a few lines.
const maxListed = 24
