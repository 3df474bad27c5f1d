package syslog

import (
	"bytes"
	"unicode/utf8"
)

// maxCountDigits allows a message of 999,999,999 bytes. It is handed over in pieces.
const maxCountDigits = 9

// countAt reads the length in front of a message; digits is 0 when there is none. It
// is not sure while too few bytes are there to tell.
func countAt(b []byte) (n, digits int, sure bool) {
	for digits < len(b) && digits <= maxCountDigits && isDigit(b[digits]) {
		n = n*10 + int(b[digits]-'0')
		digits++
	}
	switch {
	case digits == 0 || digits > maxCountDigits || b[0] == '0':
		return 0, 0, true
	case digits == len(b):
		return 0, 0, false
	case b[digits] != ' ':
		return 0, 0, true
	}
	pri := b[digits+1:]
	for i := range min(len(pri), len("<999>")) {
		switch c := pri[i]; {
		case i == 0 && c == '<', i > 0 && i < 4 && isDigit(c):
		case i > 1 && c == '>' && n > i:
			return n, digits, true
		default:
			return 0, 0, true
		}
	}
	return 0, 0, false
}

// nextHead finds the next length with a priority behind it, which does not begin
// before from and not at 0; -1 when there is none.
func nextHead(b []byte, from int) int {
	for {
		i := bytes.Index(b[from:], []byte(" <"))
		if i < 0 {
			return -1
		}
		i += from
		start := i
		for start > 0 && i-start < maxCountDigits && isDigit(b[start-1]) {
			start--
		}
		for start < i && b[start] == '0' {
			start++
		}
		if _, digits, _ := countAt(b[start:]); start > 0 && digits > 0 {
			return start
		}
		from = i + 1
	}
}

// trimEnd cuts one end mark off a counted message: some senders count it, too.
func trimEnd(b []byte) []byte {
	if n := len(b); n > 0 && (b[n-1] == '\n' || b[n-1] == 0) {
		b = b[:n-1]
	}
	return trimReturn(b)
}

func trimReturn(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\r' {
		return b[:n-1]
	}
	return b
}

// wholeRunes leaves a character that is cut at the end of a piece to the next piece.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i < len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			return b
		}
	}
	return b
}
