package terminal

import (
	"bytes"
	"os"
	"testing"
)

func TestWhatIsNoTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for name, v := range map[string]any{"the null device": null, "a pipe": r, "a buffer": &bytes.Buffer{}, "nothing": nil} {
		if Is(v) {
			t.Errorf("%s counts as a terminal", name)
		}
	}
}
