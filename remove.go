package weir

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// end closes all sinks, each after those that fall back to it, and waits for them as
// long as Close does.
func (ol *outlets) end(ctx context.Context) (errs error) {
	left := ol.seal()
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
			o.beginEnd()
		}
		for _, o := range now {
			select {
			case <-o.ended:
				errs = errors.Join(errs, o.closeErr)
				continue
			default:
			}
			select {
			case <-o.ended:
				errs = errors.Join(errs, o.closeErr)
			case <-ctx.Done():
				o.giveUp()
			}
		}
		left = later
	}
	return errs
}

// beginEnd closes the sink behind what waits for it.
func (o *outlet) beginEnd() {
	if o.inline {
		o.closeSink()
	} else {
		o.push(item{end: true})
	}
}

// RemoveSink takes a sink out once it has been given what was logged before, and closes
// it. When ctx ends first, what it has not taken is dropped and counted, and it is closed when
// it returns.
func (l *Logger) RemoveSink(ctx context.Context, s Sink) error {
	made := newOutlet(l.node.core, s)
	if made.sink == nil {
		return errors.New("weir: remove sink: the sink is nil")
	}
	o, err := l.node.core.outlets.known(made)
	if err != nil {
		return err
	}
	if o == nil {
		return fmt.Errorf("weir: remove sink %s: the logger does not have it", made.name)
	}
	return l.node.core.outlets.remove(ctx, o)
}

// remove asks the worker to take the outlet out behind all that was logged before, and
// waits for it.
func (ol *outlets) remove(ctx context.Context, o *outlet) error {
	select {
	case ol.core.worker.leaving <- o:
	case <-o.ended: // by Close
	case <-ctx.Done():
	}
	select {
	case <-o.ended:
	case <-ctx.Done():
		select {
		case <-o.ended:
		default:
			ol.drop(o)
			o.giveUp()
			if o.inline {
				o.closeSink()
			}
			return fmt.Errorf("weir: remove sink %s: %w", o.name, context.Cause(ctx))
		}
	}
	err := o.closeErr
	if f := o.fallback; f != nil && ol.unused(f) {
		err = errors.Join(err, ol.remove(ctx, f))
	}
	return err
}

// drop takes an outlet out of the list.
func (ol *outlets) drop(o *outlet) {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	if !ol.closed {
		ol.list = slices.DeleteFunc(slices.Clone(ol.list), func(other *outlet) bool { return other == o })
	}
}

// unused reports whether nobody needs a fallback any more.
func (ol *outlets) unused(f *outlet) bool {
	ol.mu.Lock()
	defer ol.mu.Unlock()
	return !ol.closed && len(f.places) == 0 && len(f.extras) == 0 &&
		!slices.ContainsFunc(ol.list, func(o *outlet) bool { return o.fallback == f })
}
