package weir

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/weirlog/weir/record"
)

// HandleSignals lets the logger write its last records before a signal ends the
// program. Without this option Weir handles no signal. sigs default to SIGINT and
// SIGTERM. When one of them comes:
//
//  1. "signal received" is logged at WARN, with the signal's name as signal.
//  2. The logger closes as by Close, which CloseTimeout bounds. From here on Weir
//     handles no signal, so a second one ends the program at once.
//  3. The signal is raised again. Its default action happens: the program dies of
//     it, and its parent sees that.
//
// The option is for programs that do not handle these signals themselves. One that
// uses os/signal gets the signal at once as always, and once more from step 3, which
// does not end it: the program decides. But its logger is closed then. Such a program
// should call Close at its end instead. On systems without Unix's signals, such as
// Windows, step 3 ends the program in any case, with the exit code of one that Ctrl+C
// stopped.
//
// Close ends the handling.
func HandleSignals(sigs ...os.Signal) Option {
	if len(sigs) == 0 {
		sigs = []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	return func(o *Options) { o.handleSignals = sigs }
}

// watchSignals handles signals until core.close calls stopSignals.
func (l *Logger) watchSignals(sigs []os.Signal) {
	if len(sigs) == 0 {
		return
	}
	came := make(chan os.Signal, 1) // never closed
	stopped := make(chan struct{})  // closed by stop
	// Before the goroutine, which may close the logger.
	l.node.core.stopSignals = sync.OnceFunc(func() {
		signal.Stop(came)
		close(stopped)
	})
	signal.Notify(came, sigs...)
	go func() {
		select {
		case s := <-came:
			l.endBy(s)
			return
		case <-stopped:
		}
		select {
		case s := <-came: // while the program closed the logger
			raise(s)
		default:
		}
	}()
}

// endBy writes the last records, and lets the signal do what it does.
func (l *Logger) endBy(s os.Signal) {
	if l.enabled(LevelWarn) {
		// A record that is not accepted is counted.
		_ = l.logAt(context.Background(), LevelWarn, record.KindLog, "signal received", 0, []any{slog.String("signal", s.String())})
	}
	if err := l.Close(); err != nil {
		fmt.Fprintln(l.ErrorOutput(), err)
	}
	raise(s)
}
