package record

import (
	"encoding/json"
	"log/slog"
	"strconv"
)

// Limits of what ParseJSON takes; both bound the work that one record can cause.
// What exceeds them is kept as text, and told as a repair.
const (
	MaxDepth      = 64     // objects and arrays inside each other in an attribute; deeper ones are kept as their text
	MaxAttributes = 10_000 // keys in one object; those after it are kept as text under "_rest"
)

const (
	reasonTooDeep = "deeper than 64 levels: kept as text"
	reasonTooMany = "more than 10000 keys: the others are kept as text under " + AttrRest
	reasonTwice   = "given more than once: the last one was kept"
)

// parser makes values of JSON.
type parser struct {
	scanner
	key     string // the top-level key that is being read, for repairs
	repairs []Repair
	attrs   []slog.Attr  // a stack of the objects that are being read
	values  []slog.Value // a stack of the arrays that are being read
	max     int          // ParseOptions.MaxValues
	count   int          // values inside objects and arrays so far
	full    bool         // reading stopped because there are more than max
}

func (p *parser) repair(field, reason string) {
	p.repairs = append(p.repairs, Repair{Field: field, Reason: reason})
}

// value reads the value at the present place, inside depth objects and arrays.
func (p *parser) value(depth int) (slog.Value, bool) {
	c := p.peek()
	if p.max > 0 {
		if depth == 0 && (c == '{' || c == '[') {
			return p.bounded(c)
		}
		if p.count++; depth > 0 && p.count > p.max {
			p.full = true
			return slog.Value{}, false
		}
	}
	return p.valueAt(c, depth)
}

func (p *parser) valueAt(c byte, depth int) (slog.Value, bool) {
	switch c {
	case '"':
		s, ok := p.text()
		return slog.StringValue(s), ok
	case '{', '[':
		if depth >= MaxDepth {
			start := p.i
			if !p.skip() {
				return slog.Value{}, false
			}
			p.repair(p.key, reasonTooDeep)
			return slog.StringValue(p.s[start:p.i]), true
		}
		if c == '[' {
			return p.array(depth + 1)
		}
		attrs, ok := p.object(depth + 1)
		if len(attrs) == 0 {
			return EmptyObject(), ok
		}
		return slog.GroupValue(attrs...), ok
	case 't', 'f', 'n', 'N', 'I':
		return p.word()
	}
	end, plain := scanNumber(p.s, p.i)
	if end == p.i {
		return p.word()
	}
	token := p.s[p.i:end]
	p.i = end
	return numberValue(token, plain), true
}

func (p *parser) word() (slog.Value, bool) {
	switch word, ok := p.literal(); {
	case !ok:
		return slog.Value{}, p.failHere("a value")
	case word == "true", word == "false":
		return slog.BoolValue(word == "true"), true
	case word == "null":
		return slog.Value{}, true
	default:
		return slog.StringValue(word), true
	}
}

// object reads the object at the present brace; nobody else has its attributes.
// Only the last of each key is kept.
func (p *parser) object(depth int) ([]slog.Attr, bool) {
	base := len(p.attrs)
	counted := 0
	var rest []byte
	ok := p.members(func(key string, start int) bool {
		if !reserved(key) {
			counted++
		}
		if counted > MaxAttributes && !reserved(key) {
			return p.skipInto(&rest, start)
		}
		if depth == 0 {
			p.key = key
		}
		v, ok := p.value(depth)
		p.attrs = append(p.attrs, slog.Attr{Key: key, Value: v})
		return ok
	})
	if !ok {
		return nil, false
	}
	p.pushRest(rest, base, depth)
	read := lastOfEach(p.attrs[base:], func(key string) { p.repair(p.dotted(depth, key), reasonTwice) })
	attrs := make([]slog.Attr, len(read))
	copy(attrs, read)
	clear(p.attrs[base:])
	p.attrs = p.attrs[:base]
	return attrs, true
}

// dotted names a key for a repair: with the top-level key before it when the
// object is an attribute's value.
func (p *parser) dotted(depth int, key string) string {
	if depth == 0 || p.key == "" {
		return key
	}
	return p.key + "." + key
}

// members calls member at the value of each key of the object at the present
// brace; start is where the key began. member moves behind the value.
func (p *parser) members(member func(key string, start int) bool) bool {
	p.i++
	if p.peek() == '}' {
		p.i++
		return true
	}
	for {
		if p.peek() != '"' {
			return p.failHere("a key in quotes")
		}
		start := p.i
		key, ok := p.text()
		if !ok || !p.colon() {
			return false
		}
		p.space()
		if !member(key, start) {
			return false
		}
		switch p.peek() {
		case ',':
			p.i++
		case '}':
			p.i++
			return true
		default:
			return p.failHere("a comma or }")
		}
	}
}

// skipInto moves behind the value at the present place and appends the member,
// which began at start, after a comma.
func (p *parser) skipInto(rest *[]byte, start int) bool {
	if !p.skip() {
		return false
	}
	*rest = append(append(*rest, ','), p.s[start:p.i]...)
	return true
}

// pushRest adds the members that were too many, as the text of one object; they
// begin with a comma.
func (p *parser) pushRest(members []byte, base, depth int) {
	if len(members) == 0 {
		return
	}
	members[0] = '{'
	p.repair(p.dotted(depth, AttrRest), reasonTooMany)
	p.attrs = appendRest(p.attrs, base, string(append(members, '}')))
}

// appendRest adds a text to the attribute _rest of attrs[base:].
func appendRest(attrs []slog.Attr, base int, text string) []slog.Attr {
	for i := base; i < len(attrs); i++ {
		if a := &attrs[i]; a.Key == AttrRest && a.Value.Kind() == slog.KindString {
			a.Value = slog.StringValue(a.Value.String() + "\n" + text)
			return attrs
		}
	}
	return append(attrs, slog.String(AttrRest, text))
}

// reserved are the keys that Weir itself adds; they do not count to
// MaxAttributes, so that what was read once is not too much the next time.
func reserved(key string) bool {
	return key == AttrRest || key == AttrRepaired || key == AttrReplaced
}

// usualValues is room for the elements of most arrays.
const usualValues = 8

func (p *parser) array(depth int) (slog.Value, bool) {
	base := len(p.values)
	p.i++
	if p.peek() == ']' {
		p.i++
		return slog.AnyValue([]slog.Value{}), true
	}
	if p.values == nil {
		p.values = make([]slog.Value, 0, usualValues)
	}
	for {
		v, ok := p.value(depth)
		if !ok {
			return slog.Value{}, false
		}
		p.values = append(p.values, v)
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			list := make([]slog.Value, len(p.values)-base)
			copy(list, p.values[base:])
			clear(p.values[base:])
			p.values = p.values[:base]
			return slog.AnyValue(list), true
		default:
			return slog.Value{}, p.failHere("a comma or ]")
		}
	}
}

// numberValue makes a value of a number in JSON's grammar: an int64, uint64 or
// float64 when one of them holds it, else a json.Number.
func numberValue(token string, plain bool) slog.Value {
	if plain && token != "-0" {
		if n, err := strconv.ParseInt(token, 10, 64); err == nil {
			return slog.Int64Value(n)
		}
		if n, err := strconv.ParseUint(token, 10, 64); err == nil {
			return slog.Uint64Value(n)
		}
	}
	f, err := strconv.ParseFloat(token, 64)
	if err == nil && floatHolds(token, f) {
		return slog.Float64Value(f)
	}
	return slog.AnyValue(json.Number(token))
}

// floatHolds reports whether f, written as short as it can be, is token again.
func floatHolds(token string, f float64) bool {
	// A float64 keeps 15 digits between these bounds, with an exponent or without.
	if len(token) <= 16 && (f > 1e-290 && f < 1e290 || f < -1e-290 && f > -1e290) {
		return true
	}
	var buf [32]byte
	short, _ := ParseDecimal(string(strconv.AppendFloat(buf[:0], f, 'e', -1, 64)))
	exact, _ := ParseDecimal(token)
	return exact.Cmp(short) == 0
}

// ParseAttrs reads a JSON object into attributes, as ParseJSON reads metadata.
func ParseAttrs(data []byte) ([]slog.Attr, error) {
	p := parser{scanner: scanner{s: string(data)}}
	if p.peek() != '{' {
		p.failHere("an object")
		return nil, p.err
	}
	attrs, ok := p.object(0)
	if !ok || !p.end("object") {
		return nil, p.err
	}
	return attrs, nil
}

// ParseNumber reads a number in JSON's grammar: as an int64, uint64 or float64 when
// one of them holds it, else as a json.Number.
func ParseNumber(text string) (slog.Value, bool) {
	end, plain := scanNumber(text, 0)
	if end == 0 || end != len(text) {
		return slog.Value{}, false
	}
	return numberValue(text, plain), true
}
