package query

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// term reads a word, a phrase or a comparison; nil when it restricts nothing.
func (p *parser) term() Node {
	start := p.i
	p.count(start)
	if p.err != nil {
		return nil
	}
	if p.s[p.i] == '"' {
		text, ok := p.quoted()
		if !ok {
			return nil
		}
		if p.i < len(p.s) && strings.IndexByte(":<>", p.s[p.i]) >= 0 && !p.emptyAt(p.i+1) && text != "" {
			return p.compare(start, text)
		}
		p.boundary()
		return newText(text)
	}
	if name, end := p.name(); end > 0 {
		switch next := p.s[end]; {
		case strings.HasPrefix(p.s[end:], "://"): // a URL
		case p.emptyAt(end + 1):
			if _, known := record.FieldByName(name); known || isKeyword(name) {
				p.fail(start, name+" needs a value, without a space before it: "+name+string(next)+"…")
				return nil
			}
		case isKeyword(name) && next == ':':
			p.i = end + 1
			return p.keyword(start, name)
		default:
			p.i = end
			return p.compare(start, name)
		}
	}
	w := p.plain(false)
	if w.text == "*" && w.star {
		if p.negated > 0 || p.depth > 0 {
			p.fail(start, "a * alone matches everything; leave it out")
		}
		return nil
	}
	// A word is found inside words, so a * around it adds nothing.
	text := w.text
	if w.star {
		text = strings.TrimSuffix(text, "*")
	}
	if len(text) > 1 && p.s[start] == '*' {
		text = text[1:]
	}
	return newText(text)
}

// emptyAt reports whether no value stands at i.
func (p *parser) emptyAt(i int) bool {
	return i >= len(p.s) || isSpace(p.s[i]) || p.s[i] == ')'
}

// name returns a field's name at the present place and where it ends, at its
// operator; end is 0 when there is none.
func (p *parser) name() (name string, end int) {
	for i := p.i; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == ':' || c == '<' || c == '>':
			if name = p.s[p.i:i]; isName(name) {
				return name, i
			}
			return "", 0
		case isSpace(c) || c == '"' || c == '(' || c == ')':
			return "", 0
		}
	}
	return "", 0
}

// isName reports whether a field's name needs no quotes: it begins with a letter
// and goes on with letters, digits and what joins words.
func isName(name string) bool {
	for i, r := range name {
		switch {
		case unicode.IsLetter(r) || r == '_' || r == '@':
		case i > 0 && (unicode.IsDigit(r) || strings.ContainsRune(".-/$#%", r)):
		default:
			return false
		}
	}
	return name != "" && utf8.ValidString(name) && strings.IndexByte("-./", name[len(name)-1]) < 0
}

func isKeyword(name string) bool { return name == "since" || name == "until" || name == "has" }

// keyword reads what follows since:, until: or has:.
func (p *parser) keyword(start int, name string) Node {
	at := p.i
	var text string
	if p.s[p.i] == '"' {
		var ok bool
		if text, ok = p.quoted(); !ok || !p.boundary() {
			return nil
		}
	} else {
		w := p.plain(true)
		if text = w.text; w.star && name == "has" {
			p.fail(at, "has: needs the name of one field")
			return nil
		}
	}
	if name == "has" {
		if text == "" {
			p.fail(at, "has: needs the name of a field")
			return nil
		}
		c := &Compare{Field: text, Op: Exists}
		c.ready()
		return c
	}
	if p.negated > 0 || p.depth > 0 {
		p.fail(start, name+": stands beside the whole query, not inside parentheses or a negation")
		return nil
	}
	t, ok := ParseTime(text, p.now)
	if !ok {
		p.fail(at, name+": needs a time like 2026-11-20T10:00Z, or a duration back from now like 15m, 2h or 7d")
		return nil
	}
	t = t.Truncate(time.Microsecond)
	if name == "since" {
		if p.since.IsZero() || t.After(p.since) {
			p.since = t
		}
	} else if p.until.IsZero() || t.Before(p.until) {
		p.until = t
	}
	if !p.bounded {
		p.bounded, p.boundAt = true, start
	}
	return nil
}

// compare reads the operator at the present place and its value.
func (p *parser) compare(start int, field string) Node {
	c := &Compare{Field: field}
	if p.s[p.i] == ':' {
		p.i++
	}
	switch rest := p.s[p.i:]; {
	case strings.HasPrefix(rest, "<="):
		c.Op = AtMost
		p.i += 2
	case strings.HasPrefix(rest, ">="):
		c.Op = AtLeast
		p.i += 2
	case strings.HasPrefix(rest, "<"):
		c.Op = Less
		p.i++
	case strings.HasPrefix(rest, ">"):
		c.Op = Greater
		p.i++
	}
	at := p.i
	if p.emptyAt(p.i) {
		p.fail(start, field+" needs a value right after the operator; put it all in quotes to search for the text")
		return nil
	}
	if p.s[p.i] == '(' {
		p.fail(at, "one value after each field: write "+field+":a OR "+field+":b, or put the value in quotes")
		return nil
	}
	if c.Op == Equal && p.s[p.i] == '/' {
		if re, ok := p.regexp(); ok {
			return p.compileRegexp(c, at, re)
		}
	}
	if !p.values(c) {
		return nil
	}
	return p.finish(c, at)
}

// values reads the value of c, or both of a range, and settles the operator.
func (p *parser) values(c *Compare) bool {
	var first value
	if p.s[p.i] == '"' {
		text, ok := p.quoted()
		if !ok {
			return false
		}
		first = value{text: text, quoted: true}
	} else {
		first = p.plain(true)
	}
	c.Value = first.text
	if c.Op != Equal {
		if first.quoted {
			return p.boundary()
		}
		return true
	}
	switch {
	case first.quoted && strings.HasPrefix(p.s[p.i:], ".."):
		p.i += 2
		return p.high(c)
	case first.quoted && strings.HasPrefix(p.s[p.i:], "*"):
		p.i++
		c.Op = Prefix
		return p.boundary()
	case first.quoted:
		return p.boundary()
	case first.rangeAt >= 0:
		c.Op = Range
		c.Value, c.High = first.text[:first.rangeAt], first.text[first.rangeAt+2:]
		if c.High == "" && p.i < len(p.s) && p.s[p.i] == '"' {
			return p.high(c)
		}
	case first.text == "*" && first.star:
		c.Op, c.Value = Exists, ""
	case first.star:
		c.Op, c.Value = Prefix, strings.TrimSuffix(first.text, "*")
	}
	if first.inner >= 0 && c.Op != Range {
		p.fail(first.inner, `a * is understood at the end only; write \* for the character itself, or field:/a.*b/`)
		return false
	}
	return true
}

// high reads the upper end of a range, in quotes or not, after the dots.
func (p *parser) high(c *Compare) bool {
	c.Op = Range
	if p.emptyAt(p.i) {
		return true
	}
	if p.s[p.i] != '"' {
		c.High = p.plain(true).text
		return true
	}
	text, ok := p.quoted()
	c.High = text
	return ok && p.boundary()
}

// regexp reads a regular expression between slashes: the second slash without a
// backslash ends the value. Where something else follows it, the slashes belong to
// a path, and the place does not move.
func (p *parser) regexp() (re string, ok bool) {
	for i := p.i + 1; i < len(p.s); i++ {
		switch p.s[i] {
		case '\\':
			i++
		case '/':
			re = p.s[p.i+1 : i]
			fold := i+1 < len(p.s) && p.s[i+1] == 'i' && (p.emptyAt(i + 2))
			// In "path:/a or path:/b" the second slash begins a value.
			path := strings.HasSuffix(re, ":") && strings.ContainsAny(re, " \t\r\n")
			if re == "" || path || !fold && !p.emptyAt(i+1) {
				return "", false
			}
			p.i = i + 1
			if fold {
				p.i++
				re = "(?i)" + re
			}
			return re, true
		}
	}
	return "", false
}

func (p *parser) compileRegexp(c *Compare, at int, re string) Node {
	if len(re) > MaxRegexpBytes {
		p.fail(at, "the regular expression is longer than 1024 bytes")
		return nil
	}
	compiled, err := regexp.Compile(re)
	if err != nil {
		message := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		p.fail(at, "not a regular expression (RE2): "+message)
		return nil
	}
	c.Op, c.Value, c.Re = Regexp, re, compiled
	c.ready()
	return c
}

// finish checks and completes the values of fields that compare in their own way.
func (p *parser) finish(c *Compare, at int) Node {
	switch kindOf(c.Field) {
	case levelField:
		for _, end := range []string{c.Value, c.High} {
			if _, ok := record.ParseLevel(end); !ok && end != "" && c.Op != Equal && c.Op != Prefix {
				p.fail(at, "levels are TRACE, DEBUG, INFO, WARN, ERROR and FATAL")
				return nil
			}
		}
	case timeField:
		if c.Op != Prefix && c.Op != Exists && !p.times(c) {
			p.fail(at, c.Field+" needs a time like 2026-11-20T10:00Z, a date, or a duration back from now like 15m")
			return nil
		}
	case traceField:
		c.Value = record.CanonicalTraceID(c.Value)
		if c.Op == Prefix {
			c.Value = undashedPrefix(c.Value)
		}
	}
	if c.Op == Range && c.Value == "" && c.High == "" {
		c.Op, c.Value = Equal, ".."
	}
	c.ready()
	return c
}

// times makes the values of c times in RFC 3339. A date alone is the whole day.
func (p *parser) times(c *Compare) bool {
	low, lowDay, ok := fieldTime(c.Value, p.now)
	if !ok && (c.Op != Range || c.Value != "") {
		return false
	}
	low = low.Truncate(time.Microsecond)
	if c.Op == Range {
		high, highDay, ok := fieldTime(c.High, p.now)
		if !ok && (c.High != "" || c.Value == "") {
			return false
		}
		if highDay {
			high = lastOfDay(high)
		}
		if c.Value != "" {
			c.Value = timeText(low)
		}
		if c.High != "" {
			c.High = timeText(high.Truncate(time.Microsecond))
		}
		return true
	}
	if lowDay {
		switch c.Op {
		case Equal:
			c.Op, c.High = Range, timeText(lastOfDay(low))
		case Greater, AtMost:
			low = lastOfDay(low)
		}
	}
	c.Value = timeText(low)
	return true
}

// undashedPrefix removes the dashes from the beginning of a dashed UUID.
func undashedPrefix(id string) string {
	for i := range len(id) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if i >= 36 || dash != (id[i] == '-') {
			return id
		}
	}
	return strings.ReplaceAll(id, "-", "")
}
