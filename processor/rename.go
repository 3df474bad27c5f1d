package processor

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Rename gives attributes other names: from old dotted name to new one. An attribute
// whose new name lies in the same group is renamed where it is; otherwise it moves to
// the end of the record under its whole new name. Where a key is taken already, the
// last one renamed to it wins and the others are removed. All names are those that the
// record came with, so two can change places. trace_id and span_id, when renamed,
// become attributes. An empty new name changes nothing. It may stand in several places.
func Rename(keys map[string]string) weir.Processor {
	p := &renameKeys{}
	for from, to := range keys {
		if to != "" && from != to {
			p.names.add(from, newName{from: from, to: to})
		}
	}
	return p
}

type renameKeys struct{ names names[newName] }

// newName is a dotted name and the one that takes its place.
type newName struct{ from, to string }

func (*renameKeys) String() string { return "rename" }

func (p *renameKeys) Process(r *record.Record, emit func(record.Record)) error {
	if !p.concerns(r) {
		emit(*r)
		return nil
	}
	work := renaming{}
	work.own(p.names.below[traceID], &r.TraceID)
	work.own(p.names.below[spanID], &r.SpanID)
	r.Attrs, _ = work.attrs(r.Attrs, &p.names)
	if len(work.moved) > 0 {
		r.Attrs = work.appendMoved(r.Attrs)
	}
	emit(*r)
	return nil
}

// concerns reports whether a name begins with something that the record has.
func (p *renameKeys) concerns(r *record.Record) bool {
	for i := range r.Attrs {
		if p.names.at(r.Attrs[i].Key) != nil {
			return true
		}
	}
	return r.TraceID != "" && p.names.at(traceID) != nil || r.SpanID != "" && p.names.at(spanID) != nil
}

// renaming is the work on one record.
type renaming struct {
	group int // the length of the dotted name of the present group, with its dot
	moved []slog.Attr
}

var _ editor[newName] = (*renaming)(nil)

func (*renaming) keepsRest() bool { return true }

// own moves one of the record's own ids out.
func (w *renaming) own(n *names[newName], id *string) {
	if n != nil && n.named && *id != "" {
		w.moved = append(w.moved, slog.String(n.value.to, *id))
		*id = ""
	}
}

func (w *renaming) attrs(list []slog.Attr, n *names[newName]) ([]slog.Attr, bool) {
	owners := w.owners(list, n)
	e := edit[slog.Attr]{from: list}
	for i := range list {
		at := n.at(list[i].Key)
		switch key, here := w.target(at); {
		case at != nil && at.named && !here:
			e.drop(i)
			w.moved = append(w.moved, slog.Attr{Key: at.value.to, Value: list[i].Value})
		case here && owners[key] == i:
			e.set(i, slog.Attr{Key: key, Value: list[i].Value})
		case here:
			e.drop(i)
		default:
			if _, taken := owners[list[i].Key]; taken {
				e.drop(i)
			} else if at != nil {
				length := len(list[i].Key) + len(".")
				w.group += length
				edited(w, &e, i, at)
				w.group -= length
			} else {
				e.keep(i)
			}
		}
	}
	return e.result()
}

// target is the key that an attribute gets in its own group.
func (w *renaming) target(at *names[newName]) (key string, here bool) {
	if at == nil || !at.named {
		return "", false
	}
	key, here = strings.CutPrefix(at.value.to, at.value.from[:w.group])
	return key, here && key != ""
}

// owners says for each new key of the list which attribute gets it.
func (w *renaming) owners(list []slog.Attr, n *names[newName]) map[string]int {
	var owners map[string]int
	for i := range list {
		if key, here := w.target(n.at(list[i].Key)); here {
			if owners == nil {
				owners = make(map[string]int)
			}
			owners[key] = i
		}
	}
	return owners
}

// appendMoved puts what moved at the end; what has such a key already gives way.
func (w *renaming) appendMoved(list []slog.Attr) []slog.Attr {
	all := extended(list, w.moved...)
	kept := all[:0]
	for i, a := range all {
		later := all[max(i+1, len(list)):]
		if !slices.ContainsFunc(later, func(b slog.Attr) bool { return b.Key == a.Key }) {
			kept = append(kept, a)
		}
	}
	return kept
}
