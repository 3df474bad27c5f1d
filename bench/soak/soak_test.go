package main

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"
)

// TestSoak runs a few rounds, other ones each time: the seed is in what it prints.
func TestSoak(t *testing.T) {
	var out bytes.Buffer
	err := soak(&out, 5*time.Second, rand.Uint64())
	t.Log(out.String())
	if err != nil {
		t.Error(err)
	}
}

// TestMarks: a mark is read as it was written, a damaged one is none.
func TestMarks(t *testing.T) {
	m := mark{3, 7, 123456}
	text := m.String()
	if got, err := parseMark(text); err != nil || got != m {
		t.Errorf("%q is read as %v: %v", text, got, err)
	}
	for _, bad := range []string{"", "a/b/c/d", "3/7/123457/" + text[len("3/7/123456/"):], text + "0", "3/7/123456", text + "/1"} {
		if m, err := parseMark(bad); err == nil {
			t.Errorf("%q is read as %v", bad, m)
		}
	}
	pad := m.padding(100)
	for text, want := range map[string]bool{pad: true, pad[:40] + "… [cut: 100 bytes in all]": true, "": true, pad[1:]: false, pad[:40] + "x": false} {
		if got := m.hasPadding(text); got != want {
			t.Errorf("padding %q: %v", text, got)
		}
	}
}
