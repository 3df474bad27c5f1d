package processor

// The digits of a card's number.
const (
	minCardDigits = 13
	maxCardDigits = 19
)

// appendCards finds card numbers: digits in one run, or in groups of at least three,
// the first of four, that single blanks or dashes part.
func appendCards(found []span, s string) []span {
	for i := 0; i < len(s); {
		if !isDigit(s[i]) {
			i++
			continue
		}
		if to := cardAt(s, i); to > 0 {
			found = append(found, span{i, to})
			i = to
			continue
		}
		for i < len(s) && isDigit(s[i]) {
			i++
		}
	}
	return found
}

// cardAt returns the end of the card number that starts with the run of digits at
// from, 0 if there is none.
func cardAt(s string, from int) int {
	if from > 0 && (isWordLetter(s[from-1]) || s[from-1] == '.' && from > 1 && isDigit(s[from-2])) {
		return 0 // within a word or a fraction
	}
	var digits [maxCardDigits]byte
	n, end := 0, 0
	for i := from; i < len(s); {
		start := i
		for i < len(s) && isDigit(s[i]) {
			if n == maxCardDigits {
				return end
			}
			digits[n] = s[i]
			n++
			i++
		}
		group := i - start
		if group < 3 || start == from && group != 4 && group < minCardDigits {
			return end
		}
		if i < len(s) && isWordLetter(s[i]) {
			return end
		}
		if n >= minCardDigits && isCard(digits[:n]) {
			end = i
		}
		if i+1 >= len(s) || s[i] != ' ' && s[i] != '-' || !isDigit(s[i+1]) {
			return end
		}
		i++
	}
	return end
}

// isCard reports whether the digits are those of an issuer's cards, in number and
// beginning, and whether the last one checks them by Luhn's rule.
func isCard(digits []byte) bool {
	n := len(digits)
	if n < minCardDigits || n > maxCardDigits {
		return false
	}
	first := 0 // the first six digits
	for _, c := range digits[:6] {
		first = first*10 + int(c-'0')
	}
	return issued(first, n) && luhn(digits)
}

// issued knows the numbers that the large schemes give out.
func issued(first, n int) bool {
	two, three, four := first/10_000, first/1000, first/100
	switch {
	case first/100_000 == 4: // Visa
		return n == 13 || n == 16 || n == 19
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720: // Mastercard
		return n == 16
	case two == 34, two == 37: // American Express
		return n == 15
	case three >= 300 && three <= 305, two == 36, two == 38, two == 39: // Diners Club
		return n >= 14
	case four >= 3528 && four <= 3589: // JCB
		return n >= 16
	case four == 6011, two == 65, three >= 644 && three <= 649, two == 62: // Discover, UnionPay
		return n >= 16
	case two == 50, two >= 56 && two <= 58, two == 60, two == 61, two == 63, two == 67, two == 81: // Maestro, RuPay
		return n >= 16
	case four >= 2200 && four <= 2204: // Mir
		return n >= 16
	}
	return false
}

func luhn(digits []byte) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// isWordLetter is what a number that stands alone has no neighbour of.
func isWordLetter(c byte) bool { return isLetter(c) || c == '_' || c >= 0x80 }
