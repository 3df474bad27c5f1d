package pipe

import "strings"

// colors maps the text without escape sequences back to the line it came from; nil
// when they are the same.
type colors []int

// stripColors removes the ANSI sequences ESC [ … letter, which loggers put around
// times and levels.
func stripColors(line string) (string, colors) {
	if strings.IndexByte(line, '\x1b') < 0 {
		return line, nil
	}
	plain := make([]byte, 0, len(line))
	offsets := make(colors, 0, len(line)+1)
	for i := 0; i < len(line); {
		if n := escape(line[i:]); n > 0 {
			i += n
			continue
		}
		plain = append(plain, line[i])
		offsets = append(offsets, i)
		i++
	}
	return string(plain), append(offsets, len(line))
}

// tail is the part of the line from the plain text's offset on, with the sequences
// in front of it. Those further in front, of the time and level, go with these.
func (c colors) tail(line string, offset int) string {
	if c == nil {
		return line[offset:]
	}
	if offset == 0 {
		return line
	}
	return line[c[offset-1]+1:]
}

// escape returns the length of the escape sequence at the start of s, 0 when there
// is none.
func escape(s string) int {
	if len(s) < 3 || s[0] != '\x1b' || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case '@' <= c && c <= '~':
			return i + 1
		case c < ' ' || c > '?':
			return 0
		}
	}
	return 0
}
