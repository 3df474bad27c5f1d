package redis

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pythonStr is str() of a value that came as JSON.
func pythonStr(v slog.Value) string {
	if v.Kind() == slog.KindString {
		return v.String()
	}
	return pythonRepr(v)
}

// pythonRepr is repr() of a value that came as JSON.
func pythonRepr(v slog.Value) string {
	var b strings.Builder
	appendRepr(&b, v)
	return b.String()
}

func appendRepr(b *strings.Builder, v slog.Value) {
	if b.Len() > maxFormatted {
		return // the formatter refuses it
	}
	switch v.Kind() {
	case slog.KindString:
		reprString(b, v.String())
		return
	case slog.KindBool:
		if v.Bool() {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
		return
	case slog.KindFloat64:
		b.WriteString(reprFloat(v.Float64()))
		return
	case slog.KindGroup:
		b.WriteByte('{')
		for i, a := range v.Group() {
			if i > 0 {
				b.WriteString(", ")
			}
			reprString(b, a.Key)
			b.WriteString(": ")
			appendRepr(b, a.Value)
		}
		b.WriteByte('}')
		return
	case slog.KindAny:
		switch held := v.Any().(type) {
		case nil:
			b.WriteString("None")
			return
		case []slog.Value:
			b.WriteByte('[')
			for i, item := range held {
				if i > 0 {
					b.WriteString(", ")
				}
				appendRepr(b, item)
			}
			b.WriteByte(']')
			return
		case json.Number:
			b.WriteString(string(held))
			return
		}
	}
	b.WriteString(v.String()) // integers, and the empty object
}

// reprFloat writes a float as Python does: the shortest digits, with an exponent below
// 1e-4 and from 1e16 on.
func reprFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// reprString writes a text in quotes, double ones when it has single ones only.
func reprString(b *strings.Builder, text string) {
	quote := '\''
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	b.WriteRune(quote)
	for i, r := range text {
		switch {
		case r == quote || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == utf8.RuneError && text[i] != 0xEF: // a byte that is no UTF-8
			fmt.Fprintf(b, `\x%02x`, text[i])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			escapeRune(b, r)
		}
	}
	b.WriteRune(quote)
}

// asciiOnly is ascii() of a text that is a repr already.
func asciiOnly(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			escapeRune(&b, r)
		}
	}
	return b.String()
}

func escapeRune(b *strings.Builder, r rune) {
	switch {
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// typeName is what Python calls the type of a value.
func typeName(v slog.Value) string {
	switch v.Kind() {
	case slog.KindString:
		return "str"
	case slog.KindBool:
		return "bool"
	case slog.KindFloat64:
		return "float"
	case slog.KindInt64, slog.KindUint64:
		return "int"
	case slog.KindGroup:
		return "dict"
	}
	switch v.Any().(type) {
	case nil:
		return "NoneType"
	case []slog.Value:
		return "list"
	case json.Number:
		return "int"
	}
	return "dict"
}
