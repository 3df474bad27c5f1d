package format

import (
	"log/slog"
	"slices"

	"github.com/weirlog/weir/record"
)

// appendAttrs appends what %(attrs)s stands for: every attribute that the layout
// does not name, and the ids of the trace, but for the place of the call, which has
// names of its own.
func (f *textForm) appendAttrs(b []byte, r *record.Record) []byte {
	start := len(b)
	p := painter{b: b, on: f.color, theme: &f.theme}
	add := func(a slog.Attr) {
		if f.o.Attrs == AttrsPairs {
			p.attr("", a, len(p.b) == start)
			return
		}
		separator := byte(',')
		if len(p.b) == start {
			separator = '{'
		}
		p.b = append(p.b, separator)
		p.b = record.AppendValue(p.b, slog.StringValue(a.Key))
		p.b = append(p.b, ':')
		p.b = record.AppendValue(p.b, a.Value)
	}
	var at place
	for _, a := range r.Attrs {
		if !at.take(a) && !f.hasPlaceFor(a.Key) {
			add(a)
		}
	}
	if id := nameOf(record.FieldTraceID); r.TraceID != "" && !f.hasPlaceFor(id) {
		add(slog.String(id, r.TraceID))
	}
	if id := nameOf(record.FieldSpanID); r.SpanID != "" && !f.hasPlaceFor(id) {
		add(slog.String(id, r.SpanID))
	}
	switch {
	case len(p.b) == start:
		return append(p.b, f.o.Missing...)
	case f.o.Attrs == AttrsJSON:
		p.b = append(p.b, '}')
		return escapeJSON(p.b, start, false)
	}
	return p.b
}

// hasPlaceFor reports whether the attribute of that name is written elsewhere.
func (f *textForm) hasPlaceFor(key string) bool {
	return slices.Contains(f.named, key) || f.o.MultiLine == MultiLineIndent && key == nameOf(record.FieldStackTrace)
}
