package text

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// maxPairs bounds the pairs of a logfmt line; a longer line stays plain text. It
// keeps the search for duplicate keys short.
const maxPairs = 256

// maxKept bounds the buffer that is kept for the next line: more than usual lines
// need, and less than one huge line would leave behind.
const maxKept = 64 << 10

// pair is one key=value of a logfmt line.
type pair struct {
	key, value string
	quoted     bool
}

// parseLogfmt reads a line that is key=value from end to end and has a key for
// the time, level or message. It goes through JSON, so that both forms of a logger
// understand the same names.
func (p *Parser) parseLogfmt(line string) (record.Record, bool) {
	pairs, ok := splitPairs(p.pairs, line)
	if !ok {
		return record.Record{}, false
	}
	object := appendObject(p.object[:0], pairs)
	r, repairs, err := record.ParseJSON(object, p.json)
	clear(pairs)
	if p.pairs = pairs[:0]; cap(object) <= maxKept {
		p.object = object
	}
	if err != nil {
		return record.Record{}, false
	}
	record.MarkRepaired(&r, repairs)
	return r, true
}

// splitPairs cuts a line into its pairs, behind those of pairs; ok is false when it
// is not logfmt.
func splitPairs(pairs []pair, line string) (out []pair, ok bool) {
	s := strings.TrimRight(line, " \t")
	if s == "" || !isLetter(s[0]) && s[0] != '_' && s[0] != '@' {
		return nil, false
	}
	known := false
	for s = skipSpaces(s); s != ""; s = skipSpaces(s) {
		i := 0
		for i < len(s) && isKeyByte(s[i]) {
			i++
		}
		if i == 0 || i == len(s) || s[i] != '=' || len(pairs) == maxPairs {
			return nil, false
		}
		kv := pair{key: s[:i]}
		s = s[i+1:]
		if strings.HasPrefix(s, `"`) {
			quoted, err := strconv.QuotedPrefix(s)
			if err != nil {
				return nil, false
			}
			// Unquote would replace a byte that is not UTF-8 without a word.
			if kv.value, err = strconv.Unquote(quoted); err != nil || !utf8.ValidString(quoted) {
				return nil, false
			}
			kv.quoted = true
			s = s[len(quoted):]
			if s != "" && s[0] != ' ' && s[0] != '\t' {
				return nil, false
			}
		} else {
			end := strings.IndexAny(s, " \t")
			if end < 0 {
				end = len(s)
			}
			kv.value, s = s[:end], s[end:]
			if strings.IndexByte(kv.value, '"') >= 0 {
				return nil, false
			}
		}
		known = known || isLogKey(kv.key)
		pairs = append(pairs, kv)
	}
	return pairs, known
}

// isLogKey tells the keys that make a line of pairs a log line.
func isLogKey(key string) bool {
	switch strings.ToLower(key) {
	case "msg", "message", "level", "lvl", "severity", "time", "ts", "timestamp", "t":
		return true
	}
	return false
}

func isKeyByte(c byte) bool {
	return isNameByte(c) || c == '@' || c == ':' || c == '[' || c == ']' || c >= utf8.RuneSelf
}

// appendObject writes the pairs as a JSON object. Of duplicate keys the first
// keeps its name, because JSON would keep only the last.
func appendObject(dst []byte, pairs []pair) []byte {
	dst = append(dst, '{')
	var names names
	for i, kv := range pairs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, names.free(pairs, i))
		dst = append(dst, ':')
		if !kv.quoted && !isTextKey(kv.key) && isPlainValue(kv.value) {
			dst = append(dst, kv.value...)
		} else {
			dst = appendText(dst, kv.value)
		}
	}
	return append(dst, '}')
}

// names give the pairs of a line names that differ. The zero value is ready.
type names struct {
	given map[string]bool // the keys of all pairs, and the names that were made
	made  map[string]int  // how many were made of a key
}

// free returns the name of pairs[i]: its key, or another when a pair before it has
// the same.
func (n *names) free(pairs []pair, i int) string {
	key := pairs[i].key
	if !hasKey(pairs[:i], key) {
		return key
	}
	if n.given == nil {
		n.given, n.made = make(map[string]bool, len(pairs)), map[string]int{}
		for _, kv := range pairs {
			n.given[kv.key] = true
		}
	}
	for {
		n.made[key]++
		name := record.ConflictPrefix + key
		if count := n.made[key]; count > 1 {
			name += "." + strconv.Itoa(count)
		}
		if !n.given[name] {
			n.given[name] = true
			return name
		}
	}
}

func hasKey(pairs []pair, key string) bool {
	for i := range pairs {
		if pairs[i].key == key {
			return true
		}
	}
	return false
}

// isTextKey tells the keys whose values are text even when they look like a number.
func isTextKey(key string) bool {
	switch key {
	case "msg", "lvl":
		return true
	}
	field, ok := record.FieldByName(key)
	return ok && field.Type == record.TypeText
}

// isPlainValue tells the values that are kept as a number or boolean: those whose
// text is exactly how the value is written.
func isPlainValue(s string) bool {
	if s == "true" || s == "false" {
		return true
	}
	if s == "" || !isDigit(s[0]) && s[0] != '-' || len(s) > 20 {
		return false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return strconv.FormatInt(n, 10) == s
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && strconv.FormatFloat(f, 'f', -1, 64) == s
}

// appendText writes a JSON string. Bytes that are not UTF-8 stay as they are, for
// the intake to replace and note.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
