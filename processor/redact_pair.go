package processor

import (
	"bytes"
	"strings"
)

// maxPairKey is how long a key before a colon or equals sign may be.
const maxPairKey = 64

// appendPairs finds the values of secret keys within texts: key=value, key: value, "key":
// "value" (JSON, also quoted again inside JSON), {key: {…}}, Key: Bearer …, --key value.
func (x *Redactor) appendPairs(found []span, s string, g glance) []span {
	if !x.keys.some {
		return found
	}
	if g.seen&(colonByte|equalsByte) != 0 {
		for i := 0; i < len(s); i++ {
			if c := s[i]; c != ':' && c != '=' {
				continue
			}
			if from, to := x.pairAt(s, i); to > from {
				found = append(found, span{from, to})
				i = to - 1
			}
		}
	}
	if g.seen&dashByte != 0 && g.seen&spaceByte != 0 {
		found = x.appendFlags(found, s)
	}
	return found
}

// pairAt returns the secret behind the separator at i, if the key before it is one.
func (x *Redactor) pairAt(s string, i int) (from, to int) {
	end := skipBlanksBack(s, i)
	quoted := end > 0 && (s[end-1] == '"' || s[end-1] == '\'')
	if quoted {
		for end--; end > 0 && s[end-1] == '\\'; {
			end--
		}
	}
	start := end
	for start > 0 && end-start < maxPairKey && isPairKey(s[start-1]) {
		start--
	}
	secrecy := x.keys.judge(s[start:end])
	if secrecy == open {
		return 0, 0
	}
	from = i + 1
	if from < len(s) && (s[from] == '>' || s[from] == '=') { // => and :=
		from++
	}
	spaced := from < len(s) && s[from] == ' '
	from = skipBlanks(s, from)
	if from == len(s) || s[from] == '\n' || s[from] == '\r' {
		return 0, 0
	}
	v := valueAt(s, from)
	if v.bare {
		if s[i] == ':' && !quoted {
			v.to = headerEnd(s, s[start:end], v)
		}
		text := s[v.from:v.to]
		switch {
		case secrecy == always:
		case isLiteral(text), secrecy == notNumber && isNumeric(text):
			return 0, 0
		case secrecy == notNumber && s[i] == ':' && spaced && !quoted && !looksRandom(text):
			return 0, 0 // prose: "unexpected token: end of file"
		}
	}
	return v.from, v.to
}

// appendFlags finds the values of command line flags: --password hunter2.
func (x *Redactor) appendFlags(found []span, s string) []span {
	for i := 0; ; {
		n := strings.Index(s[i:], "--")
		if n < 0 {
			return found
		}
		i += n + len("--")
		start := i
		for i < len(s) && i-start < maxPairKey && isPairKey(s[i]) {
			i++
		}
		if i == start || i+1 >= len(s) || s[i] != ' ' || s[i+1] == '-' || s[i+1] == ' ' || x.keys.judge(s[start:i]) == open {
			continue
		}
		if v := valueAt(s, i+1); v.to > v.from {
			found = append(found, span{v.from, v.to})
			i = v.to
		}
	}
}

// headerEnd is the end of a value that stands behind a key and a colon without quotes,
// as the headers of HTTP do: with the word that follows a scheme, and to the end of the
// line where more may follow.
func headerEnd(s, key string, v value) int {
	var room [maxPairKey]byte
	folded, _ := appendFolded(room[:0], key)
	switch scheme := strings.ToLower(s[v.from:v.to]); {
	case bytes.HasSuffix(folded, []byte("cookie")), scheme == "digest", scheme == "aws4-hmac-sha256":
		if n := strings.IndexAny(s[v.from:], "\r\n"); n >= 0 {
			return v.from + n
		}
		return len(s)
	case scheme == "bearer", scheme == "basic", scheme == "token", scheme == "apikey", scheme == "negotiate":
		if next := skipBlanks(s, v.to); next > v.to && next < len(s) && s[next] > ' ' {
			return valueAt(s, next).to
		}
	}
	return v.to
}

func isPairKey(c byte) bool {
	return isWordLetter(c) || isDigit(c) || c == '-' || c == '.'
}

// maxBlanks is how many blanks may stand around a separator; tables have more, but
// no pairs.
const maxBlanks = 8

func skipBlanks(s string, i int) int {
	for end := min(i+maxBlanks, len(s)); i < end && (s[i] == ' ' || s[i] == '\t'); {
		i++
	}
	return i
}

func skipBlanksBack(s string, i int) int {
	for end := max(i-maxBlanks, 0); i > end && (s[i-1] == ' ' || s[i-1] == '\t'); {
		i--
	}
	return i
}
