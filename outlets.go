package weir

import (
	"slices"
	"strings"
	"sync"
)

// outlets are the sinks of one New, and which names' records each gets.
type outlets struct {
	core *core

	mu     sync.Mutex
	list   []*outlet // replaced, never changed in place
	nodes  []*node   // by id
	closed bool
}

// rootPlace is where the sinks of Options.Sinks and AddSink stand.
const rootPlace = ""

// admit makes room for a new name in what the outlets know.
func (os *outlets) admit(n *node) {
	os.mu.Lock()
	defer os.mu.Unlock()
	os.nodes = append(os.nodes, n)
	for _, o := range os.list {
		os.recompute(o)
	}
}

// recompute finds out which names' records an outlet gets. The lock is held.
func (os *outlets) recompute(o *outlet) {
	if o.tap != nil {
		return
	}
	all, members := true, make([]bool, len(os.nodes))
	for i, n := range os.nodes {
		members[i] = o.admits(n)
		all = all && members[i]
	}
	// A name that comes later may be treated otherwise, but then this runs again.
	if all {
		o.members.Store(nil)
	} else {
		o.members.Store(&members)
	}
}

// admits reports whether a name's records are for the outlet: the nearest list of
// sinks counts, and those above it as long as they propagate.
func (o *outlet) admits(n *node) bool {
	if o.extra != nil && (*o.extra == "" || n.name == *o.extra || strings.HasPrefix(n.name, *o.extra+".")) {
		return true
	}
	if o.viewer && slices.Contains(o.places, rootPlace) {
		return true
	}
	settings := o.core.names.settings
	for at := range lineage(n.name) {
		s, ok := settings[at]
		if !ok || s.Sinks == nil {
			continue
		}
		if slices.Contains(o.places, namedPlace(at)) {
			return true
		}
		if !s.Propagate {
			return false
		}
	}
	return slices.Contains(o.places, rootPlace)
}

func (os *outlets) all() []*outlet {
	os.mu.Lock()
	defer os.mu.Unlock()
	return os.list
}

// seal refuses further sinks and returns those that are to be closed.
func (os *outlets) seal() []*outlet {
	os.mu.Lock()
	defer os.mu.Unlock()
	os.closed = true
	return os.list
}
