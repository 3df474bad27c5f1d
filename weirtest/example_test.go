package weirtest_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/weirtest"
)

// shop is a program under test.
func shop(log *weir.Logger) { log.Info("order placed", "order", 4711) }

// exampleT stands for the t of a test, which an example has not.
type exampleT struct {
	testing.TB
	cleanup func()
}

func (t *exampleT) Helper()                   {}
func (t *exampleT) Cleanup(f func())          { t.cleanup = f }
func (t *exampleT) Errorf(s string, a ...any) { fmt.Printf(s+"\n", a...) }
func (t *exampleT) Output() io.Writer         { return os.Stdout }

func Example() {
	t := &exampleT{} // a test has its own
	log, c := weirtest.New(t)
	shop(log)
	weirtest.AssertLogged(t, c, slog.LevelInfo, "order placed", slog.Int("order", 4711))
	weirtest.AssertLogged(t, c, slog.LevelInfo, "order placed", slog.Int("order", 4712))
	t.cleanup()
	// Output:
	// not logged: INFO "order placed" order=4712
	// logged, the nearest first (1 in all):
	//   1: INFO "order placed" order=4711   <- order is 4711
}
