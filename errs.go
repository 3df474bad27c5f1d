package weir

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"

	"github.com/weirlog/weir/record"
)

// The attributes of an error.
const (
	errorKey      = "error"       // its text
	errorChainKey = "error_chain" // a list of type and message, outermost first
	errorCodeKey  = "error_code"  // of an *Error
	panicKey      = "panic"       // true when it was a panic's value
)

// maxErrorChain is how many errors of a chain are looked at: longer ones do not
// occur, but for an error that unwraps to itself.
const maxErrorChain = 32

// Err logs an error at ERROR, with these attributes before args:
//
//   - error: its text.
//   - error_type: the Go type of the most telling error in its chain, the first that
//     does more than add a text or a stack to another; when there is none, that of
//     the innermost.
//   - error_chain: when there are several, a list of each error's type and message,
//     outermost first, through both forms of Unwrap.
//   - error_code: of an *Error, see [Error.Code].
//   - stack_trace: where the innermost error that knows it was made (see
//     [WithStack]; errors of github.com/pkg/errors and github.com/go-errors/errors
//     are understood as well), else the stack of this call.
//   - function_name, file_path and line_number: the innermost frame of that stack.
//
// A nil error is logged with the error <nil>, without a type or a stack.
func (l *Logger) Err(ctx context.Context, err error, msg string, args ...any) {
	if !l.enabled(LevelError) {
		return
	}
	if err == nil {
		l.logOwn(ctx, LevelError, msg, l.place(), []slog.Attr{slog.String(errorKey, "<nil>")}, args)
		return
	}
	attrs, pc := errorAttrs(err, here())
	l.logOwn(ctx, LevelError, msg, l.placeOr(pc), attrs, args)
}

// placeOr is pc, unless nobody wants to know.
func (l *Logger) placeOr(pc uintptr) uintptr {
	if !l.source {
		return 0
	}
	return pc
}

// WithStack returns an error that wraps err and knows where WithStack was called, for
// [Logger.Err]. An error that knows where it was made is returned as it is, and so is
// nil.
func WithStack(err error) error {
	if err == nil || stackOf(chainOf(err)) != nil {
		return err
	}
	return &stackError{err, here()}
}

// stackError is an error that knows where it was made.
type stackError struct {
	error
	pcs []uintptr
}

// Unwrap returns the error that was wrapped.
func (e *stackError) Unwrap() error { return e.error }

// StackTrace returns what runtime.Callers did.
func (e *stackError) StackTrace() []uintptr { return e.pcs }

// errorAttrs describes an error. instead is the stack for one that has none. pc is
// the innermost frame.
func errorAttrs(err error, instead []uintptr) (attrs []slog.Attr, pc uintptr) {
	chain := chainOf(err)
	if own := stackOf(chain); own != nil {
		instead = own
	}
	return describe(textOf(err), tellingType(chain), chain, instead)
}

// panicAttrs describes a panic. pcs was taken while its value was recovered.
func panicAttrs(value any, pcs []uintptr) (attrs []slog.Attr, pc uintptr) {
	var chain []error
	kind := fmt.Sprintf("%T", value)
	if err, ok := value.(error); ok {
		chain = chainOf(err)
		kind = tellingType(chain)
	}
	attrs, pc = describe(textOf(value), kind, chain, pcs)
	return append(attrs, slog.Bool(panicKey, true)), pc
}

func describe(text, kind string, chain []error, pcs []uintptr) (attrs []slog.Attr, pc uintptr) {
	attrs = append(attrs,
		slog.String(errorKey, text),
		slog.String(fieldName(record.FieldErrorType), kind))
	if len(chain) > 1 {
		list := make([]slog.Value, len(chain))
		for i, err := range chain {
			list[i] = slog.GroupValue(slog.String("type", fmt.Sprintf("%T", err)), slog.String("message", textOf(err)))
		}
		attrs = append(attrs, slog.Any(errorChainKey, list))
	}
	for _, err := range chain {
		if coded, ok := err.(*Error); ok && coded != nil { //nolint:errorlint // the chain is walked already
			attrs = append(attrs, slog.String(errorCodeKey, coded.Code()))
			break
		}
	}
	t := traceOfStack(pcs)
	if t.text != "" {
		attrs = append(attrs, slog.String(fieldName(record.FieldStackTrace), t.text))
	}
	return attrs, t.pc
}

// textOf is the text of an error or of a panic's value, whose methods may panic
// themselves.
func textOf(value any) (text string) {
	defer func() {
		if p := recover(); p == nil {
			return
		} else if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && v.IsNil() {
			text = "<nil>"
		} else {
			text = fmt.Sprintf("!PANIC: %v", p)
		}
	}()
	if err, ok := value.(error); ok {
		return err.Error()
	}
	return fmt.Sprint(value)
}

// chainOf lists an error and those it wraps, each before what it wraps.
func chainOf(err error) (chain []error) {
	var walk func(err error)
	walk = func(err error) {
		if err == nil || len(chain) == maxErrorChain {
			return
		}
		chain = append(chain, err)
		for _, next := range unwrap(err) {
			walk(next)
		}
	}
	walk(err)
	return chain
}

// unwrap calls either form of Unwrap, which is not ours.
func unwrap(err error) (next []error) {
	defer func() {
		if recover() != nil {
			next = nil
		}
	}()
	switch e := err.(type) { //nolint:errorlint // the chain is walked here
	case interface{ Unwrap() error }:
		return []error{e.Unwrap()}
	case interface{ Unwrap() []error }:
		return e.Unwrap()
	}
	return nil
}

// isWrapper reports whether errors of a type only add a text or a stack to another,
// or say nothing but a text, as the standard library, github.com/pkg/errors and this
// package have them.
func isWrapper(kind string) bool {
	switch kind {
	case "*fmt.wrapError", "*fmt.wrapErrors", "*errors.joinError", "*errors.errorString",
		"*errors.withStack", "*errors.withMessage", "*errors.fundamental",
		"*weir.stackError":
		return true
	}
	return false
}

// tellingType is the type of the first error of a chain that is no wrapper, else of
// the last.
func tellingType(chain []error) string {
	kind := ""
	for _, err := range chain {
		if kind = fmt.Sprintf("%T", err); !isWrapper(kind) {
			break
		}
	}
	return kind
}

// stackOf returns the stack of the innermost error that has one.
func stackOf(chain []error) (pcs []uintptr) {
	for _, err := range chain {
		if own := stackOfError(err); len(own) > 0 {
			pcs = own
		}
	}
	return pcs[:min(len(pcs), maxOwnFrames+maxStackFrames)]
}

// stackOfError asks an error, which is not ours, for what runtime.Callers returned
// when it was made.
func stackOfError(err error) (pcs []uintptr) {
	defer func() {
		if recover() != nil {
			pcs = nil
		}
	}()
	switch e := err.(type) { //nolint:errorlint // the chain is walked already
	case interface{ StackTrace() []uintptr }:
		return e.StackTrace()
	case interface{ Callers() []uintptr }: // github.com/go-errors/errors
		return e.Callers()
	}
	// github.com/pkg/errors returns a slice of a type of its own whose elements are
	// of kind uintptr, which no interface can name without importing it.
	method := reflect.ValueOf(err).MethodByName("StackTrace")
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return nil
	}
	if out := method.Type().Out(0); out.Kind() != reflect.Slice || out.Elem().Kind() != reflect.Uintptr {
		return nil
	}
	frames := method.Call(nil)[0]
	for i := range frames.Len() {
		pcs = append(pcs, uintptr(frames.Index(i).Uint()))
	}
	return pcs
}
