package weir

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/weirlog/weir/internal/flat"
)

// LoggerOptions are the settings of a dotted name and of all names below it that have
// none of their own. The zero value inherits everything.
type LoggerOptions struct {
	// Level is the least level that is logged.
	Level slog.Leveler
	// Sinks take the place of the inherited ones. A Viewer gets the records of all names in
	// any case.
	Sinks []Sink
	// Propagate gives records to the inherited sinks as well.
	Propagate bool
	// Attrs are on each record.
	Attrs []slog.Attr
}

// maxNames bounds the names of one New. A name for each module or component comes
// to hundreds; a name for each user or request is a mistake that must not cost the
// program its memory.
const maxNames = 10_000

// node is a logger name. Its settings change while the program logs.
type node struct {
	core  *core
	id    uint32
	name  string
	field string                       // the name as part of a line
	level atomic.Pointer[slog.Leveler] // in force
	attrs []byte                       // of LoggerOptions, encoded; the inherited ones first
	bare  *Logger                      // the logger of the name, with nothing added
}

// enabled is false for the zero Logger, which has no name.
func (n *node) enabled(level slog.Level) bool {
	return n != nil && level >= (*n.level.Load()).Level()
}

func (n *node) scope() scope { return scope{prefix: n.attrs, top: len(n.attrs)} }

// names are the loggers' names, and the settings by name.
type names struct {
	core     *core
	settings map[string]LoggerOptions // of Options; not changed
	base     slog.Leveler             // of names without a setting

	root *node

	mu        sync.Mutex
	byName    map[string]*node
	byID      []*node              // replaced when it grows, never changed in place
	overrides map[string]*override // of SetLevel
	refused   uint64               // names beyond maxNames
}

func newNames(c *core, o *Options) *names {
	return &names{
		core:      c,
		settings:  maps.Clone(o.Loggers),
		base:      o.Level,
		byName:    map[string]*node{},
		overrides: map[string]*override{},
	}
}

// get returns the node of a full name, which is made if there is room.
func (n *names) get(name string) *node {
	found, first := n.make(name)
	if first {
		n.core.diagnose(&Error{
			Layer: LayerFactory, Service: "Logger", Category: CategoryValidation, Severity: SeverityWarning,
			Message:     fmt.Sprintf("there are %d logger names already; records of further ones carry the name of the root", maxNames),
			UserMessage: "use an attribute for what differs by user or request",
			Context:     map[string]any{"logger": name},
		})
	}
	return found
}

// make returns the node of a name; the root's when there are too many, with refused for
// the first of those.
func (n *names) make(name string) (found *node, refused bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if found, ok := n.byName[name]; ok {
		return found, false
	}
	if len(n.byName) >= maxNames {
		n.refused++
		return n.root, n.refused == 1
	}
	made := &node{core: n.core, id: uint32(len(n.byID)), name: name, field: flat.LoggerField(name)}
	made.attrs = n.attrsOf(name)
	level := n.levelOf(name)
	made.level.Store(&level)
	made.bare = &Logger{emitter{node: made, scope: made.scope(), source: n.core.source}}
	n.byName[name] = made
	n.byID = append(n.byID[:len(n.byID):len(n.byID)], made)
	n.core.outlets.admit(made)
	return made, false
}

// all returns the nodes by their ids.
func (n *names) all() []*node {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byID
}

func (n *names) attrsOf(name string) []byte {
	e := flat.Encoder{MaxText: n.core.maxRecord}
	var b []byte
	for _, at := range slices.Backward(slices.Collect(lineage(name))) {
		b = e.Attrs(b, n.settings[at].Attrs)
	}
	return b
}

// lineage yields a name and those above it, the nearest first.
func lineage(name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for {
			if !yield(name) {
				return
			}
			dot := strings.LastIndexByte(name, '.')
			if dot < 0 {
				return
			}
			name = name[:dot]
		}
	}
}

// Named returns the logger of a name below l's: "db" of "app" is "app.db". It has what
// l adds to records. Names are kept, so a name is for a part of the program, not for
// a user or a request.
func (l *Logger) Named(name string) *Logger {
	if name == "" {
		return l
	}
	full := name
	if l.node.name != "" {
		full = l.node.name + "." + name
	}
	n := l.node.core.names.get(full)
	if l == l.node.bare {
		return n.bare
	}
	c := l.derived()
	c.node = n
	c.scope = l.scope.withNode(l.node.attrs, n.attrs)
	return c
}

// Lookup returns the logger of a full dotted name, which need not lie below l's. It
// adds nothing to records but what LoggerOptions say.
func (l *Logger) Lookup(name string) *Logger { return l.node.core.names.get(name).bare }
