package weirtest_test

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/weirtest"
)

// failure is a test that may fail.
type failure struct {
	testing.TB
	texts []string
	ended bool
}

func (f *failure) Helper()                   {}
func (f *failure) Cleanup(func())            {}
func (f *failure) Errorf(s string, a ...any) { f.texts = append(f.texts, fmt.Sprintf(s, a...)) }
func (f *failure) text() string              { return strings.Join(f.texts, "\n") }

func (f *failure) Fatalf(s string, a ...any) {
	f.Errorf(s, a...)
	f.ended = true
	runtime.Goexit()
}

// failing runs a test that may fail.
func failing(test func(t testing.TB)) *failure {
	f := &failure{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(f)
	}()
	<-done
	return f
}

func TestAssertions(t *testing.T) {
	log, c := weirtest.New(t)
	log.Error("payment failed", "order", 4711, "took", 1500*time.Millisecond, "error", errors.New("refused"), slog.Group("user", "plan", "pro", "id", 7), "null", nil, "list", []string{"a"})
	log.Info("retry", "n", 1)
	log.Info("retry", "n", 2)
	for name, c := range map[string]struct {
		test func(t testing.TB)
		good bool
	}{
		"message":             {func(t testing.TB) { weirtest.AssertLogged(t, c, slog.LevelError, "payment failed") }, true},
		"level":               {func(t testing.TB) { weirtest.AssertLogged(t, c, slog.LevelInfo, "payment failed") }, false},
		"part of the message": {func(t testing.TB) { weirtest.AssertLogged(t, c, slog.LevelError, "payment") }, false},
		"attributes": {func(t testing.TB) {
			weirtest.AssertLogged(t, c, slog.LevelError, "payment failed", slog.Int64("order", 4711), slog.Duration("took", 1500*time.Millisecond),
				slog.String("user.plan", "pro"), slog.Any("null", nil), slog.Any("list", []string{"a"}), slog.Any("error", errors.New("refused")))
		}, true},
		"group": {func(t testing.TB) {
			weirtest.AssertLogged(t, c, slog.LevelError, "payment failed", slog.Group("user", "id", 7))
		}, true},
		"group differ": {func(t testing.TB) {
			weirtest.AssertLogged(t, c, slog.LevelError, "payment failed", slog.Group("user", "id", 8))
		}, false},
		"kind": {func(t testing.TB) {
			weirtest.AssertLogged(t, c, slog.LevelError, "payment failed", slog.String("order", "4711"))
		}, false},
		"absent": {func(t testing.TB) { weirtest.AssertLogged(t, c, slog.LevelError, "payment failed", slog.Any("x", nil)) }, false},
		"field": {func(t testing.TB) {
			weirtest.AssertLogged(t, c, slog.LevelInfo, "retry", slog.String("logger", "test"))
		}, true},
		"not":        {func(t testing.TB) { weirtest.AssertNotLogged(t, c, slog.LevelInfo, "retry", slog.Int("n", 3)) }, true},
		"not, but":   {func(t testing.TB) { weirtest.AssertNotLogged(t, c, slog.LevelInfo, "retry", slog.Int("n", 2)) }, false},
		"count":      {func(t testing.TB) { weirtest.AssertCount(t, c, 2, slog.LevelInfo, "retry") }, true},
		"count 1":    {func(t testing.TB) { weirtest.AssertCount(t, c, 1, slog.LevelInfo, "retry", slog.Int("n", 1)) }, true},
		"count, but": {func(t testing.TB) { weirtest.AssertCount(t, c, 1, slog.LevelInfo, "retry") }, false},
	} {
		if f := failing(c.test); len(f.texts) == 0 != c.good {
			t.Errorf("%s: %q", name, f.text())
		}
	}
}

func TestFailuresShowTheNearestFirst(t *testing.T) {
	log, c := weirtest.New(t)
	f := failing(func(t testing.TB) { weirtest.AssertLogged(t, c, slog.LevelInfo, "m") })
	if f.text() != "not logged: INFO \"m\"\nnothing was logged" {
		t.Error(f.text())
	}
	log.Info("something else entirely")
	log.Named("db").Warn("order placed", "order", 4711)
	log.Info("order placed", "order", 4712, "n", 1)
	log.Info("order  placed")
	f = failing(func(t testing.TB) {
		weirtest.AssertLogged(t, c, slog.LevelInfo, "order placed", slog.Int("order", 4711))
	})
	const want = `not logged: INFO "order placed" order=4711
logged, the nearest first (4 in all):
  3: INFO "order placed" order=4712 n=1   <- order is 4712
  2: WARN "order placed" logger=test.db order=4711   <- level
  4: INFO "order  placed"   <- message, no order
  1: INFO "something else entirely"   <- message, no order`
	if f.text() != want {
		t.Errorf("%s\nwant\n%s", f.text(), want)
	}
	f = failing(func(t testing.TB) { weirtest.AssertCount(t, c, 2, slog.LevelInfo+1, "order  placed") })
	if !strings.HasPrefix(f.text(), "logged 0 times, want 2 times: INFO+1 \"order  placed\"\n") {
		t.Error(f.text())
	}
	for i := range 20 {
		log.Info(strings.Repeat("x", 1000), "i", i)
	}
	f = failing(func(t testing.TB) { weirtest.AssertNotLogged(t, c, slog.LevelWarn, "order placed") })
	if !strings.HasPrefix(f.text(), "logged once: WARN") || strings.Count(f.text(), "\n") != 12 || !strings.HasSuffix(f.text(), "…") {
		t.Error(f.text())
	}
}
