package processor

import (
	"strings"
	"unicode/utf8"
)

// sequence returns the length of the escape sequence that s starts with, by ECMA-48;
// c is its first rune, of that size. Of one that is not whole only the introducer
// counts, so that no text is lost.
func sequence(s string, c rune, size int) int {
	kind := byte(0)
	switch c {
	case '\u009b':
		kind = '['
	case '\u009d', '\u0090':
		kind = ']'
	default:
		if len(s) == size {
			return size
		}
		kind = s[size]
		size++
	}
	switch kind {
	case '[': // parameters and intermediates, then a final byte
		i := size
		for i < len(s) && s[i] >= 0x20 && s[i] < 0x40 {
			i++
		}
		if i < len(s) && s[i] >= 0x40 && s[i] < 0x7F {
			return i + 1
		}
		return size
	case ']', 'P', 'X', '^', '_': // a string until BEL or ST, which no line end interrupts
		return size + controlString(s[size:])
	}
	if kind >= utf8.RuneSelf || kind < 0x20 {
		return size - 1 // nothing that a terminal knows: the escape alone
	}
	i := size
	for kind >= 0x20 && kind < 0x30 && i < len(s) { // intermediates, as in ESC ( B
		kind = s[i]
		if kind < 0x20 || kind >= 0x7F {
			return i
		}
		i++
	}
	return i
}

// maxControlString bounds the search for the end of one: titles and links are shorter.
const maxControlString = 4096

func controlString(s string) int {
	s = s[:min(len(s), maxControlString)]
	end := strings.IndexAny(s, "\a\x1b\n\u009c")
	switch {
	case end < 0 || s[end] == '\n':
		return 0
	case s[end] == '\x1b':
		if end+1 < len(s) && s[end+1] == '\\' {
			return end + 2
		}
		return end // another sequence starts here
	case s[end] == '\a':
		return end + 1
	}
	return end + len("\u009c")
}
