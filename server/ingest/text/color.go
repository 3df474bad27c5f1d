package text

import "strings"

// headBytes is how much of a line is searched for escape sequences: more than any
// time, level, thread and logger that stand in front of a message.
const headBytes = 4 << 10

// colors maps the text without escape sequences back to the line it came from; nil
// when they are the same. Behind the last offset both go on alike.
type colors []int

// stripColors removes the sequences that loggers and terminals put around times and
// levels, from the part of the line where those can be.
func stripColors(line string) (string, colors) {
	at := strings.IndexByte(line[:min(len(line), headBytes)], '\x1b')
	if at < 0 {
		return line, nil
	}
	end := min(len(line), headBytes)
	plain := make([]byte, 0, len(line))
	offsets := make(colors, 0, end+1)
	i := 0
	for i < end {
		if n := escape(line[i:]); n > 0 {
			i += n
			continue
		}
		plain = append(plain, line[i])
		offsets = append(offsets, i)
		i++
	}
	return string(append(plain, line[i:]...)), append(offsets, i)
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
	if last := len(c) - 1; offset > last {
		return line[c[last]+offset-last:]
	}
	return line[c[offset-1]+1:]
}

// escape returns the length of the escape sequence at the start of s, 0 when there
// is none (ECMA-48): a control sequence (colours, cursor), a string such as a
// window's title or a link, a choice of characters, or a single function.
func escape(s string) int {
	if len(s) < 2 || s[0] != '\x1b' {
		return 0
	}
	switch c := s[1]; {
	case c == '[':
		return controlSequence(s)
	case strings.IndexByte("]PX^_", c) >= 0:
		return controlString(s)
	case ' ' <= c && c <= '/':
		return intermediate(s)
	case '0' <= c && c <= '~':
		return 2
	}
	return 0
}

// controlSequence measures ESC [ parameters final.
func controlSequence(s string) int {
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

// controlString measures ESC ] … up to BEL or ESC \.
func controlString(s string) int {
	const longest = 2 << 10 // a link's address; beyond, the end is missing
	for i := 2; i < min(len(s), longest); i++ {
		switch {
		case s[i] == '\a':
			return i + 1
		case s[i] == '\x1b' && i+1 < len(s) && s[i+1] == '\\':
			return i + 2
		case s[i] == '\x1b':
			return 0
		}
	}
	return 0
}

// intermediate measures ESC ( B and the like.
func intermediate(s string) int {
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '~':
			return i + 1
		case c < ' ' || c > '/':
			return 0
		}
	}
	return 0
}
