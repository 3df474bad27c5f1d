package processor

import (
	"log/slog"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Drop removes attributes by dotted name, every one of that name, also those of
// groups in arrays ("items.price"). A group that is left empty goes too. trace_id and
// span_id are taken off the record itself; the rest of it (message, level, logger,
// sender) is not removed. It may stand in several places.
func Drop(keys ...string) weir.Processor { return &dropKeys{names: namesOf(keys)} }

type dropKeys struct{ names *names[struct{}] }

func (d *dropKeys) Process(r *record.Record, emit func(record.Record)) error {
	if n := d.names.below[traceID]; n != nil && n.named {
		r.TraceID = ""
	}
	if n := d.names.below[spanID]; n != nil && n.named {
		r.SpanID = ""
	}
	r.Attrs, _ = d.attrs(r.Attrs, d.names)
	emit(*r)
	return nil
}

func (*dropKeys) String() string { return "drop" }

func (*dropKeys) keepsRest() bool { return true }

func (d *dropKeys) attrs(list []slog.Attr, n *names[struct{}]) ([]slog.Attr, bool) {
	e := edit[slog.Attr]{from: list}
	for i := range list {
		at := n.within(list[i].Key)
		if at == nil {
			e.keep(i)
			continue
		}
		if at.named {
			e.drop(i)
			continue
		}
		edited(d, &e, i, at)
	}
	return e.result()
}

// Keep removes all attributes but those of the dotted names given and what lies in
// them. Keep("user.plan") keeps user with plan alone. The record's own parts (time,
// level, message, logger, trace, sender) always stay; function_name, file_path,
// line_number, error_type and stack_trace are attributes. It may stand in several
// places.
func Keep(keys ...string) weir.Processor { return &keepKeys{names: namesOf(keys)} }

type keepKeys struct{ names *names[struct{}] }

func (k *keepKeys) Process(r *record.Record, emit func(record.Record)) error {
	r.Attrs, _ = k.attrs(r.Attrs, k.names)
	emit(*r)
	return nil
}

func (*keepKeys) String() string { return "keep" }

func (*keepKeys) keepsRest() bool { return false }

func (k *keepKeys) attrs(list []slog.Attr, n *names[struct{}]) ([]slog.Attr, bool) {
	e := edit[slog.Attr]{from: list}
	for i := range list {
		at := n.within(list[i].Key)
		if at == nil {
			e.drop(i)
			continue
		}
		if at.named {
			e.keep(i)
			continue
		}
		edited(k, &e, i, at)
	}
	return e.result()
}

// edited puts the i-th attribute into e, with what lies in it edited.
func edited[T any](by editor[T], e *edit[slog.Attr], i int, n *names[T]) {
	v, changed, stays := inside(by, e.from[i].Value, n)
	switch {
	case !stays:
		e.drop(i)
	case changed:
		e.set(i, slog.Attr{Key: e.from[i].Key, Value: v})
	default:
		e.keep(i)
	}
}
