package record

import (
	"strconv"
	"strings"
)

// Decimal is a number as it is written, for comparing numbers of any size
// exactly. It shares the text it was read from.
type Decimal struct {
	negative bool
	a, b     string // the significant digits, one part after the other, without zeros at either end
	exp      int    // the value is 0.ab × 10^exp
}

// maxExponent is where exponents stop being told apart: far beyond what anybody
// counts, and safe to add to.
const maxExponent = 1 << 30

// ParseDecimal reads a number as JSON writes it.
func ParseDecimal(text string) (Decimal, bool) {
	end, _ := scanNumber(text, 0)
	if end != len(text) || end == 0 {
		return Decimal{}, false
	}
	var d Decimal
	if text[0] == '-' {
		d.negative = true
		text = text[1:]
	}
	if e := strings.IndexAny(text, "eE"); e >= 0 {
		d.exp = exponent(text[e+1:])
		text = text[:e]
	}
	d.a, d.b, _ = strings.Cut(text, ".")
	d.exp += len(d.a)
	trimmed := strings.TrimLeft(d.a, "0")
	d.exp -= len(d.a) - len(trimmed)
	d.a = trimmed
	if d.a == "" {
		trimmed = strings.TrimLeft(d.b, "0")
		d.exp -= len(d.b) - len(trimmed)
		d.b = trimmed
	}
	if d.b = strings.TrimRight(d.b, "0"); d.b == "" {
		d.a = strings.TrimRight(d.a, "0")
	}
	if d.a == "" && d.b == "" {
		d = Decimal{}
	}
	return d, true
}

func exponent(text string) int {
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 10, 64)
	switch {
	case n > maxExponent || err != nil && text[0] != '-':
		return maxExponent
	case n < -maxExponent || err != nil:
		return -maxExponent
	}
	return int(n)
}

// Cmp returns -1, 0 or +1 as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int {
	if d.sign() != e.sign() {
		if d.sign() < e.sign() {
			return -1
		}
		return 1
	}
	c := d.magnitude(e)
	if d.negative {
		return -c
	}
	return c
}

func (d Decimal) sign() int {
	switch {
	case d.len() == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func (d Decimal) len() int { return len(d.a) + len(d.b) }

func (d Decimal) digit(i int) byte {
	if i < len(d.a) {
		return d.a[i]
	}
	return d.b[i-len(d.a)]
}

// magnitude compares the absolute values.
func (d Decimal) magnitude(e Decimal) int {
	if d.len() == 0 || e.len() == 0 || d.exp != e.exp {
		switch {
		case d.len() == 0 && e.len() == 0:
			return 0
		case d.len() == 0 || e.len() != 0 && d.exp < e.exp:
			return -1
		}
		return 1
	}
	for i := range min(d.len(), e.len()) {
		if x, y := d.digit(i), e.digit(i); x != y {
			if x < y {
				return -1
			}
			return 1
		}
	}
	switch {
	case d.len() < e.len():
		return -1
	case d.len() > e.len():
		return 1
	}
	return 0
}

// scanNumber returns where the number that starts at s[i] ends, or i when there
// is none, by JSON's grammar. plain says that it has neither fraction nor
// exponent.
func scanNumber(s string, i int) (end int, plain bool) {
	start := i
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i >= len(s) || !isDigit(s[i]):
		return start, false
	case s[i] == '0':
		i++
	default:
		for i < len(s) && isDigit(s[i]) {
			i++
		}
	}
	plain = true
	if i+1 < len(s) && s[i] == '.' && isDigit(s[i+1]) {
		plain = false
		for i++; i < len(s) && isDigit(s[i]); {
			i++
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && isDigit(s[j]) {
			plain = false
			for i = j; i < len(s) && isDigit(s[i]); {
				i++
			}
		}
	}
	return i, plain
}

func isNumber(s string) bool {
	end, _ := scanNumber(s, 0)
	return end > 0 && end == len(s)
}
