package console

import (
	"bytes"
	"os"
	"testing"
)

func TestWantsColor(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, c := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"not a terminal", nil, false},
		{"forced", map[string]string{"FORCE_COLOR": "1"}, true},
		{"forced off", map[string]string{"FORCE_COLOR": "0"}, false},
		{"NO_COLOR wins", map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1"}, false},
		{"empty NO_COLOR does not count", map[string]string{"FORCE_COLOR": "1", "NO_COLOR": ""}, true},
		{"dumb but forced", map[string]string{"FORCE_COLOR": "true", "TERM": "dumb"}, true},
		{"dumb", map[string]string{"TERM": "dumb"}, false},
	} {
		env := func(k string) (string, bool) { v, ok := c.env[k]; return v, ok }
		if got := wantsColor(&bytes.Buffer{}, env); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if got := wantsColor(null, env); got != c.want {
			t.Errorf("%s, null device: %v, want %v", c.name, got, c.want)
		}
	}
}
