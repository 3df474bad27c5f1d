package weir

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

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
