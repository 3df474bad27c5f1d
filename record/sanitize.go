package record

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	replacement    = "\uFFFD"
	reasonReplaced = "NUL and invalid UTF-8 replaced"
)

// clean reports whether s is valid UTF-8 without NUL.
func clean(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// cleanText replaces each byte that is NUL or not valid UTF-8 by U+FFFD and notes
// the originals as "offset:hex" pairs; the note is empty when s was clean.
func cleanText(s string) (text, note string) {
	if clean(s) {
		return s, ""
	}
	var out strings.Builder
	var notes []byte
	out.Grow(len(s) + 8)
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, size := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size != 1 {
				i += size
				continue
			}
		} else if c != 0 {
			i++
			continue
		}
		out.WriteString(s[from:i])
		out.WriteString(replacement)
		if len(notes) > 0 {
			notes = append(notes, ',')
		}
		notes = strconv.AppendInt(notes, int64(i), 10)
		notes = append(notes, ':', hexDigits[c>>4], hexDigits[c&15])
		i++
		from = i
	}
	out.WriteString(s[from:])
	return out.String(), string(notes)
}

// Restore undoes the replacements that the attribute _replaced notes for a text.
// ok is false when the note does not belong to the text.
func Restore(text, note string) (original string, ok bool) {
	var out []byte
	for pair := range strings.SplitSeq(note, ",") {
		offset, hex, found := strings.Cut(pair, ":")
		at, err := strconv.Atoi(offset)
		b, hexErr := strconv.ParseUint(hex, 16, 8)
		kept := at - len(out)
		if !found || err != nil || hexErr != nil || kept < 0 || kept > len(text) || !strings.HasPrefix(text[kept:], replacement) {
			return "", false
		}
		out = append(append(out, text[:kept]...), byte(b))
		text = text[kept+len(replacement):]
	}
	return string(append(out, text...)), true
}
