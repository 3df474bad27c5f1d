package loki

import (
	"log/slog"

	"github.com/weirlog/weir/record"
)

// picked are labels, and which of them give fields.
type picked struct {
	labels []label
	choice *choice
}

// label returns the label that gives a field.
func (p picked) label(m meaning) (l label, ok bool) {
	if p.choice.at[m] == 0 {
		return l, false
	}
	return p.labels[p.choice.at[m]-1], true
}

// give sets a field that is empty. A label that says something else than the field
// stays an attribute.
func (p picked) give(field *string, m meaning, attrs *mixer) {
	l, ok := p.label(m)
	switch {
	case !ok || *field == l.value:
	case *field == "":
		*field = l.value
	default:
		attrs.add(slog.String(l.name, l.value))
	}
}

// setLevel takes the level from the entry's metadata, else from the stream's labels:
// somebody chose to set it. The line's own is kept beside it where it is another one,
// and is better than one that was only guessed of it.
func (s *stream) setLevel(r *record.Record, metadata []label, c *choice, attrs *mixer) {
	own, ok := picked{metadata, c}.label(meansLevel)
	common, both := picked{s.labels, &s.choice}.label(meansLevel)
	switch {
	case !ok && !both:
		return
	case !ok:
		own = common
	case both && common.value != own.value:
		attrs.add(slog.String(common.name, common.value))
	}
	severity, known := record.ParseLevel(own.value)
	line := r.LevelText()
	switch {
	case line == "" && (known || own.name != levelGuessed):
		r.Severity, r.Level = 0, own.value // an alias that says more is kept when it is normalized
	case !known || own.name == levelGuessed:
		if line != own.value {
			attrs.add(slog.String(own.name, own.value))
		}
	case severity.Level() != line:
		attrs.add(slog.String(attrLineLevel, line))
		r.Severity, r.Level = 0, own.value
	}
}
