package weir_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// TestRecoverInAGoroutine: the record is with the sinks when Recover returns, and the
// program goes on.
func TestRecoverInAGoroutine(t *testing.T) {
	var c capture
	l := weir.New("app", weir.WithSink(&c))
	defer l.Close()
	ended := make(chan struct{})
	l.Info("before")
	go func() {
		defer close(ended)
		defer l.Recover()
		explode("boom")
	}()
	<-ended
	records := c.all()
	wantTexts(t, records, "INFO before", "ERROR panic: boom")
	r := records[1]
	if attrText(r, "error") != "boom" || attrText(r, "error_type") != "string" || attrText(r, "panic") != "true" {
		t.Errorf("attributes: %v", r.Attrs)
	}
	if s := attrText(r, "stack_trace"); !strings.HasPrefix(s, "github.com/weirlog/weir_test.explode\n\t") {
		t.Errorf("stack: %s", s)
	}
	if f := attrText(r, "function_name"); !strings.HasSuffix(f, ".explode") {
		t.Errorf("function_name %s, want the one that panicked", f)
	}
}

func TestRepanic(t *testing.T) {
	failure := errors.New("out of range")
	var c capture
	l := weir.New("app", weir.WithSink(&c))
	defer l.Close()
	value := panicOf(func() {
		defer l.Repanic()
		explode(failure)
	})
	if value != failure { //nolint:errorlint // the very same
		t.Errorf("the panic became %v", value)
	}
	records := c.all()
	wantTexts(t, records, "FATAL panic: out of range")
	if attrText(records[0], "error_type") != "*errors.errorString" {
		t.Errorf("attributes: %v", records[0].Attrs)
	}
}

// TestRecoverOfNothing: neither a return nor runtime.Goexit is a panic; panic(nil) is.
func TestRecoverOfNothing(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		func() {
			defer l.Repanic()
			defer l.Recover()
		}()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer l.Recover()
			runtime.Goexit()
		}()
		<-ended
		func() {
			defer l.Recover()
			explode(nil)
		}()
	})
	if len(records) != 1 || attrText(records[0], "error_type") != "*runtime.PanicNilError" {
		t.Errorf("records: %v", texts(records))
	}
}

// stuck never returns from WriteBatch until its context ends.
type stuck struct{}

func (stuck) WriteBatch(ctx context.Context, _ []record.Record) error {
	<-ctx.Done()
	return ctx.Err()
}
func (stuck) Close() error { return nil }

// TestRecoverDoesNotWaitForEver for a sink that hangs.
func TestRecoverDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := weir.New("app", weir.WithSink(stuck{}), weir.WithErrorOutput(io.Discard), weir.WithCloseTimeout(2*time.Second))
		start := time.Now()
		func() {
			defer l.Recover()
			panic("boom")
		}()
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("waited %v, want the close timeout", d)
		}
		_ = l.Close()
	})
}
