package processor

import (
	"log/slog"

	"github.com/weirlog/weir/record"
)

// edit changes a list that is shared: it copies the list when the first element
// changes, and not at all when none does. Each index is kept, dropped or set once,
// in order.
type edit[T any] struct {
	from    []T
	out     []T
	changed bool
}

func (e *edit[T]) keep(i int) {
	if e.changed {
		e.out = append(e.out, e.from[i])
	}
}

func (e *edit[T]) drop(i int) { e.copyUntil(i) }

func (e *edit[T]) set(i int, x T) {
	e.copyUntil(i)
	e.out = append(e.out, x)
}

func (e *edit[T]) copyUntil(i int) {
	if !e.changed {
		e.changed = true
		e.out = make([]T, i, len(e.from))
		copy(e.out, e.from)
	}
}

// result is the changed copy, or the list as it came.
func (e *edit[T]) result() ([]T, bool) {
	if e.changed {
		return e.out, true
	}
	return e.from, false
}

// extended returns a copy of a shared list with more at its end.
func extended(attrs []slog.Attr, more ...slog.Attr) []slog.Attr {
	out := make([]slog.Attr, 0, len(attrs)+len(more))
	out = append(out, attrs...)
	return append(out, more...)
}

// editor changes the attributes that names below n reach.
type editor[T any] interface {
	// attrs returns the list as it is to be, and whether that differs.
	attrs(list []slog.Attr, n *names[T]) ([]slog.Attr, bool)
	// keepsRest says whether values stay that names below them cannot reach, because
	// they are neither groups nor arrays.
	keepsRest() bool
}

// inside edits what lies in a value: the attributes of a group, and those of the
// groups in an array. stays is false when nothing of it is left.
func inside[T any](e editor[T], v slog.Value, n *names[T]) (out slog.Value, changed, stays bool) {
	switch v.Kind() {
	case slog.KindGroup:
		list, changed := e.attrs(v.Group(), n)
		if !changed {
			return v, false, true
		}
		return slog.GroupValue(list...), true, len(list) > 0
	case slog.KindAny:
		if list, ok := v.Any().([]slog.Value); ok {
			elements := edit[slog.Value]{from: list}
			for i := range list {
				element, changed, stays := inside(e, list[i], n)
				switch {
				case !stays && list[i].Kind() == slog.KindGroup:
					elements.set(i, record.EmptyObject()) // the others keep their places
				case !stays:
					elements.drop(i)
				case changed:
					elements.set(i, element)
				default:
					elements.keep(i)
				}
			}
			out, changed := elements.result()
			if !changed {
				return v, false, true
			}
			return slog.AnyValue(out), true, len(out) > 0
		}
	}
	return v, false, e.keepsRest()
}
