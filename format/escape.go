package format

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// appendEscaped appends s with everything escaped that is not printed, but for
// tabs: escape sequences, carriage returns, newlines, marks that turn the
// direction of writing, invalid bytes.
func appendEscaped(b []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c < 0x7F || c == '\t' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !printed(r, n) {
			b = appendQuoted(append(b, s[from:i]...), s[i:i+n])
			from = i + n
		}
		i += n
	}
	return append(b, s[from:]...)
}

// printed reports whether a character of n bytes is shown as itself.
func printed(r rune, n int) bool {
	return (r != utf8.RuneError || n > 1) && unicode.IsPrint(r)
}

// appendQuoted appends s as it stands between quotes in Go.
func appendQuoted(b []byte, s string) []byte {
	start := len(b)
	b = strconv.AppendQuote(b, s)
	n := copy(b[start:], b[start+1:len(b)-1])
	return b[:start+n]
}

// reescape escapes what was appended since start, as appendEscaped does.
func reescape(b []byte, start int) []byte {
	if plain(b[start:]) {
		return b
	}
	return appendEscaped(b[:start], string(b[start:]))
}

func plain(b []byte) bool {
	for i := 0; i < len(b); {
		if c := b[i]; c >= ' ' && c < 0x7F || c == '\t' {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if !printed(r, n) {
			return false
		}
		i += n
	}
	return true
}

// appendWord appends s, in quotes when it would not be one word.
func appendWord(b []byte, s string) []byte {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool {
		return r == ' ' || r == '"' || r == '=' || r == '\\' || !unicode.IsPrint(r) || r == utf8.RuneError
	}) {
		return strconv.AppendQuote(b, s)
	}
	return append(b, s...)
}

// trimEnd takes the line ends off the end of a text.
func trimEnd(s string) string { return strings.TrimRight(s, "\r\n") }

const indentation = "    "

// appendIndented appends a text whose further lines are indented, each escaped.
func appendIndented(b []byte, s string) []byte {
	for {
		line, rest, more := strings.Cut(s, "\n")
		b = appendEscaped(b, strings.TrimSuffix(line, "\r"))
		if !more {
			return b
		}
		b = append(b, '\n')
		b = append(b, indentation...)
		s = rest
	}
}
