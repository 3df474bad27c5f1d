package console

import (
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// Format is how AppendText writes.
type Format struct {
	Color    bool
	Location *time.Location // nil: time.Local
}

// Times on a terminal leave the date out: it is today's.
const (
	plainTime = "2006-01-02 15:04:05.000"
	colorTime = "15:04:05.000"
)

const levelWidth = 5 // of "TRACE"

// AppendText appends a record as a line with its newline, followed by the indented
// further lines of its message and its stack trace.
//
//	2026-11-20 10:00:00.000 INFO  shop order placed order=4711 (main.go:12)
func AppendText(b []byte, r *record.Record, f Format) []byte {
	p := painter{b: b, on: f.Color}
	if r.Kind == record.KindDivider {
		return p.divider(r.Message)
	}
	p.time(r.Time, f)
	p.level(r)
	if r.Logger != "" {
		p.paint(cyan)
		p.b = appendEscaped(p.b, r.Logger)
		p.unpaint()
		p.b = append(p.b, ' ')
	}
	first, rest, _ := strings.Cut(strings.TrimRight(r.Message, "\r\n"), "\n")
	if r.Severity >= record.SeverityError {
		p.paint(bold)
	}
	p.b = appendEscaped(p.b, strings.TrimSuffix(first, "\r"))
	p.unpaint()

	var place source
	stack := ""
	for _, a := range r.Attrs {
		switch {
		case place.take(a):
		case a.Key == nameOf(record.FieldStackTrace) && a.Value.Kind() == slog.KindString:
			stack = a.Value.String()
		default:
			p.attr("", a)
		}
	}
	for _, id := range [...]struct{ key, value string }{{nameOf(record.FieldTraceID), r.TraceID}, {nameOf(record.FieldSpanID), r.SpanID}} {
		if id.value != "" {
			p.attr("", slog.String(id.key, id.value))
		}
	}
	p.source(place)
	p.b = append(p.b, '\n')
	p.lines(rest)
	p.lines(stack)
	return p.b
}

func nameOf(id record.FieldID) string { return record.Fields[id].Name }

// source is the place of the call, which is shown short and last.
type source struct {
	file string
	line int64
}

// take takes the attributes of the place out; the function is told by the file and
// line.
func (s *source) take(a slog.Attr) bool {
	switch {
	case a.Key == nameOf(record.FieldFilePath) && a.Value.Kind() == slog.KindString:
		s.file = a.Value.String()
	case a.Key == nameOf(record.FieldLineNumber) && a.Value.Kind() == slog.KindInt64:
		s.line = a.Value.Int64()
	case a.Key == nameOf(record.FieldFunctionName) && a.Value.Kind() == slog.KindString:
	default:
		return false
	}
	return true
}

func (s source) short() string { return filepath.Base(filepath.ToSlash(s.file)) }
