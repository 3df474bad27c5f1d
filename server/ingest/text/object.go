package text

import (
	"bytes"
	"strings"
)

// object is a JSON object that may be coming over several indented lines. Until it
// is complete it is not known to be one, so its lines wait.
type object struct {
	brackets
	lines []heldLine
	bytes int
}

// brackets tell where a JSON value over several lines ends.
type brackets struct {
	depth   int
	quoted  bool // in a string
	escaped bool // behind a backslash in one
}

// heldLine is a line that waits.
type heldLine struct {
	text string
	end  int64
}

// opensObject tells a line that may be the first of a JSON object over several.
func opensObject(line []byte) bool {
	if len(line) == 0 || line[0] != '{' {
		return false
	}
	inner := bytes.TrimLeft(line[1:], " \t")
	return len(inner) == 0 || inner[0] == '"' && bytes.IndexByte(inner[1:], '"') > 0
}

// goesOn tells a line that may be a further one.
func goesOn(line []byte) bool {
	return len(line) > 0 && strings.IndexByte(" \t}]", line[0]) >= 0
}

func (o *object) open() bool { return len(o.lines) > 0 }

func (o *object) add(text string, end int64) {
	o.lines = append(o.lines, heldLine{text, end})
	o.bytes += len(text) + 1
	o.follow(text)
}

func (b *brackets) follow(line string) {
	for i := range len(line) {
		switch c := line[i]; {
		case b.escaped:
			b.escaped = false
		case b.quoted:
			b.escaped = c == '\\'
			b.quoted = c != '"'
		case c == '"':
			b.quoted = true
		case c == '{' || c == '[':
			b.depth++
		case c == '}' || c == ']':
			b.depth--
		}
	}
}

// complete reports whether the brackets are closed, or can no longer be.
func (b *brackets) complete() bool { return b.depth <= 0 || b.quoted }

// take returns the lines and begins anew.
func (o *object) take() []heldLine {
	lines := o.lines
	*o = object{}
	return lines
}

func joinLines(lines []heldLine) []byte {
	var b []byte
	for i, l := range lines {
		if i > 0 {
			b = append(b, '\n')
		}
		b = append(b, l.text...)
	}
	return b
}
