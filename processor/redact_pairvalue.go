package processor

import "strings"

// value is where the value of a pair stands in a text.
type value struct {
	from, to int  // without its quotes
	bare     bool // it has neither quotes nor brackets
}

// valueAt reads the value at from. One that is cut off goes to the end of the text.
func valueAt(s string, from int) value {
	i := from
	for i < len(s) && s[i] == '\\' {
		i++
	}
	if i < len(s) && (s[i] == '"' || s[i] == '\'' || s[i] == '`') {
		return value{from: i + 1, to: closing(s, i+1, s[i], i-from)}
	}
	if s[from] == '{' || s[from] == '[' {
		return value{from: from, to: bracketEnd(s, from)}
	}
	to := from
	for to < len(s) && !endsBare(s[to]) {
		to++
	}
	return value{from: from, to: to, bare: true}
}

func endsBare(c byte) bool {
	switch c {
	case ',', ';', '&', ')', '}', ']', '>', '"', '\'', '`', '|':
		return true
	}
	return c <= ' '
}

// closing returns where a quoted text ends that was opened by a quote with so many
// backslashes before it. Each time that JSON is put into JSON, the backslashes before a
// quote double and one is added, so those of a quote that closes are the same number,
// and whole escaped backslashes before them.
func closing(s string, from int, quote byte, backslashes int) int {
	period := 2 * (backslashes + 1)
	run := 0
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '\\':
			run++
			continue
		case quote:
			if run%period == backslashes {
				return i - backslashes
			}
		}
		run = 0
	}
	return len(s)
}

// bracketEnd returns the end of what the bracket at from opens. Brackets in quotes do
// not count.
func bracketEnd(s string, from int) int {
	depth := 0
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			backslashes := 0
			for i-backslashes > from && s[i-backslashes-1] == '\\' {
				backslashes++
			}
			if i = closing(s, i+1, '"', backslashes) + backslashes; i >= len(s) {
				return len(s)
			}
		}
	}
	return len(s)
}

// isLiteral reports whether a word says that there is no value, or only whether there
// is one.
func isLiteral(word string) bool {
	switch strings.ToLower(word) {
	case "true", "false", "null", "nil", "none", "undefined", "<nil":
		return true
	}
	return false
}

func isNumeric(word string) bool {
	digits := 0
	for i := range len(word) {
		switch c := word[i]; {
		case isDigit(c):
			digits++
		case c != '.' && c != '-' && c != '+' && c != '_':
			return false
		}
	}
	return digits > 0
}

// longRandom is the length from which a word is no word of a language.
const longRandom = 20

// looksRandom tells tokens from words: they have digits, or are long.
func looksRandom(word string) bool {
	return len(word) >= longRandom || len(word) >= shortestBearer && strings.ContainsAny(word, "0123456789")
}
