package weir_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
)

// TestAddAgainLosesNothing: a sink that gets another place keeps what waits for it.
func TestAddAgainLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := &capture{before: func() error { <-release; return nil }}
		l := weir.New("app", weir.WithSink(s), weir.WithLogger("other", weir.LoggerOptions{Sinks: []weir.Sink{discard{}}}))
		for range 100 {
			l.Info("m")
			time.Sleep(time.Millisecond)
		}
		for _, name := range []string{"other.db", "other.http"} {
			if err := l.AddSinkTo(name, s); err != nil {
				t.Fatal(err)
			}
		}
		l.Lookup("other.db").Info("db")
		l.Lookup("other.http.in").Info("http")
		l.Lookup("other").Info("not for it")
		close(release)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		balance(t, l)
		if got := messages(s.records); len(got) != 102 || !slices.Equal(got[100:], []string{"db", "http"}) {
			t.Errorf("%d records: %q", len(got), got)
		}
	})
}

// TestAddWhileLogging: sinks come and get places while records flow.
func TestAddWhileLogging(t *testing.T) {
	var c capture
	l := weir.New("app", weir.WithSink(discard{}))
	done := make(chan struct{})
	var writers sync.WaitGroup
	writers.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
				l.Info("m", "n", n)
			}
		}
	})
	for i := range 50 {
		if err := l.AddSinkTo(fmt.Sprint("app.", i), &c); err != nil {
			t.Fatal(err)
		}
		extra := new(capture)
		if err := l.AddSink(extra); err != nil {
			t.Fatal(err)
		}
		if err := l.RemoveSink(context.Background(), extra); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	writers.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	balance(t, l)
}

type slowStart struct {
	capture
	starts atomic.Int32
	wait   chan struct{}
}

func (s *slowStart) Start(*weir.Logger) error {
	s.starts.Add(1)
	<-s.wait
	return nil
}

// TestAddTwiceAtATime: of two that add a sink at once, one is told.
func TestAddTwiceAtATime(t *testing.T) {
	s := &slowStart{wait: make(chan struct{})}
	l := weir.New("app", weir.WithSink(discard{}))
	results := make(chan error, 2)
	for range 2 {
		go func() { results <- l.AddSink(s) }()
	}
	first := <-results
	close(s.wait)
	if second := <-results; (first == nil) == (second == nil) {
		t.Errorf("%v, %v", first, second)
	}
	l.Info("m")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if len(s.records) != 1 || s.starts.Load() != 1 || s.closed != 1 {
		t.Errorf("%d records, %d starts, %d closes", len(s.records), s.starts.Load(), s.closed)
	}
}

func TestAddWithOtherOptionsIsRefused(t *testing.T) {
	var c capture
	l := weir.New("app", weir.WithSink(&c), weir.WithErrorOutput(io.Discard))
	defer l.Close()
	if err := l.AddSinkTo("app.db", weir.ConfigureSink(&c, weir.SinkOptions{Level: weir.LevelError})); err == nil {
		t.Error("other options are ignored without a word")
	}
}

// TestFallbackGoesWithItsSink: a fallback that nobody else uses is closed with the
// sink that it was for, and one whose main sink hangs at Close is closed all the same.
func TestFallbackGoesWithItsSink(t *testing.T) {
	var main, fallback capture
	l := weir.New("app", weir.WithSink(discard{}))
	before := runtime.NumGoroutine()
	configured := weir.ConfigureSink(&main, weir.SinkOptions{Fallback: &fallback})
	if err := l.AddSink(configured); err != nil {
		t.Fatal(err)
	}
	if err := l.RemoveSink(context.Background(), configured); err != nil {
		t.Fatal(err)
	}
	if fallback.closed != 1 || len(l.Stats().Sinks) != 1 || runtime.NumGoroutine() > before {
		t.Errorf("closed %d times, %d sinks, %d goroutines more", fallback.closed, len(l.Stats().Sinks), runtime.NumGoroutine()-before)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestHealthyFallbackIsClosed, also when the sink that it is for hangs at Close.
func TestHealthyFallbackIsClosed(t *testing.T) {
	synctest.Test(t, testHealthyFallback)
}

func testHealthyFallback(t *testing.T) {
	release := make(chan struct{})
	hung := &capture{before: func() error { <-release; return nil }}
	var file capture
	l := weir.New("app", weir.WithSink(weir.ConfigureSink(hung, weir.SinkOptions{Fallback: &file}), &file),
		weir.WithCloseTimeout(50*time.Millisecond), weir.WithErrorOutput(io.Discard))
	l.Info("m")
	if err := l.Close(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	synctest.Wait()
	if records, closed := file.state(); records != 1 || closed != 1 {
		t.Errorf("the healthy sink has %d records and was closed %d times", records, closed)
	}
	for _, s := range l.Stats().Sinks {
		if s.Records+s.Dropped != 1 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
	}
	close(release)
	synctest.Wait()
	if _, closed := hung.state(); closed != 1 {
		t.Error("the sink that hung was not closed when it returned")
	}
}

// state is safe while the logger runs.
func (c *capture) state() (records, closed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.records), c.closed
}

// TestNilLevels: a leveler that cannot be asked is told of and left out.
func TestNilLevels(t *testing.T) {
	var nothing *slog.LevelVar
	var told []error
	var c capture
	l := weir.New("app", weir.WithLevel(nothing), weir.WithLogger("app.db", weir.LoggerOptions{Level: nothing}),
		weir.WithSink(weir.ConfigureSink(&c, weir.SinkOptions{Level: nothing})), weir.WithDiagnostics(func(err error) { told = append(told, err) }))
	l.Info("m")
	l.Named("db").Info("n")
	if err := l.SetLevel("app", nothing, 0); err == nil {
		t.Error("SetLevel takes a nil level")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if len(c.records) != 2 || len(told) != 2 {
		t.Errorf("%d records, told %v", len(c.records), told)
	}
}

// badContext panics when it is asked.
type badContext struct{ context.Context }

func (badContext) Value(any) any { panic("no") }

func TestLogCallsDoNotPanic(t *testing.T) {
	got := logOnce(t, func(l *weir.Logger) {
		l.InfoContext(badContext{context.Background()}, "a bad context")
		var typed *badContext
		l.InfoContext(typed, "a nil one")
		var zero weir.Logger
		zero.Info("nobody")
		zero.InfoFast("nobody")
		m := map[string]any{}
		m["a"], m["b"] = m, m
		l.Info("a map in itself, twice", "m", m)
	}, weir.WithMaxRecordBytes(64<<10))
	if len(got) != 3 {
		t.Errorf("%q", messages(got))
	}
}
