package format

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// ConsoleOptions say how Console writes. The zero value is what a terminal shows.
type ConsoleOptions struct {
	Color Color
	// Theme is the styles of the parts, where colours are on. Default: those of
	// DefaultTheme.
	Theme *Theme
	// Time is how times are written, as ParseTimeFormat reads it. Default: the time
	// of day with milliseconds in colour, with the date before it otherwise.
	Time TimeFormat
	// Location is the zone of times. Default time.Local.
	Location *time.Location
	NoTime   bool // leaves the time out, as for a journal that adds its own
	NoSource bool // leaves file and line out
}

// Console returns the form that the console sink has unless told otherwise: a line,
// then the further lines of the message and the stack trace, indented. What repeats the
// line is left out: error_chain, and checkpoint where the message is that name.
//
//	2026-11-20 10:00:00.000 INFO  shop order placed order=4711 (main.go:12)
func Console(o ConsoleOptions) Formatter {
	return newConsole(o, o.Color.resolve(false))
}

type consoleForm struct {
	o     ConsoleOptions
	color bool
	theme Theme
	time  TimeFormat
	zone  *time.Location
}

var _ Colorable = (*consoleForm)(nil)

func newConsole(o ConsoleOptions, color bool) *consoleForm {
	f := &consoleForm{o: o, color: color, theme: themeOr(o.Theme), time: o.Time, zone: o.Location}
	if f.zone == nil {
		f.zone = time.Local
	}
	if f.time.isZero() {
		f.time = TimeFormat{parts: longTime}
		if color { // the date is today's
			f.time = TimeFormat{parts: shortTime}
		}
	}
	return f
}

// InColor implements Colorable.
func (f *consoleForm) InColor(on bool) Formatter { return newConsole(f.o, f.o.Color.resolve(on)) }

// levelWidth is that of "TRACE".
const levelWidth = 5

// Append implements Formatter.
func (f *consoleForm) Append(b []byte, r *record.Record) []byte {
	p := painter{b: b, on: f.color, theme: &f.theme}
	if r.Kind == record.KindDivider {
		return p.divider(r.Message)
	}
	if !f.o.NoTime && !r.Time.IsZero() {
		p.paint(f.theme.Time)
		p.b = f.time.Append(p.b, r.Time.In(f.zone))
		p.unpaint()
		p.b = append(p.b, ' ')
	}
	p.level(r)
	if r.Logger != "" {
		p.paint(f.theme.Logger)
		p.b = appendEscaped(p.b, r.Logger)
		p.unpaint()
		p.b = append(p.b, ' ')
	}
	first, rest, _ := strings.Cut(trimEnd(r.Message), "\n")
	if r.Severity >= record.SeverityError {
		p.paint(f.theme.Loud)
	}
	p.b = appendEscaped(p.b, strings.TrimSuffix(first, "\r"))
	p.unpaint()

	var at place
	stack := ""
	for _, a := range r.Attrs {
		switch {
		case at.take(a):
		case a.Key == nameOf(record.FieldStackTrace) && a.Value.Kind() == slog.KindString:
			stack = a.Value.String()
		case repeats(r, a):
		default:
			p.attr("", a, false)
		}
	}
	p.ids(r)
	if !f.o.NoSource {
		p.source(at)
	}
	p.b = append(p.b, '\n')
	p.lines(rest)
	p.lines(stack)
	return p.b
}

// errorChain is the attribute that lists an error and those within it.
const errorChain = "error_chain"

// repeats reports whether an attribute says to people what the line says already: the
// chain of an error, whose text is in the attribute error, and the name of a
// checkpoint that is the message.
func repeats(r *record.Record, a slog.Attr) bool {
	switch a.Key {
	case errorChain:
		return true
	case "checkpoint":
		return r.Kind == record.KindCheckpoint && a.Value.Kind() == slog.KindString && a.Value.String() == r.Message
	}
	return false
}

func (p *painter) level(r *record.Record) {
	text := r.LevelText()
	p.paint(p.theme.level(r.Severity))
	p.b = appendEscaped(p.b, text)
	p.unpaint()
	for n := len(text); n < levelWidth; n++ {
		p.b = append(p.b, ' ')
	}
	p.b = append(p.b, ' ')
}

func (p *painter) divider(label string) []byte {
	const dashes = "────────"
	p.paint(p.theme.Divider)
	p.b = append(p.b, dashes...)
	if label != "" {
		p.b = append(p.b, ' ')
		p.b = appendEscaped(p.b, strings.ReplaceAll(label, "\n", " "))
		p.b = append(p.b, ' ')
	}
	p.b = append(p.b, dashes...)
	p.unpaint()
	return append(p.b, '\n')
}

// ids appends the trace's and the span's id as attributes.
func (p *painter) ids(r *record.Record) {
	if r.TraceID != "" {
		p.attr("", slog.String(nameOf(record.FieldTraceID), r.TraceID), false)
	}
	if r.SpanID != "" {
		p.attr("", slog.String(nameOf(record.FieldSpanID), r.SpanID), false)
	}
}

func (p *painter) source(at place) {
	if at.file == "" {
		return
	}
	p.b = append(p.b, ' ')
	p.paint(p.theme.Source)
	p.b = append(p.b, '(')
	p.b = appendEscaped(p.b, baseName(at.file))
	p.b = append(p.b, ':')
	p.b = strconv.AppendInt(p.b, at.line, 10)
	p.b = append(p.b, ')')
	p.unpaint()
}
