package console_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/console"
)

// broken is an output that fails until it is mended.
type broken struct {
	mu     sync.Mutex
	mended bool
	buf    bytes.Buffer
}

func (b *broken) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.mended {
		return 0, errors.New("broken pipe")
	}
	return b.buf.Write(p)
}

func (b *broken) mend() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mended = true
}

func (b *broken) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestConsoleWorksAgain: trouble, and its end with what it cost, are told with the name that
// the sink gives itself.
func TestConsoleWorksAgain(t *testing.T) {
	var out, told broken
	told.mend()
	l := weir.New("app", weir.WithErrorOutput(&told), weir.WithSink(console.New(&out, console.Options{})))
	for range 3 {
		l.Info("lost")
		if err := l.Flush(t.Context()); err == nil {
			t.Error("Flush has no error")
		}
	}
	out.mend()
	l.Info("kept")
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	want := "weir: sink console: 1 record did not reach it: write to console: broken pipe\nweir: sink console works again; 3 records did not reach it\n"
	if told.String() != want {
		t.Errorf("told\n%swant\n%s", told.String(), want)
	}
	if got := out.String(); strings.Contains(got, "lost") || !strings.Contains(got, "kept") || l.Stats().Sinks[0].Name != "console" {
		t.Errorf("written %q, %+v", got, l.Stats().Sinks)
	}
}
