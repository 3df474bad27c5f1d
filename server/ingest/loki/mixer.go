package loki

import (
	"log/slog"
	"slices"
	"strconv"

	"github.com/weirlog/weir/record"
)

// mixer puts the attributes of a record together that come from its line, its stream
// and its metadata. The first of a name keeps it.
type mixer struct {
	all   []slog.Attr
	known map[string]int // the place of each name; nil while the list is short
	tries map[string]int // how often another value came for a name
	owned bool           // all is ours to append to
}

// indexedFrom is the length from which a map finds a name faster than a look at each.
const indexedFrom = 32

// add appends an attribute, under another name when its own is taken by another value.
func (m *mixer) add(a slog.Attr) {
	at := m.find(a.Key)
	if at >= 0 && record.ValueText(m.all[at].Value) == record.ValueText(a.Value) {
		return
	}
	if at >= 0 {
		a.Key = m.free(record.ConflictPrefix + a.Key)
	}
	if !m.owned {
		m.all, m.owned = append(make([]slog.Attr, 0, len(m.all)+8), m.all...), true
	}
	if m.known != nil {
		m.known[a.Key] = len(m.all)
	}
	m.all = append(m.all, a)
}

// free returns a name that is not taken, with a number behind it if need be.
func (m *mixer) free(name string) string {
	if m.find(name) < 0 {
		return name
	}
	if m.tries == nil {
		m.tries = make(map[string]int)
	}
	for n := max(2, m.tries[name]+1); ; n++ {
		if numbered := name + "_" + strconv.Itoa(n); m.find(numbered) < 0 {
			m.tries[name] = n
			return numbered
		}
	}
}

// mix adds several.
func (m *mixer) mix(attrs []slog.Attr) {
	for _, a := range attrs {
		m.add(a)
	}
}

// find returns the place of a name, -1 when it is not there.
func (m *mixer) find(name string) int {
	if len(m.all) < indexedFrom {
		return slices.IndexFunc(m.all, func(a slog.Attr) bool { return a.Key == name })
	}
	if m.known == nil {
		m.known = make(map[string]int, 2*len(m.all))
		for i := range m.all {
			m.known[m.all[i].Key] = i
		}
	}
	if at, ok := m.known[name]; ok {
		return at
	}
	return -1
}
