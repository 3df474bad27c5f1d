package weir

import (
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/record"
)

// maxCallers bounds the cache of places: a program has few log calls, and one that
// makes program counters up does not get a larger one.
const maxCallers = 8192

// caller is the place of a call: as attributes, and as part of a line.
type caller struct {
	attrs []slog.Attr // function_name, file_path and line_number; not changed
	site  *flat.Site
}

// callers turns program counters into places. It may be used concurrently.
type callers struct {
	known sync.Map // from uintptr to *caller
	count atomic.Int32
}

// find returns the place of a program counter, nil for 0.
func (c *callers) find(pc uintptr) *caller {
	if pc == 0 {
		return nil
	}
	if found, ok := c.known.Load(pc); ok {
		return found.(*caller)
	}
	made := newCaller(pc)
	if c.count.Add(1) > maxCallers {
		c.known.Clear()
		c.count.Store(0)
	}
	c.known.Store(pc, made)
	return made
}

func newCaller(pc uintptr) *caller {
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
	return &caller{attrs: attrs, site: flat.SiteOf(frame.Function, frame.File, frame.Line)}
}

// attributes are nil for no place.
func (c *caller) attributes() []slog.Attr {
	if c == nil {
		return nil
	}
	return c.attrs
}

// encoded is nil for no place.
func (c *caller) encoded() *flat.Site {
	if c == nil {
		return nil
	}
	return c.site
}

func fieldName(id record.FieldID) string { return record.Fields[id].Name }
