package otlp

import (
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
	"strings"

	"github.com/weirlog/weir/record"
)

// jsonReader reads values of JSON that was parsed.
type jsonReader struct {
	field   string // the attribute that is being read, for repairs
	repairs []record.Repair
}

func (d *jsonReader) repair(reason string) {
	d.repairs = append(d.repairs, record.Repair{Field: d.field, Reason: reason})
}

// Reasons of repairs of values.
const (
	reasonNoPair  = "not a list of {key, value}: kept as it came"
	reasonNoValue = "not an AnyValue: kept as it came"
	reasonWrong   = "not what its name says: kept as it came"
)

// pairs reads the attributes of a message.
func (d *jsonReader) pairs(v slog.Value) []slog.Attr {
	list, ok := listOf(v)
	if !ok && !isNull(v) {
		d.field = "attributes"
		d.repair(reasonNoPair)
		return []slog.Attr{{Key: "attributes", Value: v}}
	}
	return d.list(list, 0)
}

// list reads KeyValues. What is none of them is kept under "attributes".
func (d *jsonReader) list(list []slog.Value, depth int) []slog.Attr {
	attrs := make([]slog.Attr, 0, len(list))
	var odd []slog.Value
	for _, one := range list {
		one = d.open(one, depth)
		switch {
		case one.Kind() == slog.KindGroup:
			attrs = append(attrs, d.pair(one, depth))
		case !isNull(one) && !isEmpty(one):
			odd = append(odd, one)
		}
	}
	if odd != nil {
		if depth == 0 {
			d.field = "attributes"
		}
		d.repair(reasonNoPair)
		attrs = append(attrs, slog.Attr{Key: "attributes", Value: slog.AnyValue(odd)})
	}
	return attrs
}

// pair reads a KeyValue.
func (d *jsonReader) pair(one slog.Value, depth int) (a slog.Attr) {
	var value slog.Value
	for _, f := range one.Group() {
		switch f.Key {
		case "key":
			a.Key = plain(f.Value)
		case "value":
			value = f.Value
		}
	}
	if depth == 0 {
		d.field = a.Key
	}
	a.Value = d.value(value, depth)
	return a
}

// open returns a value that our parser left as text because it was too deep for it:
// four levels of OTLP's JSON are one level of the value it stands for.
func (d *jsonReader) open(v slog.Value, depth int) slog.Value {
	if v.Kind() != slog.KindString || depth == 0 || !strings.HasPrefix(v.String(), "{") {
		return v
	}
	if attrs, err := record.ParseAttrs([]byte(v.String())); err == nil {
		return group(attrs)
	}
	return v
}

// value reads an AnyValue inside depth others. Of several values in one the last counts;
// one of a name that is not known is none.
func (d *jsonReader) value(v slog.Value, depth int) (out slog.Value) {
	v = d.open(v, depth)
	if v.Kind() != slog.KindGroup {
		if isNull(v) || isEmpty(v) {
			return slog.Value{}
		}
		d.repair(reasonNoValue)
		return v
	}
	for _, f := range v.Group() {
		if isNull(f.Value) {
			continue
		}
		ok := true
		switch f.Key {
		case "stringValue", "string_value", "bytesValue", "bytes_value":
			out, ok = f.Value, f.Value.Kind() == slog.KindString
		case "boolValue", "bool_value":
			out, ok = f.Value, f.Value.Kind() == slog.KindBool
		case "intValue", "int_value":
			out, ok = intValue(f.Value)
		case "doubleValue", "double_value":
			out, ok = doubleValue(f.Value)
		case "arrayValue", "array_value", "kvlistValue", "kvlist_value":
			out, ok = d.nested(f, depth)
		}
		if !ok {
			d.repair(reasonWrong)
			out = f.Value
		}
	}
	return out
}

// nested reads an ArrayValue or a KeyValueList.
func (d *jsonReader) nested(f slog.Attr, depth int) (slog.Value, bool) {
	if depth >= record.MaxDepth {
		d.repair(reasonTooDeep)
		return slog.StringValue(record.ValueText(f.Value)), true
	}
	var values slog.Value
	body := f.Value
	if body.Kind() == slog.KindString {
		body = d.open(body, depth+1)
	}
	if body.Kind() == slog.KindGroup {
		for _, m := range body.Group() {
			if m.Key == "values" {
				values = m.Value
			}
		}
	} else if !isEmpty(body) {
		return slog.Value{}, false
	}
	list, ok := d.openList(values)
	if !ok {
		return slog.Value{}, false
	}
	if strings.HasPrefix(f.Key, "array") {
		out := make([]slog.Value, len(list))
		for i := range list {
			out[i] = d.value(list[i], depth+1)
		}
		return slog.AnyValue(out), true
	}
	return group(d.list(list, depth+1)), true
}

// openList is open for an array.
func (d *jsonReader) openList(v slog.Value) ([]slog.Value, bool) {
	if v.Kind() == slog.KindString && strings.HasPrefix(v.String(), "[") {
		if attrs, err := record.ParseAttrs([]byte(`{"":` + v.String() + `}`)); err == nil && len(attrs) == 1 {
			v = attrs[0].Value
		}
	}
	if isNull(v) {
		return nil, true
	}
	return listOf(v)
}

// isEmpty reports whether v is an object without members.
func isEmpty(v slog.Value) bool {
	return v.Kind() == slog.KindAny && v.Any() == record.EmptyObject().Any()
}

func listOf(v slog.Value) ([]slog.Value, bool) {
	if v.Kind() != slog.KindAny {
		return nil, false
	}
	list, ok := v.Any().([]slog.Value)
	return list, ok
}

// plain returns a text field's text; of another value its JSON.
func plain(v slog.Value) string {
	if isNull(v) {
		return ""
	}
	return record.ValueText(v)
}

// numberOf returns a number that may be written as a text, as JSON's mapping has those
// of 64 bits.
func numberOf(v slog.Value) slog.Value {
	if v.Kind() == slog.KindString {
		if n, ok := record.ParseNumber(v.String()); ok {
			return n
		}
	}
	return v
}

// exact is up to where float64 holds every whole number.
const exact = 1 << 53

func intValue(v slog.Value) (slog.Value, bool) {
	switch v = numberOf(v); v.Kind() {
	case slog.KindInt64:
		return v, true
	case slog.KindFloat64:
		if f := v.Float64(); f == math.Trunc(f) && math.Abs(f) <= exact {
			return slog.Int64Value(int64(f)), true
		}
	}
	return v, false
}

func doubleValue(v slog.Value) (slog.Value, bool) {
	switch v = numberOf(v); v.Kind() {
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		return v, true
	case slog.KindString: // our parser takes the bare words as well, and makes texts of them
		switch v.String() {
		case "NaN", "Infinity", "-Infinity":
			f, err := strconv.ParseFloat(v.String(), 64)
			return slog.Float64Value(f), err == nil
		}
	case slog.KindAny:
		_, ok := v.Any().(json.Number)
		return v, ok
	}
	return v, false
}

// unsigned reads a number of a field, ok is false when it is none.
func unsigned(v slog.Value) (n uint64, ok bool) {
	switch v = numberOf(v); v.Kind() {
	case slog.KindInt64:
		return uint64(max(v.Int64(), 0)), v.Int64() >= 0
	case slog.KindUint64:
		return v.Uint64(), true
	case slog.KindFloat64:
		if f := v.Float64(); f == math.Trunc(f) && f >= 0 && f < math.MaxUint64 {
			return uint64(f), true
		}
	case slog.KindAny:
		return 0, isNull(v)
	}
	return 0, false
}

// severityNumber reads an enum: its number or its name.
func severityNumber(v slog.Value) (int64, bool) {
	if n := numberOf(v); n.Kind() == slog.KindInt64 {
		return n.Int64(), true
	}
	name, ok := strings.CutPrefix(plain(v), "SEVERITY_NUMBER_")
	if !ok {
		return 0, false
	}
	if name == "UNSPECIFIED" {
		return 0, true
	}
	step := int64(0)
	if last := name[max(len(name)-1, 0):]; last >= "2" && last <= "4" {
		name, step = name[:len(name)-1], int64(last[0]-'1')
	}
	s, ok := record.ParseLevel(name)
	if !ok || s.Level() != name {
		return 0, false
	}
	return int64(s) + step, true
}
