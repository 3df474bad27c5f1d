package record

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strconv"
)

// AppendJSON appends r's projection as one JSON object in the order of [Fields],
// without a newline. Null fields are left out; so is severity when it is the
// plain number of the level, kind when it is "log", and deleted when it is false.
// Invalid UTF-8 is written as U+FFFD.
func AppendJSON(dst []byte, r *Record) []byte {
	var p placement
	p.fill(r)
	start := len(dst)
	for id := range FieldID(NumFields) {
		switch id {
		case FieldPosition:
			if r.ID > 0 {
				dst = append(dst, fieldKeys[id]...)
				dst = append(dst, '"')
				dst = strconv.AppendInt(dst, int64(r.ID), 10)
				dst = append(dst, '"')
			}
		case FieldCreatedAt:
			if !r.Time.IsZero() {
				dst = appendQuotedTime(append(dst, fieldKeys[id]...), r.Time)
			}
		case FieldObservedAt:
			if !r.Observed.IsZero() {
				dst = appendQuotedTime(append(dst, fieldKeys[id]...), r.Observed)
			}
		case FieldLevel:
			dst = appendTextField(dst, id, r.LevelText())
		case FieldSeverity:
			if r.Severity == SeverityUnknown || r.Severity%4 != 1 {
				dst = append(dst, fieldKeys[id]...)
				dst = strconv.AppendUint(dst, uint64(r.Severity), 10)
			}
		case FieldMessage:
			dst = appendString(append(dst, fieldKeys[id]...), r.Message)
		case FieldKind:
			if r.Kind != KindLog {
				dst = appendTextField(dst, id, r.Kind.String())
			}
		case FieldSeq:
			if r.Seq != 0 {
				dst = strconv.AppendUint(append(dst, fieldKeys[id]...), r.Seq, 10)
			}
		case FieldSourceID:
			dst = appendTextField(dst, id, r.SourceID)
		case FieldTraceID, FieldSpanID, FieldLogger:
			dst = appendTextField(dst, id, p.text(r, id, r.own(id)))
		case FieldLogType, FieldService, FieldEnvironment, FieldServiceVersion, FieldHost:
			dst = appendTextField(dst, id, p.text(r, id, r.Resource.field(id)))
		case FieldMetadata:
			dst = r.appendMetadata(dst, &p)
		default:
			if i := p.at[id]; i != 0 {
				dst = appendAttrField(dst, id, r.Attrs[i-1].Value)
			}
		}
	}
	dst[start] = '{' // message is always there, and each field starts with a comma
	return append(dst, '}')
}

func appendTextField(dst []byte, id FieldID, s string) []byte {
	if s == "" {
		return dst
	}
	return appendString(append(dst, fieldKeys[id]...), s)
}

func appendAttrField(dst []byte, id FieldID, v slog.Value) []byte {
	if id == FieldDeleted && !v.Bool() {
		return dst
	}
	dst = append(dst, fieldKeys[id]...)
	if Fields[id].Type != TypeText {
		return AppendValue(dst, fitted(Fields[id].Type, v))
	}
	return appendString(dst, ValueText(v))
}

func (r *Record) appendMetadata(dst []byte, p *placement) []byte {
	if len(r.Attrs) == p.n {
		return dst
	}
	separator := byte('{')
	for i := range r.Attrs {
		a := &r.Attrs[i]
		if p.n != 0 {
			if _, ok := r.fieldAt(i); ok {
				continue
			}
		}
		if isNull(a.Value) {
			continue
		}
		if separator == '{' {
			dst = append(dst, fieldKeys[FieldMetadata]...)
		}
		dst = append(dst, separator)
		separator = ','
		dst = appendString(dst, a.Key)
		dst = append(dst, ':')
		dst = AppendValue(dst, a.Value)
	}
	if separator == ',' {
		dst = append(dst, '}')
	}
	return dst
}

// AppendValue appends an attribute's value as JSON.
func AppendValue(dst []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindString:
		return appendString(dst, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(dst, v.Uint64(), 10)
	case slog.KindFloat64:
		return appendFloat(dst, v.Float64())
	case slog.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case slog.KindTime:
		return appendQuotedTime(dst, v.Time())
	case slog.KindDuration:
		dst = append(dst, '"')
		dst = append(dst, v.Duration().String()...)
		return append(dst, '"')
	case slog.KindGroup:
		return AppendAttrs(dst, v.Group())
	case slog.KindLogValuer:
		return AppendValue(dst, v.Resolve())
	}
	switch x := v.Any().(type) {
	case nil:
		return append(dst, "null"...)
	case []slog.Value:
		dst = append(dst, '[')
		for i := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendValue(dst, x[i])
		}
		return append(dst, ']')
	case json.Number:
		if isNumber(string(x)) {
			return append(dst, x...)
		}
		return appendString(dst, string(x))
	case emptyObject:
		return append(dst, '{', '}')
	default: // not an attribute's value; its text is better than nothing
		return appendString(dst, fmt.Sprint(x))
	}
}

// AppendAttrs appends attributes as one JSON object.
func AppendAttrs(dst []byte, attrs []slog.Attr) []byte {
	dst = append(dst, '{')
	for i := range attrs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, attrs[i].Key)
		dst = append(dst, ':')
		dst = AppendValue(dst, attrs[i].Value)
	}
	return append(dst, '}')
}

// ValueText returns a value as the text that is compared and searched: a text
// itself, everything else as JSON. Stores use it too, so that all agree.
func ValueText(v slog.Value) string {
	switch v.Kind() {
	case slog.KindString:
		return v.String()
	case slog.KindBool:
		if v.Bool() {
			return "true"
		}
		return "false"
	case slog.KindInt64:
		return strconv.FormatInt(v.Int64(), 10)
	case slog.KindTime:
		return string(AppendTime(nil, v.Time()))
	case slog.KindDuration:
		return v.Duration().String()
	case slog.KindFloat64:
		if f := v.Float64(); !finite(f) {
			return notFinite(f)
		}
	case slog.KindAny:
		if n, ok := v.Any().(json.Number); ok {
			return string(n)
		}
	}
	return string(AppendValue(nil, v))
}

// appendFloat writes a number as JavaScript does, so that it reads back as the
// same float64; what is not a number becomes a text.
func appendFloat(dst []byte, f float64) []byte {
	if !finite(f) {
		dst = append(dst, '"')
		dst = append(dst, notFinite(f)...)
		return append(dst, '"')
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' { // e-09 is e-9
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

func notFinite(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return "NaN"
}
