package record

import (
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// SyntaxError says where JSON ends to make sense.
type SyntaxError struct {
	Offset  int // bytes before the error
	Message string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at offset %d", e.Message, e.Offset)
}

// scanner walks over JSON. It takes more than JSON: NaN, Infinity and -Infinity,
// and control characters inside strings.
type scanner struct {
	s        string
	i        int
	err      *SyntaxError // the first error
	inString bool         // the text ended inside a string
}

func (p *scanner) fail(message string) bool {
	if p.err == nil {
		p.err = &SyntaxError{Offset: p.i, Message: message}
	}
	return false
}

// failHere says that something else was expected at the present byte.
func (p *scanner) failHere(expected string) bool {
	if p.i >= len(p.s) {
		return p.fail("the JSON ends where " + expected + " should be")
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	return p.fail(fmt.Sprintf("%q where %s should be", r, expected))
}

func (p *scanner) space() {
	for p.i < len(p.s) && isSpace(p.s[p.i]) {
		p.i++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// peek skips white space and returns the byte there, 0 at the end.
func (p *scanner) peek() byte {
	p.space()
	if p.i >= len(p.s) {
		return 0
	}
	return p.s[p.i]
}

// end reports whether nothing but white space is left.
func (p *scanner) end(what string) bool {
	p.space()
	if p.i < len(p.s) {
		return p.fail("there is more text after the " + what)
	}
	return true
}

// quoted moves from the opening quote behind the closing one and returns what is
// between them; escaped says that it has backslashes.
func (p *scanner) quoted() (raw string, escaped, ok bool) {
	s := p.s
	start := p.i + 1
	i := start
	for i < len(s) {
		if i+8 <= len(s) {
			w := load8(s, i)
			// Bytes from 0x80 on and control characters are like any other here.
			quote, slash := w^ones*'"', w^ones*'\\'
			m := ((quote-ones)&^quote | (slash-ones)&^slash) & highs
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) / 8
		}
		switch s[i] {
		case '"':
			p.i = i + 1
			return s[start:i], escaped, true
		case '\\':
			escaped = true
			i++
		}
		i++
	}
	p.i = len(s)
	p.inString = true
	return "", false, p.fail("the JSON ends inside a string")
}

// text reads the string at the present quote.
func (p *scanner) text() (string, bool) {
	at := p.i
	raw, escaped, ok := p.quoted()
	if !ok || !escaped {
		return raw, ok
	}
	s, bad := unescape(raw)
	if bad >= 0 {
		p.i = at + 1 + bad
		return "", p.fail("a backslash with nothing that it can stand for")
	}
	return s, true
}

// unescape resolves the escapes of a JSON string. A surrogate without its partner
// becomes the three bytes that would encode it. bad is the offset of a wrong
// escape, -1 when there is none.
func unescape(raw string) (s string, bad int) {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		next := strings.IndexByte(raw[i:], '\\')
		if next < 0 {
			out = append(out, raw[i:]...)
			break
		}
		out = append(out, raw[i:i+next]...)
		i += next
		if i+1 >= len(raw) {
			return "", i
		}
		switch c := raw[i+1]; c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := unicodeEscape(raw[i:])
			if !ok {
				return "", i
			}
			i += 6
			if !utf16.IsSurrogate(r) {
				out = utf8.AppendRune(out, r)
				continue
			}
			if low, ok := unicodeEscape(raw[i:]); ok {
				if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
					out = utf8.AppendRune(out, full)
					i += 6
					continue
				}
			}
			out = append(out, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
			continue
		default:
			return "", i
		}
		i += 2
	}
	return view(out), -1
}

// unicodeEscape reads a \uXXXX at the start of s.
func unicodeEscape(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for i := 2; i < 6; i++ {
		c := s[i]
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// literals are the words of JSON, and those that loggers in Python and
// JavaScript write for numbers that JSON does not know.
var literals = [...]string{"true", "false", "null", "NaN", "Infinity", "-Infinity"}

// literal moves behind the word at the present place, if there is one.
func (p *scanner) literal() (string, bool) {
	for _, word := range literals {
		if strings.HasPrefix(p.s[p.i:], word) {
			p.i += len(word)
			return word, true
		}
	}
	return "", false
}

// skip moves behind the value at the present place and checks its syntax. It
// needs no call for each depth, so the depth is bounded by memory only.
func (p *scanner) skip() bool {
	var open []byte // the closing brackets that are awaited
	for {
		switch c := p.peek(); {
		case c == '{':
			p.i++
			if p.peek() == '}' {
				p.i++
				break
			}
			open = append(open, '}')
			if !p.skipKey() {
				return false
			}
			continue
		case c == '[':
			p.i++
			if p.peek() == ']' {
				p.i++
				break
			}
			open = append(open, ']')
			continue
		case c == '"':
			if _, _, ok := p.quoted(); !ok {
				return false
			}
		default:
			if end, _ := scanNumber(p.s, p.i); end > p.i {
				p.i = end
			} else if _, ok := p.literal(); !ok {
				return p.failHere("a value")
			}
		}
		for { // after a value
			if len(open) == 0 {
				return true
			}
			closing := open[len(open)-1]
			c := p.peek()
			if c == closing {
				p.i++
				open = open[:len(open)-1]
				continue
			}
			if c != ',' {
				return p.failHere("a comma or " + string(closing))
			}
			p.i++
			if closing == '}' && !p.skipKey() {
				return false
			}
			break
		}
	}
}

// skipKey moves behind a key and its colon.
func (p *scanner) skipKey() bool {
	if p.peek() != '"' {
		return p.failHere("a key in quotes")
	}
	if _, _, ok := p.quoted(); !ok {
		return false
	}
	return p.colon()
}

func (p *scanner) colon() bool {
	if p.peek() != ':' {
		return p.failHere("a colon")
	}
	p.i++
	return true
}
