package format

import (
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// spec is how a conversion writes.
type spec struct {
	verb      byte
	left      bool // -
	zero      bool // 0
	plus      bool // +
	space     bool // a space where a plus would be
	alternate bool // #
	width     int
	precision int // -1: none
}

// verbs are all that a conversion can end with.
const verbs = "sradiuoxXeEfFgG"

func (s *spec) flag(c byte) bool {
	switch c {
	case '-':
		s.left = true
	case '0':
		s.zero = true
	case '+':
		s.plus = true
	case ' ':
		s.space = true
	case '#':
		s.alternate = true
	default:
		return false
	}
	return true
}

func (s *spec) quoted() bool  { return s.verb == 'r' || s.verb == 'a' }
func (s *spec) numeric() bool { return s.verb != 's' && !s.quoted() }
func (s *spec) float() bool   { return strings.IndexByte("eEfFgG", s.verb) >= 0 }

func (s *spec) appendQuoted(b []byte, text string) []byte {
	if s.verb == 'a' {
		return strconv.AppendQuoteToASCII(b, text)
	}
	return strconv.AppendQuote(b, text)
}

// cut shortens the text that begins at start to the precision.
func (s *spec) cut(b []byte, start int) []byte {
	if s.precision < 0 || s.numeric() || len(b)-start <= s.precision {
		return b
	}
	end := start
	for range s.precision {
		if end >= len(b) {
			return b
		}
		_, n := utf8.DecodeRune(b[end:])
		end += n
	}
	return b[:end]
}

// pad adds missing spaces around what begins at start.
func (s *spec) pad(b []byte, start, missing int) []byte {
	if missing <= 0 {
		return b
	}
	if s.left {
		start = len(b)
	}
	return insert(b, start, missing, ' ')
}

// missing returns how many characters a text lacks to the width.
func (s *spec) missing(text []byte) int {
	if s.width == 0 {
		return 0
	}
	return s.width - utf8.RuneCount(text)
}

// insert puts n bytes c at a place of b.
func insert(b []byte, at, n int, c byte) []byte {
	if n <= 0 {
		return b
	}
	end := len(b)
	for range n {
		b = append(b, c)
	}
	copy(b[at+n:], b[at:end])
	for i := at; i < at+n; i++ {
		b[i] = c
	}
	return b
}

func appendZeros(b []byte, n int) []byte { return insert(b, len(b), n, '0') }

// appendNumber appends v as a number; ok is false when it is none.
func (s *spec) appendNumber(b []byte, v slog.Value) (out []byte, ok bool) {
	if s.float() {
		f, ok := floatOf(v)
		if !ok {
			return b, false
		}
		return s.appendFloat(b, f), true
	}
	switch v.Kind() {
	case slog.KindInt64:
		n := v.Int64()
		if n < 0 {
			return s.appendInteger(b, true, uint64(-(n+1))+1), true
		}
		return s.appendInteger(b, false, uint64(n)), true
	case slog.KindUint64:
		return s.appendInteger(b, false, v.Uint64()), true
	case slog.KindBool:
		n := uint64(0)
		if v.Bool() {
			n = 1
		}
		return s.appendInteger(b, false, n), true
	case slog.KindFloat64:
		f := math.Trunc(v.Float64())
		if !(math.Abs(f) < 1<<63) {
			return b, false
		}
		return s.appendInteger(b, f < 0, uint64(math.Abs(f))), true
	}
	return b, false
}

func floatOf(v slog.Value) (float64, bool) {
	switch v.Kind() {
	case slog.KindFloat64:
		return v.Float64(), true
	case slog.KindInt64:
		return float64(v.Int64()), true
	case slog.KindUint64:
		return float64(v.Uint64()), true
	case slog.KindBool:
		if v.Bool() {
			return 1, true
		}
		return 0, true
	case slog.KindAny:
		if n, ok := v.Any().(json.Number); ok {
			f, err := n.Float64()
			return f, err == nil
		}
	}
	return 0, false
}

// appendSign appends what stands before a number.
func (s *spec) appendSign(b []byte, negative bool) []byte {
	switch {
	case negative:
		return append(b, '-')
	case s.plus:
		return append(b, '+')
	case s.space:
		return append(b, ' ')
	}
	return b
}

// fill puts zeros between a number's sign, at start, and its digits until the width
// is reached.
func (s *spec) fill(b []byte, start, digits int) []byte {
	if s.zero && !s.left {
		return insert(b, digits, s.width-(len(b)-start), '0')
	}
	return b
}

func (s *spec) appendInteger(b []byte, negative bool, n uint64) []byte {
	start := len(b)
	b = s.appendSign(b, negative)
	base := 10
	switch s.verb {
	case 'o':
		base = 8
	case 'x', 'X':
		base = 16
	}
	if s.alternate && base != 10 {
		b = append(b, '0', s.verb)
	}
	digits := len(b)
	b = strconv.AppendUint(b, n, base)
	if s.verb == 'X' {
		upper(b[digits:])
	}
	b = insert(b, digits, s.precision-(len(b)-digits), '0')
	return s.fill(b, start, digits)
}

// defaultPrecision is C's and Python's.
const defaultPrecision = 6

func (s *spec) appendFloat(b []byte, f float64) []byte {
	start := len(b)
	b = s.appendSign(b, math.Signbit(f) && !math.IsNaN(f))
	f = math.Abs(f)
	digits := len(b)
	upperCase := s.verb < 'a'
	switch {
	case math.IsNaN(f):
		b = append(b, "nan"...)
	case math.IsInf(f, 0):
		b = append(b, "inf"...)
	default:
		precision := s.precision
		if precision < 0 {
			precision = defaultPrecision
		}
		verb := s.verb | 0x20
		if verb == 'g' {
			precision = max(precision, 1)
		}
		b = strconv.AppendFloat(b, f, verb, precision, 64)
	}
	if upperCase {
		upper(b[digits:])
	}
	return s.fill(b, start, digits)
}

func upper(b []byte) {
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
}
