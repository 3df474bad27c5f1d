package format

import (
	"log/slog"
	"strconv"
	"strings"

	"github.com/weirlog/weir/record"
)

// painter appends the parts of a line, in colour or not.
type painter struct {
	b       []byte
	on      bool
	theme   *Theme
	painted bool
}

func (p *painter) paint(s Style) {
	if p.on && s.escape != "" {
		p.b = append(p.b, s.escape...)
		p.painted = true
	}
}

func (p *painter) unpaint() {
	if p.painted {
		p.b = append(p.b, resetStyle...)
		p.painted = false
	}
}

// attr appends key=value; groups become dotted keys, each pair after a space. first
// leaves the space out.
func (p *painter) attr(prefix string, a slog.Attr, first bool) {
	if group := a.Value; group.Kind() == slog.KindGroup && len(group.Group()) > 0 {
		key := join(prefix, a.Key)
		for i, inner := range group.Group() {
			p.attr(key, inner, first && i == 0)
		}
		return
	}
	if !first {
		p.b = append(p.b, ' ')
	}
	p.paint(p.theme.Key)
	p.b = appendWord(p.b, join(prefix, a.Key))
	p.b = append(p.b, '=')
	p.unpaint()
	if a.Value.Kind() == slog.KindString {
		p.b = appendWord(p.b, a.Value.String())
	} else {
		p.b = appendValue(p.b, a.Value)
	}
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// appendValue appends a value that is not a text as it stands in JSON, without
// quotes around it.
func appendValue(b []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case slog.KindDuration:
		return append(b, v.Duration().String()...)
	case slog.KindTime:
		return record.AppendTime(b, v.Time())
	}
	start := len(b)
	b = record.AppendValue(b, v)
	if n := len(b); n-start >= 2 && b[start] == '"' {
		n = copy(b[start:], b[start+1:n-1])
		b = b[:start+n]
	}
	return reescape(b, start)
}

// lines appends text indented, each line ended.
func (p *painter) lines(text string) {
	text = trimEnd(text)
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.b = append(p.b, indentation...)
		p.paint(p.theme.Further)
		p.b = appendEscaped(p.b, strings.TrimSuffix(line, "\r"))
		p.unpaint()
		p.b = append(p.b, '\n')
	}
}
