package query

import (
	"regexp"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

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
			fold := i+1 < len(p.s) && p.s[i+1] == 'i' && p.emptyAt(i+2)
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
