package format

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/weirlog/weir/record"
)

// MultiLine says what becomes of the line ends in a record's texts. Those at the end
// of a text are left out either way.
type MultiLine uint8

// What becomes of line ends.
const (
	// MultiLineEscape writes them as \n: a record is one line, and none can forge
	// another.
	MultiLineEscape MultiLine = iota
	// MultiLineIndent writes them, and indents what follows by four spaces. A stack
	// trace that the layout does not name then follows the line.
	MultiLineIndent
)

// AttrsForm is how %(attrs)s writes.
type AttrsForm uint8

// The forms of %(attrs)s.
const (
	AttrsPairs AttrsForm = iota // order=4711 user.plan=pro note="two words"
	AttrsJSON                   // {"order":4711,"user":{"plan":"pro"},"note":"two words"}
)

// TextOptions say how Text writes. The zero value is what Python's logging does.
type TextOptions struct {
	// DateFormat is how %(asctime)s writes, in the directives of ParseTimeFormat.
	// Default: Python's, 2006-01-02 15:04:05,123.
	DateFormat string
	// Location is the zone of %(asctime)s. Default time.Local, as Python's.
	Location *time.Location
	// Levels are the names of levels.
	Levels LevelNames
	// MultiLine says what becomes of line ends in a record.
	MultiLine MultiLine
	// Attrs is how %(attrs)s writes.
	Attrs AttrsForm
	// Missing stands where a record does not have what the layout names. Default:
	// nothing.
	Missing string
	// Started is the time that %(relativeCreated)d counts from. Default: when the
	// form was made.
	Started time.Time

	Color Color
	// Theme is the styles, where colours are on. Default: those of DefaultTheme.
	Theme *Theme
	// ColorFields are the names in the layout that are written in the colour of the
	// record's level. Default: level and levelname.
	ColorFields []string
}

// Text returns the form that a layout describes, in the way of Python's logging:
// text, and conversions as %(levelname)-8s, which stand for parts of the record.
// [Names] lists the names; a name that is a slip or two of the keyboard away from one is
// an error. Each record ends its line, whether the layout ends with a
// newline or not.
//
// A conversion is %(name), any of the flags - 0 + space #, a width, a precision
// after a dot, and what to write: s the text; r and a the text in quotes; d, i, u, o,
// x, X an integer; e, E, f, F, g, G a number. %% is a percent sign. What is not a
// number is written as text where a number was asked for, and padded to the same
// width. Widths count characters.
func Text(layout string, o TextOptions) (Formatter, error) {
	f := &textForm{o: o, theme: themeOr(o.Theme), time: TimeFormat{parts: pythonTime}, zone: o.Location, started: o.Started}
	if o.DateFormat != "" {
		var err error
		if f.time, err = ParseTimeFormat(o.DateFormat); err != nil {
			return nil, err
		}
	}
	if f.zone == nil {
		f.zone = time.Local
	}
	if f.started.IsZero() {
		f.started = time.Now()
	}
	if f.o.ColorFields == nil {
		f.o.ColorFields = []string{"level", "levelname"}
	}
	var err error
	if f.pieces, f.end, err = parseLayout(layout); err != nil {
		return nil, err
	}
	for i := range f.pieces {
		p := &f.pieces[i]
		f.named = append(f.named, attrOf(p.name))
		p.colored = slices.Contains(f.o.ColorFields, p.name)
	}
	for _, name := range o.ColorFields {
		if !slices.ContainsFunc(f.pieces, func(p piece) bool { return p.name == name }) {
			return nil, fmt.Errorf("layout %q: the field %q is to be coloured but is not in the layout", layout, name)
		}
	}
	f.color = o.Color.resolve(false)
	return f, nil
}

// textForm is immutable.
type textForm struct {
	o       TextOptions
	pieces  []piece
	end     string   // what follows the last conversion, with the line's end
	named   []string // the attributes that the layout has places for
	time    TimeFormat
	zone    *time.Location
	started time.Time
	theme   Theme
	color   bool
}

var _ Colorable = (*textForm)(nil)

// InColor implements Colorable.
func (f *textForm) InColor(on bool) Formatter {
	c := *f
	c.color = f.o.Color.resolve(on)
	return &c
}

// Append implements Formatter.
func (f *textForm) Append(b []byte, r *record.Record) []byte {
	for i := range f.pieces {
		p := &f.pieces[i]
		b = append(b, p.before...)
		start := len(b)
		if f.color && p.colored {
			b = append(b, f.theme.level(r.Severity).escape...)
		}
		inside := len(b)
		b = f.appendPiece(b, p, r)
		b = p.spec.cut(b, inside)
		missing := p.spec.missing(b[inside:])
		if inside > start {
			b = append(b, resetStyle...)
		}
		b = p.spec.pad(b, start, missing)
	}
	b = append(b, f.end...)
	if f.o.MultiLine == MultiLineIndent {
		b = f.appendStack(b, r)
	}
	return b
}

func (f *textForm) appendPiece(b []byte, p *piece, r *record.Record) []byte {
	switch p.name {
	case "asctime":
		if !r.Time.IsZero() {
			return f.time.Append(b, r.Time.In(f.zone))
		}
		return append(b, f.o.Missing...)
	case "attrs", "context":
		return f.appendAttrs(b, r)
	}
	v := p.get(f, r)
	if v.Kind() == slog.KindAny && v.Any() == nil {
		return append(b, f.o.Missing...)
	}
	if p.spec.numeric() {
		if number, ok := p.spec.appendNumber(b, v); ok {
			return number
		}
	}
	if v.Kind() != slog.KindString {
		return appendValue(b, v)
	}
	text := trimEnd(v.String())
	switch {
	case p.spec.quoted():
		return p.spec.appendQuoted(b, text)
	case f.o.MultiLine == MultiLineIndent && p.spec.precision < 0: // a cut may fall into the indentation
		return appendIndented(b, text)
	}
	return appendEscaped(b, text)
}

// appendStack appends the stack trace below the line.
func (f *textForm) appendStack(b []byte, r *record.Record) []byte {
	if slices.Contains(f.named, nameOf(record.FieldStackTrace)) {
		return b
	}
	v, _ := r.Lookup(nameOf(record.FieldStackTrace))
	if v.Kind() != slog.KindString {
		return b
	}
	p := painter{b: b, on: f.color, theme: &f.theme}
	p.lines(v.String())
	return p.b
}
