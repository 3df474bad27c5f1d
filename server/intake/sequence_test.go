package intake

import (
	"fmt"
	"slices"
	"testing"
)

// TestSequence: gaps in what an emitter numbered are seen, and that they are closed.
func TestSequence(t *testing.T) {
	in, st, _, _ := open(t, Options{})
	send := func(first, last uint64) {
		t.Helper()
		if _, err := in.AcceptOnce(t.Context(), test, Key{Source: "e", First: first, Last: last}, numbered(int(last-first+1))); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		first, last uint64
		want        Sequence
	}{
		{3, 5, Sequence{First: 3, Last: 5, Missing: 2}},
		{9, 10, Sequence{First: 3, Last: 10, Missing: 5}},
		{1, 2, Sequence{First: 1, Last: 10, Missing: 3}},
		{4, 8, Sequence{First: 1, Last: 10, Missing: 0}},
	} {
		send(c.first, c.last)
		if got, err := in.Sequence(t.Context(), "e"); err != nil || got != c.want {
			t.Errorf("after %d to %d: %+v, %v", c.first, c.last, got, err)
		}
	}
	if got, err := in.Sequence(t.Context(), "nobody"); err != nil || got != (Sequence{}) {
		t.Errorf("%+v, %v", got, err)
	}
	st.FailRecall(true)
	if _, err := in.Sequence(t.Context(), "e"); err == nil {
		t.Error("no error")
	}
	st.FailRecall(false)
	for i := range maxSequences + 5 {
		if _, err := in.AcceptOnce(t.Context(), test, Key{Source: fmt.Sprint(i), First: 1, Last: 1}, numbered(1)); err != nil {
			t.Fatal(err)
		}
	}
	if got := in.Ledger()[0].Sequences; len(got) != maxSequences || slices.Contains(got, "e") || !slices.Contains(got, "104") {
		t.Errorf("%q", got)
	}
}
