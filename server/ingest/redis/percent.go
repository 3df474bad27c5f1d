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

	"github.com/weirlog/weir/record"
)

// Bounds of what a format may make of its arguments.
const (
	// maxWidth is far more than anybody aligns to, and keeps "%999999999d" from
	// costing a gigabyte.
	maxWidth = 4096
	// maxFormatted is as long as intake lets a record be: a format that names a long
	// argument a thousand times ends there.
	maxFormatted = 16 << 20
)

var errTooLong = fmt.Errorf("the text would be longer than %d bytes", maxFormatted)

// formatArgs applies the arguments of a Python log call to its message, as the %
// operator does. args is a list, or an object for the names of %(name)s; anything
// else is one argument. The errors say what Python's would.
func formatArgs(format string, args slog.Value) (string, error) {
	f := formatter{in: format, single: args}
	switch list, ok := args.Any().([]slog.Value); {
	case ok:
		f.list, f.isList = list, true
	case args.Kind() == slog.KindGroup || isEmptyObject(args):
		f.named = true
	}
	if err := f.run(); err != nil {
		return "", err
	}
	return f.out.String(), nil
}

// formatter is one use of the % operator.
type formatter struct {
	in     string
	at     int
	out    strings.Builder
	single slog.Value   // the arguments as they are
	list   []slog.Value // the arguments one by one, when there is a list
	isList bool
	named  bool // single is an object
	next   int  // the first argument that is not used
}

// spec is one %-sequence.
type spec struct {
	name      string
	hasName   bool
	minus     bool
	plus      bool
	space     bool
	zero      bool
	alternate bool
	width     int
	precision int // -1: none
	verb      byte
}

func (f *formatter) run() error {
	for f.at < len(f.in) {
		percent := strings.IndexByte(f.in[f.at:], '%')
		if percent < 0 {
			f.out.WriteString(f.in[f.at:])
			break
		}
		f.out.WriteString(f.in[f.at : f.at+percent])
		f.at += percent + 1
		s, err := f.spec()
		if err != nil {
			return err
		}
		if s == (spec{precision: -1, verb: '%'}) {
			f.out.WriteByte('%')
			continue
		}
		if err := f.convert(s); err != nil {
			return err
		}
		if f.out.Len() > maxFormatted {
			return errTooLong
		}
	}
	left := f.isList && f.next < len(f.list) || !f.isList && !f.named && f.next == 0
	if left {
		return errors.New("not all arguments converted during string formatting")
	}
	return nil
}

var errIncomplete = errors.New("incomplete format")

// spec reads what is behind a percent sign.
func (f *formatter) spec() (spec, error) {
	s := spec{precision: -1}
	if f.peek() == '(' {
		name, err := f.name()
		if err != nil {
			return s, err
		}
		s.name, s.hasName = name, true
	}
	f.flags(&s)
	var err error
	if s.width, err = f.size(); err != nil {
		return s, err
	}
	if s.width < 0 { // a star with a negative argument
		s.minus, s.width = true, -s.width
	}
	if f.peek() == '.' {
		f.at++
		if s.precision, err = f.size(); err != nil {
			return s, err
		}
		s.precision = max(s.precision, 0)
	}
	if s.width > maxWidth || s.precision > maxWidth {
		return s, fmt.Errorf("a width or precision of more than %d", maxWidth)
	}
	if c := f.peek(); c == 'h' || c == 'l' || c == 'L' {
		f.at++ // C's lengths mean nothing in Python
	}
	if f.at >= len(f.in) {
		return s, errIncomplete
	}
	s.verb = f.in[f.at]
	f.at++
	return s, nil
}

func (f *formatter) peek() byte {
	if f.at < len(f.in) {
		return f.in[f.at]
	}
	return 0
}

// name reads (name), with balanced parentheses in it.
func (f *formatter) name() (string, error) {
	if !f.named {
		return "", errors.New("format requires a mapping")
	}
	depth := 0
	for i := f.at; i < len(f.in); i++ {
		switch f.in[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				name := f.in[f.at+1 : i]
				f.at = i + 1
				return name, nil
			}
		}
	}
	return "", errors.New("incomplete format key")
}

func (f *formatter) flags(s *spec) {
	for ; ; f.at++ {
		switch f.peek() {
		case '-':
			s.minus = true
		case '+':
			s.plus = true
		case ' ':
			s.space = true
		case '0':
			s.zero = true
		case '#':
			s.alternate = true
		default:
			return
		}
	}
}

// size reads a number, or takes one from the arguments for a star.
func (f *formatter) size() (int, error) {
	if f.peek() == '*' {
		f.at++
		v, err := f.take()
		if err != nil {
			return 0, err
		}
		n, ok := wholeNumber(v, false)
		if !ok || !n.IsInt64() {
			return 0, errors.New("* wants int")
		}
		return int(min(max(n.Int64(), -maxWidth-1), maxWidth+1)), nil
	}
	n := 0
	for ; f.peek() >= '0' && f.peek() <= '9'; f.at++ {
		if n = n*10 + int(f.peek()-'0'); n > maxWidth {
			n = maxWidth + 1
		}
	}
	return n, nil
}

// take returns the next argument.
func (f *formatter) take() (slog.Value, error) {
	if !f.isList {
		f.next++
		if f.next > 1 {
			return slog.Value{}, errTooFew
		}
		return f.single, nil
	}
	if f.next >= len(f.list) {
		return slog.Value{}, errTooFew
	}
	f.next++
	return f.list[f.next-1], nil
}

var errTooFew = errors.New("not enough arguments for format string")

// argument returns what a sequence is about.
func (f *formatter) argument(s spec) (slog.Value, error) {
	if !s.hasName {
		return f.take()
	}
	f.next = 1 // the object has had its use
	if f.single.Kind() == slog.KindGroup {
		for _, a := range f.single.Group() {
			if a.Key == s.name {
				return a.Value, nil
			}
		}
	}
	return slog.Value{}, fmt.Errorf("there is no argument %s", strconv.Quote(s.name))
}

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

func isEmptyObject(v slog.Value) bool { return v.Equal(record.EmptyObject()) }

func firstRunes(text string, n int) string {
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
