package flat

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"time"
)

// maxLogValues is how often a LogValuer may return another one, as in slog.
const maxLogValues = 100

// Value appends a key and any Go value, as slog.Any would hold it.
func (e *Encoder) Value(b []byte, key string, v any) []byte {
	switch x := v.(type) {
	case string:
		return e.String(b, key, x)
	case int:
		return e.scalar(b, opInt, key, uint64(x))
	case bool:
		return e.bool(b, key, x)
	case float64:
		return e.scalar(b, opFloat, key, math.Float64bits(x))
	case time.Duration:
		return e.scalar(b, opDuration, key, uint64(x))
	}
	return e.complex(b, key, slog.AnyValue(v), place{})
}

// place is where a value stands.
type place struct {
	depth   int  // groups and arrays around it
	element bool // in an object or array, where nothing may be left out or inlined
}

func (p place) inGroup() place   { return place{depth: p.depth + 1} }
func (p place) asElement() place { return place{depth: p.depth + 1, element: true} }

// complex appends a value whose encoding may run somebody's code. A panic there
// becomes the value's text.
func (e *Encoder) complex(b []byte, key string, v slog.Value, at place) (out []byte) {
	start := len(b)
	defer func() {
		if p := recover(); p != nil {
			out = e.String(b[:start], key, panicText(v, p))
		}
	}()
	return e.resolve(b, key, v, at)
}

// panicText tells a method called on a nil pointer, which fmt prints as <nil>, from
// a real panic.
func panicText(v slog.Value, p any) string {
	if v.Kind() == slog.KindAny || v.Kind() == slog.KindLogValuer {
		if r := reflect.ValueOf(v.Any()); r.Kind() == reflect.Pointer && r.IsNil() {
			return "<nil>"
		}
	}
	return fmt.Sprintf("!PANIC: %v", p)
}

func (e *Encoder) resolve(b []byte, key string, v slog.Value, at place) []byte {
	for i := 0; v.Kind() == slog.KindLogValuer; i++ {
		if i == maxLogValues {
			return e.String(b, key, "!ERROR: LogValue returned a LogValuer too often")
		}
		v = v.LogValuer().LogValue()
	}
	if at.depth > MaxDepth && (v.Kind() == slog.KindGroup || v.Kind() == slog.KindAny) {
		return e.String(b, key, "!ERROR: nested too deep")
	}
	switch v.Kind() {
	case slog.KindGroup:
		return e.group(b, key, v.Group(), at)
	case slog.KindAny:
		return e.any(b, key, v.Any(), at)
	}
	return e.Attr(b, &slog.Attr{Key: key, Value: v})
}

// full reports whether no more elements are taken in, and counts that as a cut.
func (e *Encoder) full(b []byte) bool {
	if e.MaxBytes == 0 || len(b) <= e.MaxBytes {
		return false
	}
	e.Cut++
	return true
}

func (e *Encoder) group(b []byte, key string, attrs []slog.Attr, at place) []byte {
	start := len(b)
	inline := key == "" && !at.element
	switch {
	case at.element:
		b = e.mark(b, opObject, key)
	case !inline:
		b = e.mark(b, opGroup, key)
	}
	inside := len(b)
	for i := range attrs {
		if e.full(b) {
			break
		}
		switch a := &attrs[i]; a.Value.Kind() {
		case slog.KindGroup, slog.KindAny, slog.KindLogValuer:
			b = e.complex(b, a.Key, a.Value, at.inGroup())
		default:
			b = e.Attr(b, a)
		}
	}
	switch {
	case inline:
		return b
	case len(b) == inside && !at.element:
		return b[:start]
	}
	return appendOp(b, opEnd, "")
}

func (e *Encoder) any(b []byte, key string, v any, at place) []byte {
	switch x := v.(type) {
	case nil:
		if key == "" && !at.element {
			return b // the empty attribute
		}
		return e.mark(b, opNull, key)
	case error:
		return e.String(b, key, x.Error())
	case []byte:
		return e.String(b, key, string(x))
	case json.Marshaler:
		return e.json(b, key, x)
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return e.String(b, key, "!ERROR: "+err.Error())
		}
		return e.String(b, key, string(text))
	case fmt.Stringer:
		return e.String(b, key, x.String())
	case map[string]any:
		return object(e, b, key, x, at)
	case map[string]string:
		return object(e, b, key, x, at)
	case []any:
		return array(e, b, key, x, at)
	case []string:
		return array(e, b, key, x, at)
	case []int:
		return array(e, b, key, x, at)
	case []float64:
		return array(e, b, key, x, at)
	case []slog.Value:
		return array(e, b, key, x, at)
	}
	return e.json(b, key, v)
}

// object appends a map with its keys in order. Maps and slices of the usual types
// do not take the way through JSON: it refuses a whole value for one NaN.
func object[V any](e *Encoder, b []byte, key string, m map[string]V, at place) []byte {
	if m == nil {
		return e.mark(b, opNull, key)
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = e.mark(b, opObject, key)
	for _, k := range keys {
		if e.full(b) {
			break
		}
		b = e.complex(b, k, slog.AnyValue(m[k]), at.asElement())
	}
	return appendOp(b, opEnd, "")
}

func array[V any](e *Encoder, b []byte, key string, list []V, at place) []byte {
	if list == nil {
		return e.mark(b, opNull, key)
	}
	b = e.mark(b, opArray, key)
	for i := range list {
		if e.full(b) {
			break
		}
		b = e.complex(b, "", slog.AnyValue(list[i]), at.asElement())
	}
	return appendOp(b, opEnd, "")
}

func (e *Encoder) json(b []byte, key string, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return e.String(b, key, "!ERROR: "+err.Error())
	}
	if len(text) > e.MaxText {
		return e.String(b, key, string(text)) // cut JSON is text
	}
	b = e.mark(b, opJSON, key)
	b = appendLength(b, len(text))
	return append(b, text...)
}
