package weir_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// logErr returns the record of an error.
func logErr(t *testing.T, err error, args ...any) record.Record {
	t.Helper()
	records := logOnce(t, func(l *weir.Logger) { l.Err(context.Background(), err, "it failed", args...) })
	if len(records) != 1 || records[0].LevelText() != "ERROR" || records[0].Message != "it failed" {
		t.Fatalf("records: %v", records)
	}
	return records[0]
}

// A5, F-III: an error with its type, and the stack of the call.
func TestErr(t *testing.T) {
	r := logErr(t, errors.New("disk full"), "disk", "sda")
	if attrText(r, "error") != "disk full" || attrText(r, "error_type") != "*errors.errorString" || attrText(r, "disk") != "sda" {
		t.Errorf("attributes: %v", r.Attrs)
	}
	from(t, "logErr", r)
	stack := attrText(r, "stack_trace")
	if !strings.HasPrefix(stack, "github.com/weirlog/weir_test.logErr.func1\n\t") || strings.Contains(stack, "weir.(*Logger)") || strings.Contains(stack, "runtime.goexit") {
		t.Errorf("stack:\n%s", stack)
	}
	if _, ok := attr(r, "error_chain"); ok {
		t.Error("a chain of one error is listed")
	}
}

type codedError struct{ code int }

func (e codedError) Error() string { return "code " + strconv.Itoa(e.code) }

type nilError struct{}

func (e *nilError) Error() string { return fmt.Sprint(*e) }

type brokenError struct{}

func (brokenError) Error() string         { panic("no text") }
func (brokenError) Unwrap() error         { panic("no cause") }
func (brokenError) StackTrace() []uintptr { panic("no stack") }

type selfError struct{}

func (e *selfError) Error() string { return "self" }
func (e *selfError) Unwrap() error { return e }

func TestErrorTypeIsTheMostTelling(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}
	for _, c := range []struct {
		name string
		err  error
		kind string
	}{
		{"plain", errors.New("e"), "*errors.errorString"},
		{"wrapped plain", fmt.Errorf("a: %w", fmt.Errorf("b: %w", errors.New("e"))), "*errors.errorString"},
		{"a type of its own", codedError{7}, "weir_test.codedError"},
		{"wrapped", fmt.Errorf("a: %w", fmt.Errorf("b: %w", codedError{7})), "weir_test.codedError"},
		{"the outer of two", fmt.Errorf("a: %w", path), "*fs.PathError"},
		{"joined", errors.Join(errors.New("e"), codedError{7}), "weir_test.codedError"},
		{"several", fmt.Errorf("%w and %w", errors.New("e"), path), "*fs.PathError"},
		{"with a stack", weir.WithStack(fmt.Errorf("a: %w", codedError{7})), "weir_test.codedError"},
		{"nil pointer", (*nilError)(nil), "*weir_test.nilError"},
		{"broken", brokenError{}, "weir_test.brokenError"},
		{"endless", &selfError{}, "*weir_test.selfError"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := attrText(logErr(t, c.err), "error_type"); got != c.kind {
				t.Errorf("error_type %q, want %q", got, c.kind)
			}
		})
	}
}

func TestErrorChain(t *testing.T) {
	err := fmt.Errorf("load: %w", errors.Join(codedError{7}, &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}))
	v, ok := attr(logErr(t, err), "error_chain")
	if !ok {
		t.Fatal("no chain")
	}
	text := strings.ReplaceAll(v.String(), "\n", "|")
	for _, part := range []string{"*fmt.wrapError", "*errors.joinError", "weir_test.codedError", "code 7", "*fs.PathError", "syscall.Errno"} {
		i := strings.Index(text, part)
		if i < 0 {
			t.Fatalf("%s is missing, or not in order: %s", part, v)
		}
		text = text[i:]
	}
	// A chain without end is cut.
	v, _ = attr(logErr(t, &selfError{}), "error_chain")
	if n := strings.Count(v.String(), "selfError"); n != 32 {
		t.Errorf("%d errors of an endless chain", n)
	}
}

func TestErrorsThatCannotSpeak(t *testing.T) {
	if got := attrText(logErr(t, (*nilError)(nil)), "error"); got != "<nil>" {
		t.Errorf("a nil pointer's text: %q", got)
	}
	if got := attrText(logErr(t, brokenError{}), "error"); got != "!PANIC: no text" {
		t.Errorf("a broken error's text: %q", got)
	}
	r := logErr(t, nil)
	if attrText(r, "error") != "<nil>" {
		t.Errorf("nil's text: %v", r.Attrs)
	}
	for _, key := range []string{"stack_trace", "error_type", "error_chain"} {
		if _, ok := attr(r, key); ok {
			t.Errorf("nil has %s", key)
		}
	}
	from(t, "logErr", r) // a nil error's record too, though it lacks a stack
}

func TestErrorCode(t *testing.T) {
	err := fmt.Errorf("start: %w", &weir.Error{Layer: weir.LayerSink, Service: "FileSink", Category: weir.CategoryIO, Severity: weir.SeverityError, Message: "disk full"})
	if got := attrText(logErr(t, err), "error_code"); got != "SINK::FileSink::IO::ERROR" {
		t.Errorf("error_code %q", got)
	}
}

// §4: the LAS JavaScript client overwrites a given error_type.
func TestGivenErrorTypeWins(t *testing.T) {
	if got := attrText(logErr(t, errors.New("e"), "error_type", "DiskError"), "error_type"); got != "DiskError" {
		t.Errorf("error_type %q, want the caller's", got)
	}
}

//go:noinline
func makeError() error { return weir.WithStack(codedError{7}) }

// pkgError is as an error of github.com/pkg/errors: it names its slice and its
// frames by types of its own.
type (
	pkgFrame uintptr
	pkgStack []pkgFrame
	pkgError struct{ stack pkgStack }
)

func (pkgError) Error() string            { return "pkg" }
func (e pkgError) StackTrace() pkgStack   { return e.stack }
func (e pkgError) Format(fmt.State, rune) {}

//go:noinline
func makePkgError() error {
	var pcs [8]uintptr
	var e pkgError
	for _, pc := range pcs[:runtime.Callers(1, pcs[:])] {
		e.stack = append(e.stack, pkgFrame(pc))
	}
	return e
}

// goError is as one of github.com/go-errors/errors.
type goError struct{ pcs []uintptr }

func (goError) Error() string        { return "go" }
func (e goError) Callers() []uintptr { return e.pcs }

//go:noinline
func makeGoError() error {
	var pcs [8]uintptr
	return goError{pcs[:runtime.Callers(1, pcs[:])]}
}

// F-III, error_with_trace: the stack of where the error was made, and the function and
// file of its innermost frame.
func TestStackOfWhereTheErrorWasMade(t *testing.T) {
	for name, err := range map[string]error{
		"makeError":    makeError(),
		"makePkgError": makePkgError(),
		"makeGoError":  makeGoError(),
	} {
		for _, err := range []error{err, fmt.Errorf("outside: %w", err), errors.Join(errors.New("other"), err), weir.WithStack(err)} {
			r := logErr(t, err)
			from(t, name, r)
			if s := attrText(r, "stack_trace"); !strings.HasPrefix(s, "github.com/weirlog/weir_test."+name+"\n\t") || !strings.Contains(s, "errs_test.go:") {
				t.Errorf("stack:\n%s", s)
			}
		}
	}
}

func TestWithStack(t *testing.T) {
	if weir.WithStack(nil) != nil {
		t.Error("nil became an error")
	}
	err := makeError()
	if again := weir.WithStack(err); again != err { //nolint:errorlint // the very same
		t.Error("an error with a stack got another")
	}
	var coded codedError
	if !errors.As(err, &coded) || coded.code != 7 || err.Error() != "code 7" {
		t.Errorf("the error became %v", err)
	}
}

func deep(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	deep(n-1, f)
}

func TestStackIsBounded(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		deep(1000, func() { l.Err(context.Background(), errors.New("e"), "m") })
	})
	stack := attrText(records[0], "stack_trace")
	if n := strings.Count(stack, "\n\t"); n != 64 || !strings.HasSuffix(stack, "(more frames)\n") {
		t.Errorf("%d frames:\n%s", n, stack)
	}
}

func TestErrIsNotLoggedBelowItsLevel(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		l.Err(context.Background(), brokenError{}, "m")
	}, weir.WithLevel(weir.LevelFatal))
	wantTexts(t, records)
}
