package weir

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
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

// attachAll attaches the sinks of the options. Those that cannot be used are left
// out.
func (c *core) attachAll(l *Logger, o *Options) (problems []error) {
	attach := func(s Sink, place string) {
		if err := c.outlets.attach(l, s, func(out *outlet) { out.places = append(out.places, place) }); err != nil {
			problems = append(problems, err)
		}
	}
	for _, s := range o.Sinks {
		attach(s, rootPlace)
	}
	for _, name := range sortedKeys(o.Loggers) {
		for _, s := range o.Loggers[name].Sinks {
			attach(s, namedPlace(name))
		}
	}
	return problems
}

// namedPlace tells the sinks of a logger without a name from the root's.
func namedPlace(name string) string { return "/" + name }

// AddSink adds a sink while the logger runs, for all names that have the root's sinks.
// It gets what is logged from now on. A sink that is a Starter is started first. After
// Close AddSink returns ErrClosed and does not use the sink.
func (l *Logger) AddSink(s Sink) error {
	return l.node.core.outlets.attach(l, s, func(o *outlet) {
		o.places = append(o.places, rootPlace)
		o.since = l.node.core.queue.Watermark()
	})
}

// AddSinkTo adds a sink for a full dotted name and all names below it, besides the
// sinks that they have. It gets what is logged from now on.
func (l *Logger) AddSinkTo(name string, s Sink) error {
	return l.node.core.outlets.attach(l, s, func(o *outlet) {
		o.extra = &name
		o.since = l.node.core.queue.Watermark()
	})
}

// attach adds a sink, or gives one that is there another place.
func (os *outlets) attach(l *Logger, s Sink, place func(*outlet)) error {
	o, err := os.find(l, s, nil)
	if err != nil {
		return err
	}
	os.mu.Lock()
	defer os.mu.Unlock()
	place(o)
	os.recompute(o)
	return nil
}

// find returns the outlet of a sink, which is made if there is none. path are the
// sinks whose fallback it is.
func (os *outlets) find(l *Logger, s Sink, path []Sink) (*outlet, error) {
	if s == nil {
		return nil, errors.New("weir: add sink: the sink is nil")
	}
	made := newOutlet(os.core, s)
	if made.sink == nil {
		return nil, errors.New("weir: add sink: the configured sink is nil")
	}
	if known, err := os.known(made.sink); known != nil || err != nil {
		return known, err
	}
	if slices.ContainsFunc(path, func(p Sink) bool { return same(p, made.sink) }) {
		return nil, fmt.Errorf("weir: add sink %s: it is its own fallback, directly or through others", made.name)
	}
	if f := made.options.Fallback; f != nil {
		fallback, err := os.find(l, f, append(path, made.sink))
		if err != nil {
			return nil, fmt.Errorf("fallback of sink %s: %w", made.name, err)
		}
		made.fallback = fallback
	}
	nothing := []bool{}
	made.members.Store(&nothing) // until it has a place
	return made, os.start(l, made)
}

// start starts a sink and its goroutine. After an error the sink is not used.
func (os *outlets) start(l *Logger, o *outlet) error {
	if starter, ok := o.sink.(Starter); ok {
		if err := guard(func() error { return starter.Start(l) }); err != nil {
			return fmt.Errorf("weir: start sink %s: %w", o.name, err)
		}
	}
	if !os.append(o) {
		// It was started, so it is owed a Close.
		return errors.Join(ErrClosed, guard(o.sink.Close))
	}
	return nil
}

// same reports whether two sinks are one.
func same(a, b Sink) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.TypeOf(a).Comparable() && a == b
}

// known returns the outlet that a sink has already, nil when it has none.
func (os *outlets) known(s Sink) (*outlet, error) {
	os.mu.Lock()
	defer os.mu.Unlock()
	if os.closed {
		return nil, ErrClosed
	}
	for _, o := range os.list {
		if o.tap == nil && same(o.sink, s) {
			return o, nil
		}
	}
	return nil, nil //nolint:nilnil // none, and that is no error
}

func (os *outlets) append(o *outlet) bool {
	os.mu.Lock()
	defer os.mu.Unlock()
	if os.closed {
		return false
	}
	os.list = append(os.list[:len(os.list):len(os.list)], o)
	if !o.inline {
		go o.run()
	}
	return true
}

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

// end closes all sinks, each after those that fall back to it, and waits for them.
func (os *outlets) end() (errs error) {
	left := os.seal()
	for len(left) > 0 {
		var now, later []*outlet
		for _, o := range left {
			if slices.ContainsFunc(left, func(other *outlet) bool { return other.fallback == o }) {
				later = append(later, o)
			} else {
				now = append(now, o)
			}
		}
		for _, o := range now {
			if o.inline {
				o.handle(item{end: true})
			} else {
				o.push(item{end: true})
			}
		}
		for _, o := range now {
			<-o.ended
			errs = errors.Join(errs, o.closeErr)
		}
		left = later
	}
	return errs
}

// RemoveSink takes a sink out once it has been given what was logged before, and closes
// it. When ctx ends first, the sink is out all the same and its error is ctx's.
func (l *Logger) RemoveSink(ctx context.Context, s Sink) error {
	made := newOutlet(l.node.core, s)
	o, err := l.node.core.outlets.known(made.sink)
	if err != nil {
		return err
	}
	if o == nil {
		return fmt.Errorf("weir: remove sink %s: the logger does not have it", made.name)
	}
	return l.node.core.outlets.remove(ctx, o)
}

func (os *outlets) remove(ctx context.Context, o *outlet) error {
	flushed := os.core.flush(ctx)
	if !os.drop(o) {
		return fmt.Errorf("weir: remove sink %s: it is being removed, or the logger is closed", o.name)
	}
	// The worker may be handing a batch to the list as it was.
	flushed = errors.Join(flushed, os.core.flush(ctx))
	if o.inline {
		return errors.Join(flushed, guard(o.sink.Close))
	}
	o.push(item{end: true})
	select {
	case <-o.ended:
		return errors.Join(flushed, o.closeErr)
	case <-ctx.Done():
		return fmt.Errorf("weir: remove sink %s: %w", o.name, context.Cause(ctx))
	}
}

func (os *outlets) drop(o *outlet) bool {
	os.mu.Lock()
	defer os.mu.Unlock()
	if os.closed || !slices.Contains(os.list, o) {
		return false
	}
	os.list = slices.DeleteFunc(slices.Clone(os.list), func(other *outlet) bool { return other == o })
	return true
}

// stalled finds the outlet that keeps the others waiting. wait is how long to wait
// for something to move otherwise; nothing is to be waited for when both are zero.
//
// A sink that is behind is waited for as long as all destinations are: then the
// queue's overflow policy decides. When others keep up, it gets patience, then it misses its oldest
// batch. Viewers and taps get none: they only look on.
func (os *outlets) stalled(now time.Time, patience time.Duration) (victim *outlet, wait time.Duration) {
	const poll = 10 * time.Millisecond // the queue fills meanwhile, which is looked at again
	waiting, keepsUp, longest := false, false, time.Duration(-1)
	for _, o := range os.all() {
		if o.inline {
			continue
		}
		waits, stood := o.behind(now)
		looker := o.viewer || o.tap != nil
		switch {
		case waits && looker:
			return o, 0
		case waits:
			waiting = true
			if stood > longest {
				victim, longest = o, stood
			}
		case !looker:
			keepsUp = true
		}
	}
	switch {
	case !waiting:
		return nil, 0
	case !keepsUp:
		return nil, poll
	case longest >= patience:
		return victim, 0
	}
	return nil, min(poll, patience-longest)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
