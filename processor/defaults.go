package processor

import (
	"log/slog"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Defaults adds attributes where a record has none of that name: neither such an
// attribute, null or not, nor a field (service, trace_id) that is filled. A dotted name
// that is in no group is added as it is, which a search finds alike. The attributes' values
// must be of the kinds that package record lists. It may stand in several places.
func Defaults(attrs ...slog.Attr) weir.Processor {
	p := &addDefaults{}
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		p.attrs = append(p.attrs, a)
	}
	return p
}

type addDefaults struct{ attrs []slog.Attr }

func (*addDefaults) String() string { return "defaults" }

func (p *addDefaults) Process(r *record.Record, emit func(record.Record)) error {
	out := r.Attrs
	for i, a := range p.attrs {
		if has(r, a.Key) {
			continue
		}
		if len(out) == len(r.Attrs) { // the first that is missing: a copy with room for all
			out = make([]slog.Attr, len(r.Attrs), len(r.Attrs)+len(p.attrs)-i)
			copy(out, r.Attrs)
		}
		out = append(out, a)
	}
	r.Attrs = out
	emit(*r)
	return nil
}

// has reports whether a record has something of that name.
func has(r *record.Record, name string) bool {
	for i := range r.Attrs {
		if r.Attrs[i].Key == name {
			return true
		}
	}
	v, ok := r.Lookup(name)
	return ok && (v.Kind() != slog.KindString || v.String() != "")
}
