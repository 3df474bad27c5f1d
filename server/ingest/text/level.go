package text

import (
	"strings"

	"github.com/weirlog/weir/record"
)

// longestLevel is the length of INFORMATION, the longest name of a level.
const longestLevel = 11

// levelAt reads a level in front of s: INFO, INFO:, [info], <Error>, info:. Behind
// a time (timed) short names and lower case before a colon or a tab count too;
// elsewhere they are mostly words of a sentence.
func levelAt(s string, timed bool) (l level, after string, ok bool) {
	if s == "" {
		return level{}, "", false
	}
	if closing, open := closingOf(s[0]); open {
		end := strings.IndexByte(s[1:min(len(s), longestLevel+6)], closing)
		if end < 0 {
			return level{}, "", false
		}
		name := strings.TrimSpace(s[1 : 1+end])
		severity, known := record.ParseLevel(name)
		if !known || len(name) < 3 && !timed {
			return level{}, "", false
		}
		return level{severity, name}, strings.TrimPrefix(s[end+2:], ":"), true
	}
	name, after := letters(s)
	if len(name) < 3 || len(name) > longestLevel {
		return level{}, "", false
	}
	colon := strings.HasPrefix(after, ":")
	if !colon && after != "" && after[0] != ' ' && after[0] != '\t' {
		return level{}, "", false
	}
	if !isUpperWord(name) && !(timed && (colon || strings.HasPrefix(after, "\t"))) {
		return level{}, "", false
	}
	severity, known := record.ParseLevel(name)
	if !known {
		return level{}, "", false
	}
	return level{severity, name}, strings.TrimPrefix(after, ":"), true
}

// readLevelOnly reads a line that starts with a level and no time: "[WARN] …",
// "ERROR: …", "INFO …", and "INFO:name:…" as Python's logging writes by default.
func readLevelOnly(s string) (head, bool) {
	l, after, ok := levelAt(s, false)
	if !ok {
		return head{}, false
	}
	h := head{level: l}
	bare := s[0] != '[' && s[0] != '<' && s[0] != '('
	colon := strings.HasPrefix(s[len(l.text):], ":")
	if bare && !colon && !isPlainLevel(l.text) {
		return head{}, false
	}
	if bare && colon && after != "" && after[0] != ' ' {
		name, message, found := strings.Cut(after, ":")
		if !found || !isName(name) {
			return head{}, false
		}
		if h.logger, h.rest = name, message; !isPythonMessage(message) {
			h.logger, h.rest = "", after
		}
		return h, true
	}
	h.rest = skipSpaces(after)
	return h, true
}

// isPythonMessage tells what may stand behind INFO:name: from the rest of a path, of
// an address or of a file's line: C:\\temp, http://x, main.go:12: text.
func isPythonMessage(s string) bool {
	number, after := digits(s)
	return s != "" && s[0] != '\\' && s[0] != '/' && (number == "" || !strings.HasPrefix(after, ":"))
}

// isPlainLevel tells the names that, in capitals at the start of a line, are a
// level rather than a headline.
func isPlainLevel(name string) bool {
	switch name {
	case "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL":
		return true
	}
	return false
}

// saysMore tells the aliases that are kept beside the level that they stand for.
func saysMore(name string) bool {
	switch strings.ToUpper(name) {
	case "NOTICE", "CRITICAL", "CRIT", "PANIC", "DPANIC", "ALERT", "EMERG", "EMERGENCY":
		return true
	}
	return false
}

func closingOf(c byte) (closing byte, ok bool) {
	switch c {
	case '[':
		return ']', true
	case '<':
		return '>', true
	case '(':
		return ')', true
	}
	return 0, false
}
