package query

import "strings"

// value is a value as it was typed.
type value struct {
	text    string // without escapes
	quoted  bool
	star    bool // it ends in a * that is not escaped
	inner   int  // where another * stands that is not escaped; -1: nowhere
	rangeAt int  // where the dots of a range stand in text; -1: there are none
}

// escapable are the bytes that a backslash makes ordinary; before all others it is
// an ordinary byte itself, as in C:\temp.
const escapable = " \t\"\\:()*/-<>.="

// quoted reads the text between quotes at the present place; in it \" is a quote and
// \\ a backslash.
func (p *parser) quoted() (string, bool) {
	start := p.i
	var b strings.Builder
	for i := p.i + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.i = i + 1
			return b.String(), true
		case c == '\\' && i+1 < len(p.s) && (p.s[i+1] == '"' || p.s[i+1] == '\\'):
			i++
			b.WriteByte(p.s[i])
		default:
			b.WriteByte(c)
		}
	}
	p.fail(start, `the closing quote is missing; write \" for the character itself`)
	return "", false
}

// boundary reports whether a part ends at the present place.
func (p *parser) boundary() bool {
	if p.emptyAt(p.i) {
		return true
	}
	p.fail(p.i, "a space is missing after the closing quote")
	return false
}

// plain reads a value without quotes: up to white space or a parenthesis that it
// did not open. ranges says that dots may make it a range.
func (p *parser) plain(ranges bool) value {
	v := value{inner: -1, rangeAt: -1}
	var b strings.Builder
	open := 0    // parentheses
	dots := 0    // the places where dots could make a range
	starAt := -1 // the last * without an escape
	i := p.i
	for ; i < len(p.s); i++ {
		c := p.s[i]
		if isSpace(c) || c == ')' && open == 0 {
			break
		}
		if v.star && v.inner < 0 {
			v.inner = starAt
		}
		v.star = false
		switch {
		case c == '(':
			open++
		case c == ')':
			open--
		case c == '\\' && i+1 < len(p.s) && strings.IndexByte(escapable, p.s[i+1]) >= 0:
			i++
			c = p.s[i]
		case c == '*':
			v.star, starAt = true, i
		case c == '.' && ranges && p.dotsAt(i):
			dots++
			v.rangeAt = b.Len()
			b.WriteByte('.')
			i++
		}
		b.WriteByte(c)
		if dots == 1 && v.rangeAt == b.Len()-2 && i+1 < len(p.s) && p.s[i+1] == '"' {
			i++
			break // the upper end stands in quotes
		}
	}
	p.i = i
	v.text = b.String()
	if dots != 1 {
		v.rangeAt = -1
	}
	return v
}

// dotsAt reports whether the two dots of a range stand at i: not three, and not
// those of a path.
func (p *parser) dotsAt(i int) bool {
	near := func(k int) bool { return k >= p.i && k < len(p.s) && strings.IndexByte("./\\", p.s[k]) >= 0 }
	return i+1 < len(p.s) && p.s[i+1] == '.' && !near(i-1) && !near(i+2)
}
