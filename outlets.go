package weir

import (
	"slices"
	"strings"
	"sync"
)

// outlets are the sinks of one New, and which names' records each gets.
type outlets struct {
	core *core

	mu       sync.Mutex
	list     []*outlet // replaced, never changed in place
	starting []*outlet // on their way into list
	nodes    []*node   // by id
	closed   bool
}

// rootPlace is where the sinks of Options.Sinks and AddSink stand.
const rootPlace = ""

// admit makes room for a new name in what the outlets know.
func (ol *outlets) admit(n *node) {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	ol.nodes = append(ol.nodes, n)
	for _, o := range ol.list {
		if o.tap == nil {
			o.admit(n, len(ol.nodes)-1)
		}
	}
}

// admit adds the newest name to the members. The outlets' lock is held.
func (o *outlet) admit(n *node, before int) {
	members, gets := o.members.Load(), o.admits(n)
	if members == nil && gets {
		return
	}
	list := []bool{}
	if members != nil {
		list = *members
	} else {
		for range before {
			list = append(list, true)
		}
	}
	// Who reads the list as it was does not look beyond its end.
	list = append(list, gets)
	o.members.Store(&list)
}

// recompute finds out which names' records an outlet gets. The lock is held.
func (ol *outlets) recompute(o *outlet) {
	if o.tap != nil {
		return
	}
	all, members := true, make([]bool, len(ol.nodes))
	for i, n := range ol.nodes {
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
	for _, extra := range o.extras {
		if extra == "" || n.name == extra || strings.HasPrefix(n.name, extra+".") {
			return true
		}
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

func (ol *outlets) all() []*outlet {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	return ol.list
}

// seal refuses further sinks and returns those that are to be closed.
func (ol *outlets) seal() []*outlet {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	ol.closed = true
	return ol.list
}
