package syslog

import (
	"log/slog"
	"strings"

	"github.com/weirlog/weir/record"
)

// readStructuredData reads STRUCTURED-DATA into attributes, a group for each element,
// and returns what is behind it. From an element on that is broken, all is text.
func (m *message) readStructuredData(s string) (rest string) {
	if s == "-" || strings.HasPrefix(s, "- ") {
		return strings.TrimPrefix(s[1:], " ")
	}
	if !strings.HasPrefix(s, "[") {
		m.repair("message", "the header has no structured data")
		return s
	}
	var elements []slog.Attr
	for strings.HasPrefix(s, "[") {
		a, after, ok := element(s)
		if !ok {
			m.repair("message", "the structured data is broken, its rest is kept here")
			m.attrs = append(m.attrs, listed(elements)...)
			return s
		}
		elements = append(elements, a)
		s = after
	}
	m.attrs = append(m.attrs, listed(elements)...)
	return strings.TrimPrefix(s, " ")
}

// element reads [SD-ID name="value" …].
func element(s string) (a slog.Attr, rest string, ok bool) {
	end := strings.IndexAny(s, " ]")
	if end < 2 || strings.ContainsAny(s[1:end], `="`) {
		return slog.Attr{}, s, false
	}
	id := s[1:end]
	var params []slog.Attr
	for s = s[end:]; ; {
		s = skipSpaces(s)
		if strings.HasPrefix(s, "]") {
			break
		}
		name, after, found := strings.Cut(s, `="`)
		if !found || name == "" || strings.ContainsAny(name, " ]\"") {
			return slog.Attr{}, s, false
		}
		value, after, found := quoted(after)
		if !found {
			return slog.Attr{}, s, false
		}
		params = append(params, slog.String(name, value))
		s = after
	}
	if params == nil {
		return slog.Attr{Key: id, Value: record.EmptyObject()}, s[1:], true
	}
	return slog.Attr{Key: id, Value: slog.GroupValue(listed(params)...)}, s[1:], true
}

// quoted reads a value up to its closing quote. A backslash that escapes nothing
// stands for itself, as RFC 5424 has it.
func quoted(s string) (value, rest string, ok bool) {
	end := strings.IndexAny(s, `"\`)
	if end < 0 {
		return "", s, false
	}
	if s[end] == '"' {
		return s[:end], s[end+1:], true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], true
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", s, false
}

// fewKeys is up to how many attributes a look at each pair is faster than a map.
const fewKeys = 8

// listed makes a list of the values of each key that is there more than once: RFC 5424
// lets a parameter come again, such as the ip of origin.
func listed(attrs []slog.Attr) []slog.Attr {
	if !keyTwice(attrs) {
		return attrs
	}
	at := make(map[string]int, len(attrs))
	var values [][]slog.Value
	var out []slog.Attr
	for _, a := range attrs {
		i, seen := at[a.Key]
		if !seen {
			i = len(out)
			at[a.Key] = i
			out = append(out, slog.Attr{Key: a.Key})
			values = append(values, nil)
		}
		values[i] = append(values[i], a.Value)
	}
	for i := range out {
		out[i].Value = values[i][0]
		if len(values[i]) > 1 {
			out[i].Value = slog.AnyValue(values[i])
		}
	}
	return out
}

func keyTwice(attrs []slog.Attr) bool {
	if len(attrs) > fewKeys {
		seen := make(map[string]struct{}, len(attrs))
		for _, a := range attrs {
			seen[a.Key] = struct{}{}
		}
		return len(seen) < len(attrs)
	}
	for i := range attrs {
		for j := range i {
			if attrs[i].Key == attrs[j].Key {
				return true
			}
		}
	}
	return false
}
