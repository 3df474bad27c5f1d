package weir

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"

	"github.com/weirlog/weir/sink/console"
)

// attachAll attaches the sinks of the options. Those that cannot be used are told of
// and left out; when no destination is left, the console takes their place.
func (c *core) attachAll(l *Logger, o *Options) {
	failed := false
	attach := func(s Sink, place string) {
		if err := c.outlets.attach(l, s, at{place: &place}); err != nil {
			failed = true
			c.diagnose(&Error{
				Layer: LayerFactory, Service: "Logger", Category: CategoryConfiguration, Severity: SeverityError,
				Message: "the logger goes on without a sink", Err: err,
			})
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
	if failed && !slices.ContainsFunc(c.outlets.all(), func(out *outlet) bool { return !out.viewer && len(out.places) > 0 }) {
		attach(console.New(os.Stderr, console.Options{}), rootPlace)
	}
}

// namedPlace tells the sinks of a logger without a name from the root's.
func namedPlace(name string) string { return "/" + name }

// AddSink adds a sink while the logger runs, for all names that have the root's sinks.
// It gets what is logged from now on. A sink that is a Starter is started first. After
// Close AddSink returns ErrClosed and does not use the sink.
func (l *Logger) AddSink(s Sink) error {
	place := rootPlace
	return l.node.core.outlets.attach(l, s, at{place: &place, now: true})
}

// AddSinkTo adds a sink for a full dotted name and all names below it, besides the
// sinks that they have. It gets what is logged from now on.
func (l *Logger) AddSinkTo(name string, s Sink) error {
	return l.node.core.outlets.attach(l, s, at{extra: &name, now: true})
}

// at says for which names a sink is attached.
type at struct {
	place *string // a list of sinks
	extra *string // a name of AddSinkTo
	tap   *tap
	now   bool // for what is logged from now on; else for everything
}

// notYet is an outlet's since before it is known: nothing came after it.
const notYet = ^uint64(0)

// attach adds a sink, or gives one that is there another place.
func (ol *outlets) attach(l *Logger, s Sink, where at) error {
	o, known, err := ol.find(l, s, nil)
	if err != nil {
		return err
	}
	if !known {
		if where.now {
			o.since.Store(notYet)
		}
		if err := ol.start(l, o, where); err != nil {
			return err
		}
	} else {
		ol.place(o, where)
	}
	if !known && where.now {
		// Calls must not encode lines that the sink may not want, before records count
		// as logged after it was added.
		ol.core.lines.on.Store(false)
		o.since.Store(ol.core.queue.Watermark())
	}
	return nil
}

// place gives a sink a place and finds out which names it gets.
func (ol *outlets) place(o *outlet, where at) {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	ol.placeLocked(o, where)
}

func (ol *outlets) placeLocked(o *outlet, where at) {
	if where.place != nil {
		o.places = append(o.places, *where.place)
	}
	if where.extra != nil {
		o.extras = append(o.extras, *where.extra)
	}
	if where.tap != nil {
		o.tap = where.tap
	}
	ol.recompute(o)
}

// find returns the outlet of a sink, or a new one that is to be started. path are the
// sinks whose fallback it is.
func (ol *outlets) find(l *Logger, s Sink, path []Sink) (o *outlet, known bool, err error) {
	if s == nil {
		return nil, false, errors.New("weir: add sink: the sink is nil")
	}
	made := newOutlet(ol.core, s)
	if made.sink == nil {
		return nil, false, errors.New("weir: add sink: the configured sink is nil")
	}
	if found, err := ol.known(made); found != nil || err != nil {
		return found, true, err
	}
	if slices.ContainsFunc(path, func(p Sink) bool { return same(p, made.sink) }) {
		return nil, false, fmt.Errorf("weir: add sink %s: it is its own fallback, directly or through others", made.name)
	}
	f := made.options.Fallback
	if f == nil {
		return made, false, nil
	}
	if _, late := made.sink.(Late); late {
		return nil, false, fmt.Errorf("weir: add sink %s: it answers before its records are at their end, so a fallback would never get any (sink/ship has a Spool for that)", made.name)
	}
	fallback, isThere, err := ol.find(l, f, append(path, made.sink))
	if err == nil && !isThere {
		err = ol.start(l, fallback, at{})
	}
	if err != nil {
		return nil, false, fmt.Errorf("fallback of sink %s: %w", made.name, err)
	}
	made.fallback = fallback
	return made, false, nil
}

// start starts a sink and its goroutine. After an error the sink is not used.
func (ol *outlets) start(l *Logger, o *outlet, where at) error {
	if err := ol.reserve(o); err != nil {
		return err
	}
	defer ol.unreserve(o)
	if starter, ok := o.sink.(Starter); ok {
		if err := guard(func() error { return starter.Start(l) }); err != nil {
			return fmt.Errorf("weir: start sink %s: %w", o.name, err)
		}
	}
	if !ol.publish(o, where) {
		// It was started, so it is owed a Close.
		return errors.Join(ErrClosed, guard(o.sink.Close))
	}
	return nil
}

// reserve keeps a sink from being started twice at a time.
func (ol *outlets) reserve(o *outlet) error {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	if ol.closed {
		return ErrClosed
	}
	if slices.ContainsFunc(ol.starting, func(other *outlet) bool { return same(o.sink, other.sink) }) {
		return fmt.Errorf("weir: add sink %s: it is being added already", o.name)
	}
	ol.starting = append(ol.starting, o)
	return nil
}

func (ol *outlets) unreserve(o *outlet) {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	ol.starting = slices.DeleteFunc(ol.starting, func(other *outlet) bool { return other == o })
}

// publish makes an outlet known to the worker, with all that it needs.
func (ol *outlets) publish(o *outlet, where at) bool {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	if ol.closed {
		return false
	}
	ol.placeLocked(o, where)
	ol.list = append(ol.list[:len(ol.list):len(ol.list)], o)
	if !o.inline {
		go o.run()
	}
	return true
}

// same reports whether two sinks are one.
func same(a, b Sink) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

// known returns the outlet that a sink has already, nil when it has none.
func (ol *outlets) known(made *outlet) (*outlet, error) {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	if ol.closed {
		return nil, ErrClosed
	}
	for _, o := range ol.list {
		if o.tap != nil || !same(o.sink, made.sink) {
			continue
		}
		if _, configured := made.given.(*configuredSink); configured && made.given != o.given {
			return nil, fmt.Errorf("weir: add sink %s: it was added before with other options: call ConfigureSink once and use what it returns", made.name)
		}
		return o, nil
	}
	return nil, nil //nolint:nilnil // none, and that is no error
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
