package weirhttp

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// asksToAbort reports whether a panic is the one by which handlers ask the server to
// cut the connection. net/http compares as this does: an error that wraps it is none.
func asksToAbort(p any) bool {
	return p == http.ErrAbortHandler //nolint:errorlint // see above
}

// logPanic logs a panic with its stack. It is called while the panic is being
// recovered, by the deferred function.
func logPanic(ctx context.Context, log *weir.Logger, msg string, value any) {
	log.Err(ctx, panicked{value, panicStack()}, msg,
		slog.String(record.Fields[record.FieldErrorType].Name, fmt.Sprintf("%T", value)),
		slog.Bool("panic", true))
}

// panicked is a panic's value as weir.Logger.Err takes errors.
type panicked struct {
	value any
	stack []uintptr
}

// Error implements error.
func (p panicked) Error() string { return fmt.Sprint(p.value) }

// StackTrace is where it happened.
func (p panicked) StackTrace() []uintptr { return p.stack }

// maxFrames is more than weir.Logger.Err keeps, for those of the recovery.
const maxFrames = 96

// panicStack returns the stack below the call of panic that is being recovered.
func panicStack() []uintptr {
	pcs := make([]uintptr, maxFrames)
	pcs = pcs[:runtime.Callers(1, pcs)]
	for i := range pcs {
		if frame, _ := runtime.CallersFrames(pcs[i : i+1]).Next(); frame.Function == "runtime.gopanic" {
			return pcs[i+1:]
		}
	}
	return pcs
}
