package config

import (
	"errors"
	"fmt"
	"strings"
)

// variable is a value of a .env file, with its line.
type variable struct {
	value string
	line  int
}

// parseDotEnv reads KEY=VALUE lines: with export before them, comments behind #,
// values bare, in single quotes (taken as they are, over several lines too) or in
// double quotes (\n, \t, \r, \", \\ and \$ are escapes). Nothing is expanded or
// run. The last value of a key wins, as in a shell.
func parseDotEnv(text string) (map[string]variable, error) {
	out := make(map[string]variable)
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	for line := 1; text != ""; {
		current, rest, _ := strings.Cut(text, "\n")
		trimmed := strings.TrimSpace(current)
		if trimmed == "" || trimmed[0] == '#' {
			text, line = rest, line+1
			continue
		}
		key, _, ok := strings.Cut(current, "=")
		name := strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(key, " \t"), "export "))
		if !ok || !isVariable(name) {
			return nil, &SyntaxError{Line: line, Column: 1, Err: errors.New("a line is KEY=VALUE, empty, or a comment after #")}
		}
		value, rest, err := dotEnvValue(text[len(key)+1:])
		if err != nil {
			return nil, &SyntaxError{Line: line, Column: len(key) + 2, Err: fmt.Errorf("%s: %w", name, err)}
		}
		out[name] = variable{value, line}
		line += strings.Count(text[:len(text)-len(rest)], "\n")
		text = rest
	}
	return out, nil
}

// dotEnvValue reads a value and its line's end.
func dotEnvValue(text string) (value, rest string, err error) {
	text = strings.TrimLeft(text, " \t")
	if text == "" || text[0] != '\'' && text[0] != '"' {
		bare, rest, _ := strings.Cut(text, "\n")
		if i := commentStart(bare); i >= 0 {
			bare = bare[:i]
		}
		return strings.TrimSpace(bare), rest, nil
	}
	quote := text[0]
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote:
			after, rest, _ := strings.Cut(text[i+1:], "\n")
			after = strings.TrimSpace(after)
			if after != "" && after[0] != '#' {
				return "", "", errors.New("there is more after the closing quote")
			}
			return b.String(), rest, nil
		case c == '\\' && quote == '"' && i+1 < len(text):
			i++
			if at := strings.IndexByte(`ntr"\$`, text[i]); at >= 0 {
				b.WriteByte("\n\t\r\"\\$"[at])
			} else {
				b.WriteByte('\\')
				b.WriteByte(text[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errors.New("the quote is not closed")
}

// commentStart finds a # at the start or after a blank: in a#b it belongs to the value.
func commentStart(s string) int {
	for i := range len(s) {
		if s[i] == '#' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t') {
			return i
		}
	}
	return -1
}

func isVariable(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r != '.' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}
