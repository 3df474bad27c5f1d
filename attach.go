package weir

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

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
		if _, late := made.sink.(Late); late {
			return nil, fmt.Errorf("weir: add sink %s: it answers before its records are at their end, so a fallback would never get any (sink/ship has a Spool for that)", made.name)
		}
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

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
