package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Case is folded by strings.ToLower on both sides. The functions here give exactly
// what that gives, without making the lower-case text of what is searched.

// containsFold reports whether strings.ToLower(s) contains lower, which must be
// folded already.
func containsFold(s, lower string) bool {
	if lower == "" {
		return true
	}
	if !isASCII(lower) {
		return !isASCII(s) && strings.Contains(strings.ToLower(s), lower)
	}
	if containsASCII(s, lower) {
		return true
	}
	return foldsIntoASCII(s) && strings.Contains(strings.ToLower(s), lower)
}

// foldsIntoASCII reports whether s has one of the two runes beyond ASCII whose
// lower case is within it: the Kelvin sign and İ.
func foldsIntoASCII(s string) bool {
	return strings.Contains(s, "\u212A") || strings.Contains(s, "\u0130")
}

// containsASCII is containsFold for an ASCII text that is searched byte by byte. It
// jumps to where the rarest byte of lower stands.
func containsASCII(s, lower string) bool {
	n := len(lower)
	if len(s) < n {
		return false
	}
	rare := rarest(lower)
	small, big := lower[rare], upperASCII(lower[rare])
	last := len(s) - n + rare
	nextSmall, nextBig := -1, -1
	for i := rare; i <= last; i++ {
		if nextSmall < i {
			nextSmall = indexFrom(s, small, i)
		}
		if small == big {
			nextBig = nextSmall
		} else if nextBig < i {
			nextBig = indexFrom(s, big, i)
		}
		i = min(nextSmall, nextBig)
		if i > last {
			return false
		}
		if equalASCII(s[i-rare:i-rare+n], lower) {
			return true
		}
	}
	return false
}

// indexFrom returns where c stands in s from i on, or beyond the end.
func indexFrom(s string, c byte, i int) int {
	if k := strings.IndexByte(s[i:], c); k >= 0 {
		return i + k
	}
	return len(s)
}

// frequent are the bytes that logs have most, the most frequent first.
const frequent = " etaoinsrhldcu0m1p.f-g2/yb3:w4"

// rarest returns the place of the byte of s that texts have least.
func rarest(s string) int {
	best, bestRank := 0, -1
	for i := range len(s) {
		rank := strings.IndexByte(frequent, s[i])
		if rank < 0 {
			return i
		}
		if rank > bestRank {
			best, bestRank = i, rank
		}
	}
	return best
}

func equalASCII(s, lower string) bool {
	for i := range len(s) {
		if lowerASCII(s[i]) != lower[i] {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if c-'A' < 26 {
		return c + 'a' - 'A'
	}
	return c
}

func upperASCII(c byte) byte {
	if c-'a' < 26 {
		return c - 'a' + 'A'
	}
	return c
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// compareFold compares strings.ToLower(s) with lower, which must be folded
// already, by their bytes. prefix says that lower is its beginning.
func compareFold(s, lower string) (order int, prefix bool) {
	at := 0 // the bytes of lower that were the same
	for i := 0; i < len(s); {
		if at == len(lower) {
			return 1, true
		}
		if c := s[i]; c < utf8.RuneSelf {
			c = lowerASCII(c)
			if d := lower[at]; c != d {
				return sign(int(c) - int(d)), false
			}
			i++
			at++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		var buf [utf8.UTFMax]byte
		n := utf8.EncodeRune(buf[:], unicode.ToLower(r))
		for k := range n {
			if at == len(lower) {
				return 1, true
			}
			if buf[k] != lower[at] {
				return sign(int(buf[k]) - int(lower[at])), false
			}
			at++
		}
	}
	if at < len(lower) {
		return -1, false
	}
	return 0, true
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
