package hub_test

import (
	"math"
	"testing"

	"github.com/weirlog/weir/hub"
)

func TestCursorText(t *testing.T) {
	for _, tt := range []struct {
		cursor hub.Cursor
		text   string
	}{
		{hub.Cursor{}, "c0"},
		{hub.Cursor{Position: 35}, "cz"},
		{hub.Cursor{Position: math.MaxInt64}, "c1y2p0ij32e8e7"},
		{hub.Cursor{Position: 36, Epoch: 1, Ordinal: 2}, "c10-1-2"},
		{hub.Cursor{Position: 1, Epoch: math.MaxUint64, Ordinal: 0}, "c1-3w5e11264sgsf-0"},
	} {
		if got := tt.cursor.String(); got != tt.text {
			t.Errorf("%+v is written %q, want %q", tt.cursor, got, tt.text)
		}
		if got, err := hub.ParseCursor(tt.text); err != nil || got != tt.cursor {
			t.Errorf("%q is read as %+v, %v", tt.text, got, err)
		}
	}
	for _, text := range []string{"", "c", "0", "123", "C1", "c-1", "c+1", "c01", "cA", "c1-", "c1-2", "c1-0-0", "c1-2-3-4", "c1y2p0ij32e8e8", "c1 ", " c1", "c1-2-\n"} {
		if got, err := hub.ParseCursor(text); err == nil {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{"c0", "c10-1-2", "c1y2p0ij32e8e7", "c1-0-0", "123", "c--"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := hub.ParseCursor(text)
		if err != nil {
			return
		}
		if c.Position < 0 || c.String() != text {
			t.Errorf("%q is read as %+v, which is written %q", text, c, c)
		}
	})
}
