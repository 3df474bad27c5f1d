package query

import (
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
