package processor

import (
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// StripOptions say what StripMarkup removes besides what a terminal acts on.
type StripOptions struct {
	// Rich removes Rich's tags from the message: whatever stands in square brackets,
	// as "[bold]" and "[/]", also where it was no tag. DefaultReplacement stays, so that
	// Redact may stand before it; with another replacement in brackets, let Redact stand
	// behind it.
	Rich bool
}

// StripMarkup removes from the message and from texts in attributes what a terminal
// acts on: escape sequences, such as those of colours, and control characters but
// newline and tab. It may stand in several places.
func StripMarkup(o StripOptions) weir.Processor { return stripMarkup{o} }

type stripMarkup struct{ o StripOptions }

func (stripMarkup) String() string { return "strip_markup" }

func (p stripMarkup) Process(r *record.Record, emit func(record.Record)) error {
	r.Message = stripControl(r.Message)
	if p.o.Rich {
		r.Message = stripRich(r.Message)
	}
	r.Attrs, _ = stripAttrs(r.Attrs)
	emit(*r)
	return nil
}

func stripAttrs(list []slog.Attr) ([]slog.Attr, bool) {
	e := edit[slog.Attr]{from: list}
	for i := range list {
		if v, changed := stripValue(list[i].Value); changed {
			e.set(i, slog.Attr{Key: list[i].Key, Value: v})
		} else {
			e.keep(i)
		}
	}
	return e.result()
}

func stripValue(v slog.Value) (slog.Value, bool) {
	switch v.Kind() {
	case slog.KindString:
		if text := v.String(); hasControl(text) {
			return slog.StringValue(stripControl(text)), true
		}
	case slog.KindGroup:
		if list, changed := stripAttrs(v.Group()); changed {
			return slog.GroupValue(list...), true
		}
	case slog.KindAny:
		list, ok := v.Any().([]slog.Value)
		if !ok {
			break
		}
		e := edit[slog.Value]{from: list}
		for i := range list {
			if element, changed := stripValue(list[i]); changed {
				e.set(i, element)
			} else {
				e.keep(i)
			}
		}
		if list, changed := e.result(); changed {
			return slog.AnyValue(list), true
		}
	}
	return v, false
}

// stripRich removes what the expression \[/?[^\]]*\] matches, but not what Redact has
// put there.
func stripRich(s string) string {
	open := strings.IndexByte(s, '[')
	if open < 0 {
		return s
	}
	var b strings.Builder
	for {
		length := strings.IndexByte(s[open:], ']') + 1
		if length == 0 {
			break
		}
		b.WriteString(s[:open])
		if strings.HasSuffix(s[open:open+length], DefaultReplacement) { // alone, or within a tag
			b.WriteString(DefaultReplacement)
		}
		s = s[open+length:]
		if open = strings.IndexByte(s, '['); open < 0 {
			break
		}
	}
	b.WriteString(s)
	return b.String()
}

// isControl reports whether a rune is one that a terminal acts on.
func isControl(c rune) bool {
	return c < ' ' && c != '\n' && c != '\t' || c >= 0x7F && c < 0xA0
}

func hasControl(s string) bool {
	for i := range len(s) {
		// 0xC2 begins the runes from 0x80 to 0x9F, and others.
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c == 0x7F || c == 0xC2 {
			return true
		}
	}
	return false
}

// stripControl removes escape sequences and control characters.
func stripControl(s string) string {
	if !hasControl(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case c == '\x1b' || c == '\u009b' || c == '\u009d' || c == '\u0090':
			i += sequence(s[i:], c, size)
		case isControl(c):
			i += size
		default:
			b.WriteString(s[i : i+size])
			i += size
		}
	}
	return b.String()
}
