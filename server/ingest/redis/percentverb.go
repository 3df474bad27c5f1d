package redis

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// convert writes the argument of one %-sequence.
func (f *formatter) convert(s spec) error {
	v, err := f.argument(s)
	if err != nil {
		return err
	}
	switch s.verb {
	case 's', 'r', 'a':
		return f.text(s, v)
	case 'c':
		return f.character(s, v)
	case 'd', 'i', 'u', 'o', 'x', 'X':
		return f.integer(s, v)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return f.float(s, v)
	}
	r, _ := utf8.DecodeRuneInString(f.in[f.at-1:])
	return fmt.Errorf("unsupported format character %q", r)
}

func (f *formatter) text(s spec, v slog.Value) error {
	var text string
	switch s.verb {
	case 's':
		text = pythonStr(v)
	case 'r':
		text = pythonRepr(v)
	default:
		text = asciiOnly(pythonRepr(v))
	}
	if err := f.charge(len(text)); err != nil {
		return err
	}
	if s.precision >= 0 {
		text = firstRunes(text, s.precision)
	}
	f.pad(s, "", text, false)
	return nil
}

func (f *formatter) character(s spec, v slog.Value) error {
	switch v.Kind() {
	case slog.KindInt64:
		if n := v.Int64(); n >= 0 && n <= utf8.MaxRune {
			f.pad(s, "", string(rune(n)), false)
			return nil
		}
		return errors.New("%c arg not in range(0x110000)")
	case slog.KindString:
		if utf8.RuneCountInString(v.String()) == 1 {
			f.pad(s, "", v.String(), false)
			return nil
		}
	}
	return errors.New("%c requires int or char")
}

func (f *formatter) integer(s spec, v slog.Value) error {
	decimal := s.verb == 'd' || s.verb == 'i' || s.verb == 'u'
	n, ok := wholeNumber(v, decimal)
	if !ok {
		return fmt.Errorf("%%%c format: a number is required, not %s", s.verb, typeName(v))
	}
	base, prefix := 10, ""
	switch s.verb {
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0"+string(s.verb)
	}
	if !s.alternate || decimal {
		prefix = ""
	}
	digits := new(big.Int).Abs(n).Text(base)
	if s.verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	if missing := s.precision - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	f.pad(s, s.sign(n.Sign() < 0)+prefix, digits, true)
	return nil
}

func (f *formatter) float(s spec, v slog.Value) error {
	if number, ok := v.Any().(json.Number); ok {
		if err := f.charge(len(number)); err != nil {
			return err
		}
	}
	n, ok := floatNumber(v)
	if !ok {
		return fmt.Errorf("must be real number, not %s", typeName(v))
	}
	var body string
	switch {
	case math.IsInf(n, 0):
		body = "inf"
	case math.IsNaN(n):
		body = "nan"
	default:
		precision := s.precision
		if precision < 0 {
			precision = 6
		}
		layout := "%." + strconv.Itoa(precision) + string(s.verb)
		if s.alternate {
			layout = "%#" + layout[1:]
		}
		body = fmt.Sprintf(layout, math.Abs(n))
	}
	if s.verb < 'a' {
		body = strings.ToUpper(body)
	}
	f.pad(s, s.sign(math.Signbit(n) && !math.IsNaN(n)), body, true)
	return nil
}

func (s *spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.plus:
		return "+"
	case s.space:
		return " "
	}
	return ""
}

// pad writes a sequence's text in its width. Zeros stand between the prefix and the
// digits of a number.
func (f *formatter) pad(s spec, prefix, body string, number bool) {
	missing := s.width - utf8.RuneCountInString(prefix) - utf8.RuneCountInString(body)
	left, zeros, right := "", "", ""
	if missing > 0 {
		switch {
		case s.minus:
			right = strings.Repeat(" ", missing)
		case s.zero && number:
			zeros = strings.Repeat("0", missing)
		default:
			left = strings.Repeat(" ", missing)
		}
	}
	f.out.WriteString(left + prefix + zeros + body + right)
}

// wholeNumber reads a value as Python's int() of a number does; floats are cut where
// the conversion is a decimal one, and refused elsewhere.
func wholeNumber(v slog.Value, floats bool) (*big.Int, bool) {
	switch v.Kind() {
	case slog.KindInt64:
		return big.NewInt(v.Int64()), true
	case slog.KindUint64:
		return new(big.Int).SetUint64(v.Uint64()), true
	case slog.KindBool:
		if v.Bool() {
			return big.NewInt(1), true
		}
		return new(big.Int), true
	case slog.KindFloat64:
		if floats && !math.IsInf(v.Float64(), 0) && !math.IsNaN(v.Float64()) {
			n, _ := big.NewFloat(v.Float64()).Int(nil)
			return n, true
		}
	case slog.KindAny:
		if number, ok := v.Any().(json.Number); ok && len(number) <= maxWidth {
			return new(big.Int).SetString(string(number), 10)
		}
	}
	return nil, false
}

// floatNumber reads a value as Python's float() of a number does. JSON has no word for
// what is no finite number: the three that Python writes come as texts.
func floatNumber(v slog.Value) (float64, bool) {
	switch v.Kind() {
	case slog.KindFloat64:
		return v.Float64(), true
	case slog.KindString:
		switch v.String() {
		case "NaN":
			return math.NaN(), true
		case "Infinity":
			return math.Inf(1), true
		case "-Infinity":
			return math.Inf(-1), true
		}
		return 0, false
	case slog.KindAny:
		if number, ok := v.Any().(json.Number); ok {
			n, err := strconv.ParseFloat(string(number), 64)
			return n, err == nil
		}
	}
	n, ok := wholeNumber(v, false)
	if !ok {
		return 0, false
	}
	out, _ := new(big.Float).SetInt(n).Float64()
	return out, true
}

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
