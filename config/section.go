package config

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/weirlog/weir"
)

// Section is an object of the settings: what a builder reads its part's settings
// from. Its methods return the value of a key, or the fallback when the key is
// absent or wrong; what is wrong is gathered and told all at once. A key that
// nobody asked for is refused as unknown. It is used by one goroutine, and not
// after the builder has returned.
type Section struct {
	node   *Node
	path   string
	report *report
	with   *parts
	known  []string
	secret []string // keys whose values no message shows
	failed int      // problems noted before this section was read
}

func newSection(node *Node, path string, r *report, with *parts) *Section {
	return &Section{node: node, path: path, report: r, with: with, failed: len(r.problems)}
}

// Path is where the section is, as log.sinks.app.
func (s *Section) Path() string { return s.path }

// Has reports whether a key is set.
func (s *Section) Has(key string) bool { return s.find(key) != nil }

// Keys returns the keys that are there, in the order of the file, and takes them as
// known: for an object whose keys are names.
func (s *Section) Keys() []string {
	keys := make([]string, 0, len(s.node.Members))
	for _, m := range s.node.Members {
		keys = append(keys, m.Key)
		s.know(m.Key)
	}
	return keys
}

// Refuse says that the value of a key is wrong, and what to do. With the key ""
// it is about the section.
func (s *Section) Refuse(key, text, hint string) {
	if n := s.find(key); n != nil && slices.Contains(s.secret, key) {
		s.refuseValue(n, s.join(key), text, hint, nil)
		return
	}
	s.refuse(s.find(key), s.join(key), text, hint)
}

// refuseItem is Refuse for an entry of the list below a key.
func (s *Section) refuseItem(key string, i int, text, hint string) {
	s.refuse(&s.find(key).Items[i], s.join(key)+"["+strconv.Itoa(i)+"]", text, hint)
}

func (s *Section) refuse(n *Node, path, text, hint string) {
	if n == nil {
		n = s.node
	}
	var value any
	if n.Kind == KindText || n.Kind == KindNumber || n.Kind == KindBool {
		value = n.Text
	}
	s.refuseValue(n, path, text, hint, value)
}

// refuseValue is refuse with the value to tell; nil for none.
func (s *Section) refuseValue(n *Node, path, text, hint string, value any) {
	_ = s.problem(n, path, text, hint, value) // it is in the report
}

// problem notes what is wrong and returns it, for who knows its layer better.
func (s *Section) problem(n *Node, path, text, hint string, value any) *weir.Error {
	line, column := n.Line, n.Column
	if n.Origin != "" {
		line, column = 0, 0
	}
	e := s.report.refuse(problem{line: line, column: column}, path, text, hint, value)
	s.report.at(e, line, column, n.Origin)
	return e
}

// good reports whether nothing was wrong with the section so far.
func (s *Section) good() bool { return len(s.report.problems) == s.failed }

// unknown refuses the keys that nobody asked for.
func (s *Section) unknown() {
	for i := range s.node.Members {
		m := &s.node.Members[i]
		if !slices.Contains(s.known, m.Key) {
			s.refuseValue(&Node{Line: m.Line, Column: m.Column, Origin: m.Value.Origin}, s.join(m.Key), "there is no such key", didYouMean(m.Key, s.known), nil)
		}
	}
}

func (s *Section) know(key string) {
	if !slices.Contains(s.known, key) {
		s.known = append(s.known, key)
	}
}

// find returns the value of a key and takes it as known.
func (s *Section) find(key string) *Node {
	if key == "" {
		return s.node
	}
	s.know(key)
	return s.node.find(key)
}

// join is the path of a key. A name with dots is quoted, as TOML does.
func (s *Section) join(key string) string {
	if key == "" {
		return s.path
	}
	if strings.ContainsAny(key, ". \"[]") {
		key = strconv.Quote(key)
	}
	return s.path + "." + key
}

// note records the value of a key that is in force.
func (s *Section) note(key, value string, n *Node) {
	origin := originDefault
	if n != nil {
		origin = s.report.where(n.Line, n.Column, n.Origin)
		if origin == "" {
			origin = "file"
		}
	}
	s.report.note(s.join(key), value, origin)
}

// of returns the value of a key when it is of the kind. A value of the environment
// is a text and may stand for a number or a bool.
func (s *Section) of(key string, kind Kind, hint string) *Node {
	n := s.find(key)
	if n == nil {
		return nil
	}
	if n.Kind == kind || n.Origin != "" && n.Kind == KindText && (kind == KindNumber || kind == KindBool) {
		return n
	}
	text := n.show() + " is not " + kind.String()
	if n.Kind == KindObject || n.Kind == KindList {
		text = "this is " + n.Kind.String() + ", not " + kind.String()
	}
	s.refuse(n, s.join(key), text, hint)
	return nil
}

// Section returns the object below a key; nil when the key is absent or no object.
// When it has been read, close it with Done.
func (s *Section) Section(key string) *Section {
	n := s.of(key, KindObject, "")
	if n == nil {
		return nil
	}
	return newSection(n, s.join(key), s.report, s.with)
}

// Sections returns the objects of the list below a key.
func (s *Section) Sections(key string) []*Section {
	n := s.of(key, KindList, "")
	if n == nil {
		return nil
	}
	var out []*Section
	for i := range n.Items {
		path := s.join(key) + "[" + strconv.Itoa(i) + "]"
		if n.Items[i].Kind != KindObject {
			s.refuse(&n.Items[i], path, n.Items[i].show()+" is not an object", "")
			continue
		}
		out = append(out, newSection(&n.Items[i], path, s.report, s.with))
	}
	return out
}

// Done refuses the keys of a section that nobody has asked for. Sections that a
// builder is given are closed for it.
func (s *Section) Done() { s.unknown() }

// Level returns the level below a key; nil when it is absent or wrong.
func (s *Section) Level(key string) slog.Leveler {
	n := s.of(key, KindText, `a level is a text, as "info"`)
	if n == nil {
		return nil
	}
	level, err := parseLevel(n.Text)
	if err != nil {
		s.refuse(n, s.join(key), err.Error(), didYouMean(strings.ToLower(n.Text), levelNames))
		return nil
	}
	s.note(key, showLevel(level), n)
	return level
}
