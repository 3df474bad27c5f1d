//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestFolding checks the claim that searches stand on, for every rune there is:
// a rune that folding does not know as different is lowered alike.
func TestFolding(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.read(t.Context(), func(ctx context.Context, r *reader) error {
		const step = 1 << 16
		for from := rune(0); from <= unicode.MaxRune; from += step {
			var b strings.Builder
			for r := max(from, 1); r < from+step && r <= unicode.MaxRune; r++ {
				if utf8.ValidRune(r) {
					b.WriteRune(r)
					b.WriteByte('\n') // so that every rune has a place
				}
			}
			text := b.String()
			var lowered string
			if err := r.conn.QueryRowContext(ctx, "SELECT lower(?)", text).Scan(&lowered); err != nil {
				return err
			}
			ours, theirs := strings.Split(strings.ToLower(text), "\n"), strings.Split(lowered, "\n")
			if len(ours) != len(theirs) {
				return fmt.Errorf("%d lowered runes, want %d", len(theirs), len(ours))
			}
			for i := range ours {
				if ours[i] != theirs[i] && (s.fold.exact(ours[i]) || s.fold.exact(theirs[i])) {
					t.Errorf("%q: Go makes %q, DuckDB %q, and folding does not know it", strings.Split(text, "\n")[i], ours[i], theirs[i])
				}
			}
		}
		// In context: a final sigma, marks that combine, and whatever else.
		rng := rand.New(rand.NewPCG(1, 1))
		alphabet := []rune("ΣσςΟδ İiıIſKkÅå\u0307\u0301ǅDŽdžßẞ日a.")
		for range 300 {
			runes := make([]rune, 1+rng.IntN(12))
			for i := range runes {
				runes[i] = alphabet[rng.IntN(len(alphabet))]
			}
			var lowered string
			if err := r.conn.QueryRowContext(ctx, "SELECT lower(?)", string(runes)).Scan(&lowered); err != nil {
				return err
			}
			if ours := strings.ToLower(string(runes)); ours != lowered && s.fold.exact(ours) {
				t.Errorf("%q: Go makes %q, DuckDB %q", string(runes), ours, lowered)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
