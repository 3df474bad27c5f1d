package app

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/console"
)

// newLog makes the server's own log, which is Weir's like any program's.
func newLog(w io.Writer, level string) (*weir.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level: %w", err)
	}
	return weir.New("weir", weir.WithLevel(l), weir.WithSink(console.New(w, console.Options{})), weir.WithErrorOutput(w), weir.WithoutSource()), nil
}
