package weir_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
)

// F-III: start_timer and end_timer. The record names the caller, never the library
// (§4).
func TestTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		records := logOnce(t, func(l *weir.Logger) {
			timer := l.StartTimer()
			<-time.After(1234567 * time.Nanosecond)
			if d := timer.Elapsed(); d != 1234567*time.Nanosecond {
				t.Errorf("elapsed %v", d)
			}
			if d := timer.End(ctx, weir.LevelInfo, "Operation completed", "n", 1); d != 1234567*time.Nanosecond {
				t.Errorf("End returned %v", d)
			}
			<-time.After(time.Second)
			timer.End(ctx, weir.LevelWarn, "still there")
			timer.End(ctx, weir.LevelDebug, "not enabled")
		})
		wantTexts(t, records, "INFO Operation completed", "WARN still there")
		from(t, "TestTimer", records...)
		if a, b := attrText(records[0], "duration_ms"), attrText(records[1], "duration_ms"); a != "1.235" || b != "1001.235" {
			t.Errorf("duration_ms %s and %s", a, b)
		}
		if attrText(records[0], "n") != "1" {
			t.Errorf("attributes: %v", records[0].Attrs)
		}
	})
}

func TestZeroTimerLogsNothing(t *testing.T) {
	var timer weir.Timer
	if d := timer.End(context.Background(), weir.LevelInfo, "m"); d != 0 {
		t.Errorf("End returned %v", d)
	}
}

// A call's own duration wins, as all own attributes do (F-III).
func TestOwnDurationWins(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		l.StartTimer().End(context.Background(), weir.LevelInfo, "m", "duration_ms", 7)
	})
	if got := attrText(records[0], "duration_ms"); got != "7" {
		t.Errorf("duration_ms %s, want the caller's", got)
	}
}

// F-III: measure logs "F completed" and "F failed", and never masks the error (§4).
func TestMeasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx := context.WithValue(context.Background(), key{}, "v")
		failure := errors.New("no space")
		records := logOnce(t, func(l *weir.Logger) {
			slow := func(ctx context.Context) error {
				if ctx.Value(key{}) != "v" {
					t.Error("the context did not come through")
				}
				<-time.After(250 * time.Millisecond)
				return nil
			}
			if err := l.Measure(ctx, "compress", slow); err != nil {
				t.Error(err)
			}
			if err := l.Measure(ctx, "compress", func(context.Context) error { return failure }); err != failure { //nolint:errorlint // the very same
				t.Errorf("the error became %v", err)
			}
			value := panicOf(func() {
				_ = l.Measure(ctx, "compress", func(context.Context) error {
					explode("boom")
					return nil
				})
			})
			if value != "boom" {
				t.Errorf("the panic became %v", value)
			}
		})
		wantTexts(t, records, "INFO compress completed", "ERROR compress failed", "ERROR compress failed")
		from(t, "TestMeasure", records...)
		if got := attrText(records[0], "duration_ms"); got != "250" {
			t.Errorf("duration_ms %s", got)
		}
		if r := records[1]; attrText(r, "error") != "no space" || attrText(r, "error_type") != "*errors.errorString" || attrText(r, "duration_ms") != "0" {
			t.Errorf("attributes: %v", r.Attrs)
		}
		if r := records[2]; attrText(r, "error") != "boom" || attrText(r, "panic") != "true" || attrText(r, "stack_trace") == "" {
			t.Errorf("attributes: %v", r.Attrs)
		}
	})
}

func TestMeasureValue(t *testing.T) {
	ctx := context.Background()
	failure := errors.New("no answer")
	records := logOnce(t, func(l *weir.Logger) {
		n, err := weir.MeasureValue(l, ctx, "count", func(context.Context) (int, error) { return 42, nil })
		if n != 42 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		s, err := weir.MeasureValue(l, ctx, "ask", func(context.Context) (string, error) { return "partly", failure })
		if s != "partly" || err != failure { //nolint:errorlint // the very same
			t.Errorf("%q, %v", s, err)
		}
	})
	wantTexts(t, records, "INFO count completed", "ERROR ask failed")
	from(t, "TestMeasureValue", records...)
}

func TestMeasureOfAGoroutineThatEndsItself(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = l.Measure(context.Background(), "work", func(context.Context) error {
				runtime.Goexit()
				return nil
			})
		}()
		<-ended
	})
	wantTexts(t, records, "ERROR work failed")
}
