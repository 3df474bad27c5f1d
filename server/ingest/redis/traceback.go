package redis

import (
	"log/slog"
	"strings"
)

// raised returns the type of the exception that a traceback ends with: its last line
// that is not indented, up to the colon.
func raised(trace slog.Value) string {
	if trace.Kind() != slog.KindString {
		return ""
	}
	text := trace.String()
	if !strings.HasPrefix(text, "Traceback (") && !strings.Contains(text, "\nTraceback (") {
		return ""
	}
	for text != "" {
		text = strings.TrimRight(text, "\r\n ")
		at := strings.LastIndexByte(text, '\n') + 1
		name, _, _ := strings.Cut(text[at:], ":")
		if isDotted(name) {
			return name
		}
		text = text[:at]
	}
	return ""
}

// isDotted reports whether a text is a name of Python's, as app.errors.NotFound.
func isDotted(name string) bool {
	const longest = 200
	if name == "" || len(name) > longest {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "" || part[0] >= '0' && part[0] <= '9' || strings.ContainsFunc(part, func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r < 0x80
		}) {
			return false
		}
	}
	return true
}
