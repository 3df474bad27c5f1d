package weir

import (
	"log/slog"
	"runtime"

	"github.com/weirlog/weir/record"
)

// maxCallers bounds the cache of places: a program has few log calls, and one that
// makes program counters up starts the cache over.
const maxCallers = 8192

// callers turns program counters into attributes. It belongs to the worker.
type callers map[uintptr][]slog.Attr

// attrs returns function_name, file_path and line_number of a call. The slice must
// not be changed.
func (c callers) attrs(pc uintptr) []slog.Attr {
	if pc == 0 {
		return nil
	}
	if found, ok := c[pc]; ok {
		return found
	}
	if len(c) >= maxCallers {
		clear(c)
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	var attrs []slog.Attr
	if frame.Function != "" {
		attrs = append(attrs, slog.String(fieldName(record.FieldFunctionName), frame.Function))
	}
	if frame.File != "" {
		attrs = append(attrs,
			slog.String(fieldName(record.FieldFilePath), frame.File),
			slog.Int(fieldName(record.FieldLineNumber), frame.Line))
	}
	c[pc] = attrs
	return attrs
}

func fieldName(id record.FieldID) string { return record.Fields[id].Name }
