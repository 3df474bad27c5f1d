package format

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/weirlog/weir/record"
)

// jsonWriter writes JSON that has no white space again, in another form. Finding the
// end of a value looks at what is inside, so deep nesting costs its depth once more;
// records are not deep.
type jsonWriter struct {
	indent int
	sort   bool
	skip   []string
	whole  bool // the outermost object is a record
}

// member is a key and a value of an object, as they stand in the source.
type member struct {
	raw   []byte // the key with its quotes
	name  string
	value []byte
}

// value appends the value that src is; prefix is the dotted name that its members
// stand under.
func (w *jsonWriter) value(b, src []byte, depth int, prefix string) []byte {
	switch src[0] {
	case '{':
		return w.object(b, src, depth, prefix)
	case '[':
		return w.array(b, src, depth, prefix)
	}
	return append(b, src...)
}

func (w *jsonWriter) object(b, src []byte, depth int, prefix string) []byte {
	members := w.members(src, prefix)
	if w.sort {
		slices.SortStableFunc(members, func(x, y member) int { return strings.Compare(x.name, y.name) })
	}
	b = append(b, '{')
	for i, m := range members {
		b = w.separate(b, i, depth+1)
		b = append(b, m.raw...)
		b = append(b, ':')
		if w.indent > 0 {
			b = append(b, ' ')
		}
		inner := join(prefix, m.name)
		if w.whole && depth == 0 && m.name == nameOf(record.FieldMetadata) {
			inner = "" // attributes are named without it
		}
		b = w.value(b, m.value, depth+1, inner)
	}
	return w.close(b, len(members), depth, '}')
}

func (w *jsonWriter) array(b, src []byte, depth int, prefix string) []byte {
	b = append(b, '[')
	n := 0
	for i := 1; src[i] != ']'; n++ {
		if src[i] == ',' {
			i++
		}
		end := valueEnd(src, i)
		b = w.separate(b, n, depth+1)
		b = w.value(b, src[i:end], depth+1, prefix)
		i = end
	}
	return w.close(b, n, depth, ']')
}

// members returns those of an object that are written.
func (w *jsonWriter) members(src []byte, prefix string) []member {
	var all []member
	for i := 1; src[i] != '}'; {
		if src[i] == ',' {
			i++
		}
		colon := valueEnd(src, i)
		end := valueEnd(src, colon+1)
		m := member{raw: src[i:colon], value: src[colon+1 : end]}
		m.name = keyOf(m.raw)
		if !slices.Contains(w.skip, join(prefix, m.name)) {
			all = append(all, m)
		}
		i = end
	}
	return all
}

func keyOf(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var name string
	if json.Unmarshal(raw, &name) != nil {
		return string(raw)
	}
	return name
}

// separate appends what stands before the n-th member.
func (w *jsonWriter) separate(b []byte, n, depth int) []byte {
	if n > 0 {
		b = append(b, ',')
	}
	return w.newline(b, depth)
}

func (w *jsonWriter) close(b []byte, n, depth int, c byte) []byte {
	if n > 0 {
		b = w.newline(b, depth)
	}
	return append(b, c)
}

func (w *jsonWriter) newline(b []byte, depth int) []byte {
	if w.indent == 0 {
		return b
	}
	return insert(append(b, '\n'), len(b)+1, depth*w.indent, ' ')
}

// valueEnd returns where the value at i ends.
func valueEnd(src []byte, i int) int {
	depth := 0
	for ; i < len(src); i++ {
		switch src[i] {
		case '"':
			for i++; src[i] != '"'; i++ {
				if src[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // of a number or word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}
