package duckdb

import (
	"strings"
	"testing"
)

func TestFoldingDiffers(t *testing.T) {
	// An engine that does not know Σ, and makes a K of its own of the Kelvin sign.
	probe := "aΣ\u212Aß"
	f := newFolding(probe, "aΣκß")
	for _, test := range []struct {
		lower, longest string
	}{
		{"plain", "plain"},
		{"", ""},
		{"οδοσ", "οδο"},
		{"kind", "ind"},
		{"abk", "ab"},
		{"σσσ", ""},
		{"a\uFFFDbc", "bc"},
		{"a\x00bc", "bc"},
		{"\xffbc", "bc"},
	} {
		if got := f.longest(test.lower); got != test.longest {
			t.Errorf("longest(%q) = %q, want %q", test.lower, got, test.longest)
		}
		if got, want := f.exact(test.lower), test.lower == test.longest; got != want {
			t.Errorf("exact(%q) = %v", test.lower, got)
		}
	}
	if f := newFolding(probe, "aa"); f.longest("plain") != "" {
		t.Error("an engine that does not map rune by rune was trusted")
	}
}

func FuzzLongest(f *testing.F) {
	fold := newFolding("aΣ\u212Aß", "aΣκß")
	f.Add("οδοσ kind")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, text string) {
		part := fold.longest(text)
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
		if strings.ContainsAny(part, "σΣkκ\x00\uFFFD") {
			t.Errorf("%q has what differs", part)
		}
	})
}
