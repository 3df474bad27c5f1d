package processor

import (
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"

	"github.com/weirlog/weir/record"
)

const (
	// maxRedactDepth is deeper than the logger lets records be; what lies deeper
	// is hidden unseen.
	maxRedactDepth = 100
	// maxPlainKey is how long a key is that no secret fits into, but an e-mail
	// address, which its @ tells.
	maxPlainKey = 20
)

// attrs returns the list with its secrets replaced, in a copy if there were any.
func (x *Redactor) attrs(list []slog.Attr, depth int) ([]slog.Attr, bool) {
	e := edit[slog.Attr]{from: list}
	for i := range list {
		a := &list[i]
		key, inKey := a.Key, false
		if len(key) > maxPlainKey || strings.IndexByte(key, '@') >= 0 {
			key, inKey = x.text(key)
		}
		v, inValue := x.attrValue(a, depth)
		if inKey || inValue {
			e.set(i, slog.Attr{Key: key, Value: v})
		} else {
			e.keep(i)
		}
	}
	return e.result()
}

func (x *Redactor) attrValue(a *slog.Attr, depth int) (slog.Value, bool) {
	if s := x.keys.judge(a.Key); s != open && hides(s, a.Value) {
		return x.hidden(a.Value)
	}
	return x.value(a.Value, depth)
}

// hides reports whether a value of that secrecy is secret.
func hides(s secrecy, v slog.Value) bool {
	switch v.Kind() {
	case slog.KindBool:
		return s == always
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindTime:
		return s != notNumber
	case slog.KindAny:
		switch v.Any().(type) {
		case nil:
			return s == always
		case json.Number:
			return s != notNumber
		}
	}
	return true
}

// hidden replaces a whole value, unless that was done before.
func (x *Redactor) hidden(v slog.Value) (slog.Value, bool) {
	if v.Kind() == slog.KindString && v.String() == x.replacement {
		return v, false
	}
	return slog.StringValue(x.replacement), true
}

func (x *Redactor) value(v slog.Value, depth int) (slog.Value, bool) {
	if depth > maxRedactDepth {
		return x.hidden(v)
	}
	switch v.Kind() {
	case slog.KindString:
		if text, changed := x.text(v.String()); changed {
			return slog.StringValue(text), true
		}
	case slog.KindInt64:
		if n := v.Int64(); n > 0 && x.isCardNumber(uint64(n)) {
			return x.hidden(v)
		}
	case slog.KindUint64:
		if x.isCardNumber(v.Uint64()) {
			return x.hidden(v)
		}
	case slog.KindGroup:
		if list, changed := x.attrs(v.Group(), depth+1); changed {
			return slog.GroupValue(list...), true
		}
	case slog.KindLogValuer: // not an attribute's value; what it holds must be seen
		resolved, _ := x.value(v.Resolve(), depth+1)
		return resolved, true
	case slog.KindAny:
		return x.any(v, depth)
	}
	return v, false
}

func (x *Redactor) any(v slog.Value, depth int) (slog.Value, bool) {
	switch value := v.Any().(type) {
	case nil:
		return v, false
	case []slog.Value:
		e := edit[slog.Value]{from: value}
		for i := range value {
			if element, changed := x.value(value[i], depth+1); changed {
				e.set(i, element)
			} else {
				e.keep(i)
			}
		}
		if list, changed := e.result(); changed {
			return slog.AnyValue(list), true
		}
		return v, false
	case json.Number:
		if text, changed := x.text(string(value)); changed {
			return slog.StringValue(text), true
		}
		return v, false
	}
	// What is no attribute's value is judged, and from here on known, by its text.
	if v.Equal(record.EmptyObject()) {
		return v, false
	}
	text, _ := x.text(string(record.AppendValue(nil, v)))
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	return slog.StringValue(text), true
}

// isCardNumber reports whether a number is one of a card.
func (x *Redactor) isCardNumber(n uint64) bool {
	const least = 1_000_000_000_000 // 13 digits
	if n < least || !x.look.card {
		return false
	}
	var room [maxCardDigits + 1]byte
	return isCard(strconv.AppendUint(room[:0], n, 10))
}
