//go:build unix

package dashboard

import (
	"os"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/null"
)

// TestTerminalBehindTheLogger: whether people read is asked of Options.ErrorOutput itself.
func TestTerminalBehindTheLogger(t *testing.T) {
	for name, want := range map[string]bool{"/dev/zero": true, os.DevNull: false} { // a character device, as a terminal is
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		log := weir.New("shop", weir.WithSink(null.New()), weir.WithErrorOutput(f))
		if got := atTerminal(log.ErrorOutput()); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
