package format

import (
	"fmt"
	"strings"
)

// piece is a conversion of a layout, and the text before it.
type piece struct {
	before  string
	name    string
	get     getter
	spec    spec
	colored bool
}

// parseLayout reads a layout; end is the text after the last conversion, with a
// newline.
func parseLayout(layout string) (pieces []piece, end string, err error) {
	l := layoutReader{s: layout}
	var text strings.Builder
	for l.i < len(l.s) {
		percent := strings.IndexByte(l.s[l.i:], '%')
		if percent < 0 {
			text.WriteString(l.s[l.i:])
			break
		}
		text.WriteString(l.s[l.i : l.i+percent])
		l.i += percent
		if strings.HasPrefix(l.s[l.i:], "%%") {
			text.WriteByte('%')
			l.i += 2
			continue
		}
		p, err := l.conversion()
		if err != nil {
			return nil, "", err
		}
		p.before = text.String()
		text.Reset()
		pieces = append(pieces, p)
	}
	if end = text.String(); !strings.HasSuffix(end, "\n") {
		end += "\n"
	}
	return pieces, end, nil
}

// layoutReader is a place in a layout.
type layoutReader struct {
	s     string
	i     int
	start int // of the present conversion
}

func (l *layoutReader) fail(what string, args ...any) error {
	return fmt.Errorf("layout %q: at %d: %s", l.s, l.start, fmt.Sprintf(what, args...))
}

// conversion reads %(name)-8.3s at the present place.
func (l *layoutReader) conversion() (p piece, err error) {
	l.start = l.i
	l.i++
	if p.name, err = l.name(); err != nil {
		return p, err
	}
	if near := meant(p.name); near != "" {
		return p, l.fail("there is no name %q: did you mean %%(%s)s? (an attribute that is called so is %%(metadata.%s)s)", p.name, near, p.name)
	}
	for ; l.i < len(l.s) && p.spec.flag(l.s[l.i]); l.i++ {
	}
	if p.spec.width, err = l.number("width", 0); err != nil {
		return p, err
	}
	p.spec.precision = -1
	if l.i < len(l.s) && l.s[l.i] == '.' {
		l.i++
		if p.spec.precision, err = l.number("precision", 0); err != nil {
			return p, err
		}
	}
	for l.i < len(l.s) && strings.IndexByte("hlL", l.s[l.i]) >= 0 { // C's lengths; they mean nothing, as in Python
		l.i++
	}
	if l.i == len(l.s) {
		return p, l.fail("the conversion of %s has no end: use %%(%s)s; for a percent sign write %%%%", p.name, p.name)
	}
	verb := l.s[l.i]
	if strings.IndexByte(verbs, verb) < 0 {
		return p, l.fail("%s cannot be written as %q: use s for text, r or a for text in quotes, d, i, u, o, x or X for integers, e, E, f, F, g or G for numbers", p.name, firstRune(l.s[l.i:]))
	}
	l.i++
	p.spec.verb = verb
	var textual bool
	if p.get, textual = find(p.name); textual && p.spec.numeric() {
		return p, l.fail("%s is a text and cannot be written as %q: use s", p.name, string(verb))
	}
	if p.spec.alternate && p.spec.float() {
		return p, l.fail("the flag # of %s is for o, x and X only", p.name)
	}
	return p, nil
}

// name reads the name in parentheses, which may have pairs of parentheses in it.
func (l *layoutReader) name() (string, error) {
	if l.i == len(l.s) || l.s[l.i] != '(' {
		return "", l.fail("a name in parentheses must follow %%, as %%(message)s; for a percent sign write %%%%")
	}
	open, from := 0, l.i+1
	for ; l.i < len(l.s); l.i++ {
		switch l.s[l.i] {
		case '(':
			open++
		case ')':
			open--
		}
		if open == 0 {
			break
		}
	}
	if l.i == len(l.s) {
		return "", l.fail("the name is not closed by a parenthesis: use %%(message)s; for a percent sign write %%%%")
	}
	name := l.s[from:l.i]
	l.i++
	if name == "" {
		return "", l.fail("the name is empty: use %%(message)s; for a percent sign write %%%%")
	}
	return name, nil
}

// maxWidth bounds widths and precisions: no line is meant to be longer, and a
// mistyped one would fill the disk with spaces.
const maxWidth = 1000

// number reads digits, absent when there are none.
func (l *layoutReader) number(what string, absent int) (int, error) {
	if l.i < len(l.s) && l.s[l.i] == '*' {
		return 0, l.fail("a %s of * is not possible: use digits", what)
	}
	n, from := 0, l.i
	for ; l.i < len(l.s) && l.s[l.i] >= '0' && l.s[l.i] <= '9'; l.i++ {
		if n = 10*n + int(l.s[l.i]-'0'); n > maxWidth {
			return 0, l.fail("a %s of more than %d is not possible", what, maxWidth)
		}
	}
	if l.i == from {
		return absent, nil
	}
	return n, nil
}
