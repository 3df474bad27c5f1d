package weir_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/jsonl"
)

// TestTapsOfTwoLoggers: a context may carry taps of several loggers, and each gets its
// own logger's records alone.
func TestTapsOfTwoLoggers(t *testing.T) {
	a, b := weir.New("a", weir.WithSink(discard{})), weir.New("b", weir.WithSink(discard{}))
	defer a.Close()
	defer b.Close()
	var first, second capture
	ctx, stopA, err := a.Tap(context.Background(), &first)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, stopB, err := b.Tap(context.Background(), &second)
	if err != nil {
		t.Fatal(err)
	}
	b.InfoContext(ctx, "not tapped")
	b.InfoContext(elsewhere, "b")
	var third capture
	both, stopC, err := b.Tap(ctx, &third)
	if err != nil {
		t.Fatal(err)
	}
	a.InfoContext(both, "a")
	b.InfoContext(both, "inner b")
	for _, stop := range []func(context.Context) error{stopC, stopB, stopA} {
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
	for i, c := range []struct {
		got  *capture
		want string
	}{{&first, "a"}, {&second, "b"}, {&third, "inner b"}} {
		if got := strings.Join(messages(c.got.records), ","); got != c.want {
			t.Errorf("tap %d: %q, want %q", i, got, c.want)
		}
	}
}

// TestFastLookersMissNothing while a destination is behind.
func TestFastLookersMissNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hung := &capture{before: func() error { <-release; return nil }}
		var good, tapped capture
		look := new(viewer)
		l := weir.New("app", weir.WithSink(hung, &good, look), weir.WithMemoryLimit(256<<10), weir.WithErrorOutput(io.Discard))
		ctx, stop, err := l.Tap(context.Background(), &tapped)
		if err != nil {
			t.Fatal(err)
		}
		const n = 20_000
		for i := range n {
			l.InfoContext(ctx, "a record that is longer than the shortest ones are")
			if i%100 == 0 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		// The tap does not wait for the sink that hangs.
		begin := time.Now()
		if err := stop(context.Background()); err != nil || time.Since(begin) > 2*time.Second {
			t.Errorf("stop: %v after %v", err, time.Since(begin))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(good.all()) != n || len(look.all()) != n || len(tapped.all()) != n {
			t.Errorf("good %d, viewer %d, tap %d of %d", len(good.all()), len(look.all()), len(tapped.all()), n)
		}
		close(release)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		balance(t, l)
	})
}

// TestHungTapIsGivenUp: when stop's context ends, what the tap has not taken is
// counted and its memory is free for others.
func TestHungTapIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hung := &capture{before: func() error { <-release; return nil }}
		var good capture
		l := weir.New("app", weir.WithSink(&good), weir.WithErrorOutput(io.Discard))
		ctx, stop, err := l.Tap(context.Background(), hung)
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			l.InfoContext(ctx, "m")
		}
		l.Sync().Info("a tap is not waited for")
		brief, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := stop(brief); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stop: %v", err)
		}
		if s := l.Stats(); s.SinkBytes != 0 || len(s.Sinks) != 1 || s.Waiting != 0 {
			t.Errorf("after the tap was given up: %+v", s)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		balance(t, l)
		close(release)
		synctest.Wait()
		if hung.closed != 1 {
			t.Error("the tap's sink was not closed when it returned")
		}
	})
}

// TestStopKeepsOthersErrors: taking a sink out and synchronous calls do not take away
// the error that the next Flush is to tell.
func TestStopKeepsOthersErrors(t *testing.T) {
	failing := &capture{before: func() error { return errors.New("disk full") }}
	l := weir.New("app", weir.WithSink(failing), weir.WithErrorOutput(io.Discard))
	defer l.Close()
	var c capture
	ctx, stop, err := l.Tap(context.Background(), &c)
	if err != nil {
		t.Fatal(err)
	}
	l.Sync().InfoContext(ctx, "m")
	if err := stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := l.Flush(ctx); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("flush: %v", err)
	}
}

// TestBlockedErrorOutput: an error output that does not take its lines, as a terminal
// that was stopped, holds up neither calls nor sinks.
func TestBlockedErrorOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		wait := func() error { <-release; return nil }
		var good capture
		l := weir.New("app", weir.WithSink(&capture{before: wait}, &good, &capture{before: func() error { return errors.New("no") }}),
			weir.WithMemoryLimit(weir.MinMemoryLimit), weir.WithErrorOutput(blocked{release}))
		for range 50_000 {
			l.InfoFast("m")
		}
		time.Sleep(time.Minute)
		l.Info("last")
		time.Sleep(time.Second)
		synctest.Wait()
		if all := messages(good.all()); len(all) == 0 || all[len(all)-1] != "last" {
			t.Errorf("%d records, the last is not there", len(all))
		}
		close(release)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		balance(t, l)
	})
}

type blocked struct{ until chan struct{} }

func (b blocked) Write(p []byte) (int, error) {
	<-b.until
	return len(p), nil
}

// TestGoexitEndsNothing: whatever ends the goroutine that it is called from costs what
// it was given at most.
func TestGoexitEndsNothing(t *testing.T) {
	exit := weir.ProcessorFunc(func(r *record.Record) bool {
		if r.Message == "exit" {
			runtime.Goexit()
		}
		return true
	})
	sink := new(immediate)
	sink.before = func() error { return nil }
	l := weir.New("app", weir.WithSink(sink), weir.WithProcessor(exit), weir.WithErrorOutput(io.Discard))
	l.Info("exit")
	l.Info("after")
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	balance(t, l)
	if got := messages(sink.records); len(got) != 1 || got[0] != "after" || sink.closed != 1 {
		t.Errorf("%q, closed %d times", got, sink.closed)
	}
}

// TestHolderOfImmediateSink: what a processor of an Immediate sink holds back comes out
// when its time has come.
func TestHolderOfImmediateSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(immediate)
		l := weir.New("app", weir.WithSink(weir.ConfigureSink(s, weir.SinkOptions{Processors: []weir.Processor{&delayed{}}})))
		defer l.Close()
		l.Info("m")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := len(s.all()); n != 1 {
			t.Errorf("%d records after ten seconds", n)
		}
	})
}

// TestPendingDropsAreTold although nothing is logged any more.
func TestPendingDropsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var total uint64
		slow := &capture{before: func() error { time.Sleep(time.Millisecond); return nil }}
		l := weir.New("app", weir.WithSink(slow), weir.WithMemoryLimit(weir.MinMemoryLimit), weir.WithErrorOutput(io.Discard),
			weir.WithOnDrop(func(r weir.DropReport) { total = r.Total }))
		for range 100_000 {
			l.InfoFast("m")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if dropped := l.Stats().Dropped.Total(); dropped == 0 || total != dropped {
			t.Errorf("%d of %d drops were told", total, dropped)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestDiagnosticsMayAsk: a callback that asks the logger does not wait for itself.
func TestDiagnosticsMayAsk(t *testing.T) {
	var l *weir.Logger
	l = weir.New("app", weir.WithSink(discard{}), weir.WithDiagnostics(func(error) { l.Levels(); l.Stats() }))
	defer l.Close()
	for i := range 10_001 {
		l.Named(strings.Repeat("x", i%7) + time.Duration(i).String())
	}
}

// TestNamedKeepsWhatWasAdded: a name's attributes come behind those of the name above
// it and before the logger's own.
func TestNamedKeepsWhatWasAdded(t *testing.T) {
	team := func(name string) weir.LoggerOptions {
		return weir.LoggerOptions{Attrs: []slog.Attr{slog.String("team", name)}}
	}
	got := logOnce(t, func(l *weir.Logger) {
		l.Without("team").With("user", "b").Named("db").Info("1")
		l.With("x", 1).Named("db").Info("2")
		l.With("team", "own").Named("db").Info("3")
		l.Named("db").Info("4")
	}, weir.WithoutSource(), weir.WithLogger("app", team("a")), weir.WithLogger("app.db", team("b")))
	for i, want := range []string{`{"team":"b","user":"b"}`, `{"team":"b","x":1}`, `{"team":"own"}`, `{"team":"b"}`} {
		if text := jsonOf(&got[i]); text != want {
			t.Errorf("%d: %s, want %s", i+1, text, want)
		}
	}
}

// TestWithKeepsValues: what a context carries is what Logger.With would.
func TestWithKeepsValues(t *testing.T) {
	values := []any{"empty", map[string]any{}, "nested", map[string]any{"a": map[string]any{}}, "struct", struct{}{}, "list", []any{}, "took", time.Second}
	got := logOnce(t, func(l *weir.Logger) {
		l.With(values...).Info("logger")
		l.InfoContext(weir.With(context.Background(), values...), "context")
	}, weir.WithoutSource())
	if a, b := jsonOf(&got[0]), jsonOf(&got[1]); a != b {
		t.Errorf("%s\n%s", a, b)
	}
}

// TestLineThatGrows: a text of control characters is six times as long in JSON; its
// record is accepted all the same when the queue is filling up.
func TestLineThatGrows(t *testing.T) {
	g := &gated{open: make(chan struct{})}
	l := weir.New("app", weir.WithSink(jsonl.New(g)), weir.WithMemoryLimit(8<<20), weir.WithOverflow(weir.Fail))
	l.Info("first")
	if err := waitForLines(l); err != nil {
		t.Fatal(err)
	}
	for l.Stats().EncodedAtCall == 0 {
		if err := l.TryLog(context.Background(), weir.LevelInfo, strings.Repeat("x", 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.TryLog(context.Background(), weir.LevelInfo, "m", "t", strings.Repeat("\x01", 1_000_000)); err != nil {
		t.Error(err)
	}
	close(g.open)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(g.buf.Bytes(), []byte(strings.Repeat(`\u0001`, 1_000_000))) {
		t.Error("the text is not there")
	}
}

// TestRemoveImmediateWithEndedContext: the worker does not call a sink that is closed.
func TestRemoveImmediateWithEndedContext(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	l := weir.New("app", weir.WithSink(discard{}))
	defer l.Close()
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				l.InfoFast("m")
			}
		}
	}()
	defer close(stop)
	for range 100 {
		s := &closeChecked{t: t}
		if err := l.AddSink(s); err != nil {
			t.Fatal(err)
		}
		_ = l.RemoveSink(ended, s) // its error is the context's, or none
	}
}

type closeChecked struct {
	t      *testing.T
	closed bool
}

func (s *closeChecked) WriteBatch(context.Context, []record.Record) error {
	if s.closed {
		s.t.Error("called after Close")
	}
	return nil
}

func (s *closeChecked) Close() error { s.closed = true; return nil }

func (*closeChecked) Immediate() {}

// TestGoexitWhilePassingOn: a sink that ends its goroutine is offered nothing twice,
// and is closed.
func TestGoexitWhilePassingOn(t *testing.T) {
	exits := 0
	s := &capture{before: func() error {
		if exits++; exits%2 == 1 {
			runtime.Goexit()
		}
		return nil
	}}
	l := weir.New("app", weir.WithSink(weir.ConfigureSink(s, weir.SinkOptions{Name: "s", Processors: []weir.Processor{&counter{}}})), weir.WithErrorOutput(io.Discard))
	l.Info("lost with the goroutine")
	_ = l.Flush(context.Background()) // tells of the failure, and passes the count on
	l.Info("lost again")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := messages(s.records); s.closed != 1 || len(got) != 2 || got[0] != "1 passed" || got[1] != "1 passed" {
		t.Errorf("%q, closed %d times", got, s.closed)
	}
	balance(t, l)
}
