package format

import (
	"log/slog"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// JSONOptions say how JSON writes. The zero value is one record a line, as
// record.AppendJSON has it and docs/wire.md describes it.
type JSONOptions struct {
	// Indent is the number of spaces for each level of nesting; a record then takes
	// several lines, which programs that read JSON lines do not understand. Default
	// 0: one line. At most MaxIndent.
	Indent int
	// SortKeys puts the keys of each object in the order of their bytes.
	SortKeys bool
	// ASCII writes every other character as \uXXXX.
	ASCII bool
	// SkipKeys are fields and attributes to leave out, by dotted name: source_id,
	// user.password.
	SkipKeys []string
	// Prefix writes the record as a line, and JSON then writes only the attributes,
	// below it, if there are any:
	//
	//	2024-01-01 12:00:00 - INFO - user signed in:
	//	{
	//	  "user_id": 123
	//	}
	//
	// The place of the call is not among them: Prefix has names for it.
	Prefix Formatter
}

// MaxIndent is more than anybody reads; it bounds what a mistyped setting costs.
const MaxIndent = 16

// JSON returns the form for machines. Numbers that are not finite are the texts NaN,
// Infinity and -Infinity; a value that JSON does not have is its text.
func JSON(o JSONOptions) Formatter {
	o.Indent = min(max(o.Indent, 0), MaxIndent)
	return &jsonForm{o: o, rewrites: o.Indent > 0 || o.SortKeys || len(o.SkipKeys) > 0}
}

type jsonForm struct {
	o        JSONOptions
	rewrites bool // what AppendJSON writes
}

var _ Colorable = (*jsonForm)(nil)

// InColor implements Colorable: the prefix may have colours.
func (f *jsonForm) InColor(on bool) Formatter {
	prefix, ok := f.o.Prefix.(Colorable)
	if !ok {
		return f
	}
	c := *f
	c.o.Prefix = prefix.InColor(on)
	return &c
}

// Append implements Formatter.
func (f *jsonForm) Append(b []byte, r *record.Record) []byte {
	if f.o.Prefix == nil {
		start := len(b)
		b = record.AppendJSON(b, r)
		return append(f.finish(b, start, true), '\n')
	}
	b = f.o.Prefix.Append(b, r)
	attrs := below(r)
	if len(attrs) == 0 {
		return b
	}
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	b = append(b, ":\n"...)
	start := len(b)
	b = record.AppendAttrs(b, attrs)
	return append(f.finish(b, start, false), '\n')
}

// below returns what stands below the prefix: the attributes but for the place of
// the call, and the ids of the trace.
func below(r *record.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, len(r.Attrs)+2)
	var at place
	for _, a := range r.Attrs {
		if !at.take(a) {
			attrs = append(attrs, a)
		}
	}
	if r.TraceID != "" {
		attrs = append(attrs, slog.String(nameOf(record.FieldTraceID), r.TraceID))
	}
	if r.SpanID != "" {
		attrs = append(attrs, slog.String(nameOf(record.FieldSpanID), r.SpanID))
	}
	return attrs
}

// finish gives the JSON that begins at start its form; whole says that it is a
// record, with its attributes under metadata.
func (f *jsonForm) finish(b []byte, start int, whole bool) []byte {
	if f.rewrites {
		end := len(b)
		w := jsonWriter{indent: f.o.Indent, sort: f.o.SortKeys, skip: f.o.SkipKeys, whole: whole}
		b = w.value(b, b[start:end:end], 0, "")
		n := copy(b[start:], b[end:])
		b = b[:start+n]
	}
	if f.o.ASCII {
		b = escapeJSON(b, start, true)
	}
	return b
}

// escapeJSON escapes, in the JSON that begins at start, the characters that are not
// printed, or all that are not ASCII. They can stand inside texts only.
func escapeJSON(b []byte, start int, all bool) []byte {
	for i := start; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if kept(r, n, all) {
			i += n
			continue
		}
		rest := string(b[i:])
		b = b[:i]
		for len(rest) > 0 {
			r, n := utf8.DecodeRuneInString(rest)
			if kept(r, n, all) {
				b = append(b, rest[:n]...)
			} else {
				b = appendUnicode(b, r)
			}
			rest = rest[n:]
		}
		return b
	}
	return b
}

func kept(r rune, n int, all bool) bool {
	if r < 0x7F { // newlines are indentation: in texts they are escaped already
		return true
	}
	return !all && printed(r, n)
}

// appendUnicode appends \uXXXX, twice for a character beyond 16 bits.
func appendUnicode(b []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	unit := func(u rune) {
		b = append(b, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
	}
	if r > 0xFFFF {
		r -= 0x10000
		unit(0xD800 + r>>10)
		unit(0xDC00 + r&0x3FF)
		return b
	}
	unit(r)
	return b
}
