package record

import (
	"encoding/json"
	"log/slog"
	"math"
)

// placement tells which of a record's attributes are fields of the projection.
type placement struct {
	at [NumFields]int32 // 1 + index in Attrs; 0: no attribute is this field
	n  int              // attributes that are not in metadata
}

func (p *placement) fill(r *Record) {
	for i := range r.Attrs {
		if id, ok := r.fieldAt(i); ok {
			p.at[id] = int32(i + 1)
			p.n++
		}
	}
}

// fieldAt reports the field that the i-th attribute fills. Of several attributes
// that fill the same field the last one counts, the others count for nothing.
func (r *Record) fieldAt(i int) (FieldID, bool) {
	a := &r.Attrs[i]
	id, role := attrFieldOf(a.Key)
	switch role {
	case roleField:
		return id, fits(Fields[id].Type, a.Value)
	case roleOf:
		return id, isText(a.Value)
	case roleOwn:
		return id, r.own(id) == "" && isText(a.Value)
	}
	return 0, false
}

// own returns the record's field that an attribute of role roleOwn may fill.
func (r *Record) own(id FieldID) string {
	switch id {
	case FieldTraceID:
		return r.TraceID
	case FieldSpanID:
		return r.SpanID
	case FieldLogger:
		return r.Logger
	}
	return ""
}

// text returns the field's text, from the attribute placed there when it is not
// empty, else own.
func (p *placement) text(r *Record, id FieldID, own string) string {
	if i := p.at[id]; i != 0 {
		if s := ValueText(r.Attrs[i-1].Value); s != "" {
			return s
		}
	}
	return own
}

// isText reports whether v is a text on the wire.
func isText(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindString, slog.KindTime, slog.KindDuration:
		return true
	case slog.KindFloat64:
		return !finite(v.Float64())
	}
	return false
}

// fits reports whether v can be the value of a field of type t that comes from
// an attribute. What does not fit stays in metadata; nothing is rounded to fit.
func fits(t FieldType, v slog.Value) bool {
	switch v.Kind() {
	case slog.KindString, slog.KindTime, slog.KindDuration:
		return t == TypeText
	case slog.KindBool:
		return t == TypeText || t == TypeBool
	case slog.KindInt64:
		n := v.Int64()
		return t == TypeText || t == TypeInteger || t == TypeNumber && floatHoldsInt(n)
	case slog.KindUint64:
		n := v.Uint64()
		return t == TypeText || n <= math.MaxInt64 && (t == TypeInteger || t == TypeNumber && floatHoldsInt(int64(n)))
	case slog.KindFloat64:
		f := v.Float64()
		return t == TypeText || finite(f) && (t == TypeNumber || t == TypeInteger && integral(f))
	case slog.KindAny:
		_, ok := v.Any().(json.Number)
		return ok && t == TypeText
	}
	return false
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// exactly is up to where float64 and int64 agree, digit by digit.
const exactly = 1 << 53

// integral reports whether an int64 is the same number as f.
func integral(f float64) bool {
	return f == math.Trunc(f) && f >= -exactly && f <= exactly
}

func floatHoldsInt(n int64) bool { return n >= -exactly && n <= exactly }

func isNull(v slog.Value) bool { return v.Kind() == slog.KindAny && v.Any() == nil }

// emptyObject is a JSON object without keys.
type emptyObject struct{}

// String returns {}.
func (emptyObject) String() string { return "{}" }

// EmptyObject returns the value that stands for a JSON object without keys.
func EmptyObject() slog.Value { return slog.AnyValue(emptyObject{}) }
