package console

import (
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// painter appends the parts of a line, in colour or not.
type painter struct {
	b       []byte
	on      bool
	painted bool
}

func (p *painter) paint(color string) {
	if p.on {
		p.b = append(p.b, color...)
		p.painted = true
	}
}

func (p *painter) unpaint() {
	if p.painted {
		p.b = append(p.b, reset...)
		p.painted = false
	}
}

func (p *painter) time(t time.Time, f Format) {
	if t.IsZero() {
		return
	}
	layout := plainTime
	if p.on {
		layout = colorTime
	}
	location := f.Location
	if location == nil {
		location = time.Local
	}
	p.paint(dim)
	p.b = t.In(location).AppendFormat(p.b, layout)
	p.unpaint()
	p.b = append(p.b, ' ')
}

func (p *painter) level(r *record.Record) {
	text := r.LevelText()
	p.paint(levelColor(r.Severity))
	p.b = appendEscaped(p.b, text)
	p.unpaint()
	for n := len(text); n < levelWidth; n++ {
		p.b = append(p.b, ' ')
	}
	p.b = append(p.b, ' ')
}

func (p *painter) divider(label string) []byte {
	const dashes = "────────"
	p.paint(dim)
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

// attr appends key=value; groups become dotted keys.
func (p *painter) attr(prefix string, a slog.Attr) {
	key := a.Key
	if prefix != "" {
		key = prefix + "." + key
	}
	if group := a.Value; group.Kind() == slog.KindGroup && len(group.Group()) > 0 {
		for _, inner := range group.Group() {
			p.attr(key, inner)
		}
		return
	}
	p.b = append(p.b, ' ')
	p.paint(grey)
	p.b = appendWord(p.b, key)
	p.b = append(p.b, '=')
	p.unpaint()
	switch a.Value.Kind() {
	case slog.KindString:
		p.b = appendWord(p.b, a.Value.String())
	case slog.KindInt64:
		p.b = strconv.AppendInt(p.b, a.Value.Int64(), 10)
	default:
		p.b = appendEscaped(p.b, strings.Trim(string(record.AppendValue(nil, a.Value)), `"`))
	}
}

func (p *painter) source(s source) {
	if s.file == "" {
		return
	}
	p.b = append(p.b, ' ')
	p.paint(dim)
	p.b = append(p.b, '(')
	p.b = appendEscaped(p.b, s.short())
	p.b = append(p.b, ':')
	p.b = strconv.AppendInt(p.b, s.line, 10)
	p.b = append(p.b, ')')
	p.unpaint()
}

// lines appends text indented, each line ended.
func (p *painter) lines(text string) {
	text = strings.TrimRight(text, "\r\n")
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.b = append(p.b, "    "...)
		p.paint(dim)
		p.b = appendEscaped(p.b, strings.TrimSuffix(line, "\r"))
		p.unpaint()
		p.b = append(p.b, '\n')
	}
}

// appendWord appends s, in quotes when it would not be one word.
func appendWord(b []byte, s string) []byte {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool {
		return r == ' ' || r == '"' || r == '=' || r == '\\' || !unicode.IsPrint(r) || r == utf8.RuneError
	}) {
		return strconv.AppendQuote(b, s)
	}
	return append(b, s...)
}

// appendEscaped appends s with everything escaped that is not printed, but for
// tabs: escape sequences, carriage returns, newlines, marks that turn the
// direction of writing, invalid bytes.
func appendEscaped(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != 0x7F || c == '\t' {
			b = append(b, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
			quoted := strconv.Quote(s[i : i+n])
			b = append(b, quoted[1:len(quoted)-1]...)
		} else {
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return b
}
