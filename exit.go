package weir

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/weirlog/weir/record"
)

// Exit ends the program: it logs msg at FATAL, closes the logger as [Logger.Close]
// does, which CloseTimeout bounds, and calls os.Exit with code. Deferred functions do
// not run. It is the only call of this package that ends a program. What cannot be
// logged any more is printed to Options.ErrorOutput.
func (l *Logger) Exit(code int, msg string, args ...any) {
	if l.enabled(LevelFatal) {
		if err := l.logAt(context.Background(), LevelFatal, record.KindLog, msg, l.place(), args); err != nil {
			fmt.Fprintf(l.ErrorOutput(), "weir: %s (not logged: %s)\n", msg, strings.TrimPrefix(err.Error(), "weir: "))
		}
	}
	if err := l.Close(); err != nil {
		fmt.Fprintln(l.ErrorOutput(), err)
	}
	os.Exit(code)
}
