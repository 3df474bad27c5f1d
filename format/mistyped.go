package format

import (
	"slices"
	"strings"

	"github.com/weirlog/weir/record"
)

// shortName is up to how many letters names are too short to judge: ms is no slip of msg.
const shortName = 3

// longName is from how many letters on two of them may be wrong. In shorter names two
// letters make another word.
const longName = 8

// meant returns the name of the list, or of a field, that a name of a layout is a slip
// of the keyboard away from, "" when there is none. An attribute with such a name is to be
// had as metadata.NAME.
func meant(name string) string {
	if len(name) <= shortName || strings.HasPrefix(name, "metadata.") {
		return ""
	}
	slips := 1
	if len(name) >= longName {
		slips = 2
	}
	known := []string{"event", "msg", "exc_info", "context"}
	for _, n := range Names() {
		known = append(known, n.Name)
	}
	for i := range record.Fields {
		known = append(known, record.Fields[i].Name)
	}
	if slices.Contains(known, name) {
		return ""
	}
	best := ""
	for ; slips > 0; slips-- { // the fewest win
		for _, k := range known {
			if len(k) > shortName && within(name, k, slips) {
				best = k
				break
			}
		}
	}
	return best
}

// within reports whether a becomes b by so many slips at most: a letter left out,
// added, changed, or swapped with the next.
func within(a, b string, slips int) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	switch {
	case a == b:
		return true
	case slips == 0:
		return false
	case a == "":
		return len(b) <= slips
	case b == "":
		return len(a) <= slips
	}
	swapped := len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] && within(a[2:], b[2:], slips-1)
	return swapped || within(a[1:], b, slips-1) || within(a, b[1:], slips-1) || within(a[1:], b[1:], slips-1)
}
