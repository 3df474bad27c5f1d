package text

import "strings"

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isUpper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isNameByte tells the bytes of a logger's or class's name.
func isNameByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '.' || c == '_' || c == '$' || c == '-' || c == '/'
}

// isName reports whether s could be a logger's name: one word, not a number.
func isName(s string) bool {
	if s == "" || !isLetter(s[0]) && s[0] != '_' {
		return false
	}
	for i := range len(s) {
		if !isNameByte(s[i]) && s[i] != ':' {
			return false
		}
	}
	return true
}

func isUpperWord(s string) bool {
	for i := range len(s) {
		if !isUpper(s[i]) {
			return false
		}
	}
	return s != ""
}

func letters(s string) (word, after string) {
	i := 0
	for i < len(s) && isLetter(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

func digits(s string) (number, after string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

func skipSpaces(s string) string { return strings.TrimLeft(s, " \t") }

// skipSeparators passes over spaces and one dash, bar or colon that stands alone.
func skipSeparators(s string) string {
	s = skipSpaces(s)
	if len(s) >= 2 && (s[0] == '-' || s[0] == '|' || s[0] == ':') && (s[1] == ' ' || s[1] == '\t') {
		s = skipSpaces(s[1:])
	}
	return s
}

// skipSeparator passes over one space, and one dash, bar or colon that stands alone
// with the space behind it. More spaces belong to what follows.
func skipSeparator(s string) string {
	if isIndented(s) {
		s = s[1:]
	}
	if len(s) >= 2 && (s[0] == '-' || s[0] == '|' || s[0] == ':') && isIndented(s[1:]) {
		s = s[2:]
	}
	return s
}

// ends reports whether a time of n bytes at the start of s ends there, and not in
// the middle of a word.
func ends(s string, n int) bool {
	if n == len(s) {
		return true
	}
	switch s[n] {
	case ' ', '\t', ',', ':', ';', '|', '-', '[':
		return true
	}
	return false
}

func isIndented(s string) bool { return s != "" && (s[0] == ' ' || s[0] == '\t') }

func isEmpty(s string) bool { return skipSpaces(s) == "" }
