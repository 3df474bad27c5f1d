package config

import (
	"github.com/weirlog/weir/format"
)

// formatMaker makes a format for one place.
type formatMaker func() (format.Formatter, error)

// Format returns the func that makes the format below a key, a name or an object
// with a type; nil when the key is absent or wrong.
func (s *Section) Format(key string) func() (format.Formatter, error) {
	n := s.find(key)
	if n == nil {
		return nil
	}
	if n.Kind == KindText {
		n = &Node{Kind: KindObject, Line: n.Line, Column: n.Column, Origin: n.Origin, Members: []Member{{Key: "type", Line: n.Line, Column: n.Column, Value: *n}}}
	}
	if n.Kind != KindObject {
		s.refuse(n, s.join(key), n.show()+" is not a format", "write its name, or an object with a type")
		return nil
	}
	return readFormat(newSection(n, s.join(key), s.report, s.with))
}

func readFormat(s *Section) formatMaker {
	kind := s.of("type", KindText, "")
	if kind == nil {
		if !s.Has("type") {
			s.Refuse("", "the format has no type", didYouMean("", names(s.with.formats)))
		}
		return nil
	}
	build, ok := s.with.formats[kind.Text]
	if !ok {
		s.refuse(kind, s.join("type"), "there is no format "+kind.show(), didYouMean(kind.Text, names(s.with.formats)))
		return nil
	}
	s.note("type", kind.Text, kind)
	m := build(s)
	s.unknown()
	if !s.good() {
		return nil
	}
	if m == nil {
		s.Refuse("type", "the builder of "+kind.Text+" made nothing", "a FormatBuilder returns a func, or refuses a key")
		return nil
	}
	if f, err := m(); err != nil {
		s.refuse(s.node, s.path, err.Error(), "")
		return nil
	} else if f == nil {
		s.refuse(s.node, s.path, "the format "+kind.Text+" cannot be made", "")
		return nil
	}
	return m
}
