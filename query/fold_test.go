package query

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/weirlog/weir/record/recordtest"
)

func TestOnlyTwoRunesFoldIntoASCII(t *testing.T) {
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if unicode.ToLower(r) < utf8.RuneSelf && !foldsIntoASCII(string(r)) {
			t.Errorf("%U folds into ASCII", r)
		}
	}
}

func checkFold(t *testing.T, s, other string) {
	t.Helper()
	lower := strings.ToLower(other)
	if got, want := containsFold(s, lower), strings.Contains(strings.ToLower(s), lower); got != want {
		t.Fatalf("containsFold(%q, %q) = %v", s, lower, got)
	}
	order, prefix := compareFold(s, lower)
	if want := strings.Compare(strings.ToLower(s), lower); order != want {
		t.Fatalf("compareFold(%q, %q) = %d, want %d", s, lower, order, want)
	}
	if want := strings.HasPrefix(strings.ToLower(s), lower); prefix != want {
		t.Fatalf("prefix(%q, %q) = %v", s, lower, prefix)
	}
}

func TestFoldIsToLower(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100_000 {
		s := recordtest.Text(rng) + recordtest.Text(rng)
		other := recordtest.Text(rng)
		if n := len(s); n > 1 && rng.IntN(2) == 0 {
			i := rng.IntN(n)
			other = s[i : i+rng.IntN(n-i)]
			if rng.IntN(2) == 0 {
				other = strings.ToUpper(other)
			}
		}
		checkFold(t, s, other)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Kelvin \u212A", "k")
	f.Add("İstanbul", "i\u0307")
	f.Add("a\xffb", "\uFFFD")
	f.Fuzz(checkFold)
}
