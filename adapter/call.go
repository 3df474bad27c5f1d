package adapter

import (
	"runtime"
	"strconv"
	"strings"
)

// maxFrames is how much of the stack is looked at, and written for a Panic.
const maxFrames = 64

// call is where a message was logged.
type call struct {
	pc     uintptr // 0: not known
	fatal  bool    // log.Fatal: the program ends
	panics bool    // log.Panic
	stack  string  // of a Panic
}

// findCall looks for the call of package log that a Write is in. Where the message
// names a place, because its logger was asked to, that place is right: Output takes a
// depth, which the stack does not show.
func findCall(m message) call {
	var c call
	var pcs [maxFrames]uintptr
	// Past Callers, findCall and Write; log's own output is next.
	const skip = 3
	frames := runtime.CallersFrames(pcs[:runtime.Callers(skip, pcs[:])])
	outside, found := -1, -1
	var stack strings.Builder
	for i := 0; ; i++ {
		frame, more := frames.Next()
		if name, ok := strings.CutPrefix(frame.Function, "log."); ok && outside < 0 {
			method := name[strings.LastIndexByte(name, '.')+1:]
			c.fatal = c.fatal || strings.HasPrefix(method, "Fatal")
			c.panics = c.panics || strings.HasPrefix(method, "Panic")
		} else if i > 0 && frame.Function != "" {
			if outside < 0 {
				outside = i
			}
			if found < 0 && m.at(frame) {
				found = i
			}
			if c.panics {
				stack.WriteString(frame.Function + "(...)\n\t" + frame.File + ":" + strconv.Itoa(frame.Line) + "\n")
			}
		} else {
			return call{} // not called by package log
		}
		if !more {
			break
		}
	}
	c.stack = stack.String()
	if m.file != "" {
		outside = found
	}
	if outside >= 0 {
		// A frame's own counter does not say which of several inlined functions it
		// is; the runtime's, for that depth, does.
		runtime.Callers(skip+outside, pcs[:1])
		c.pc = pcs[0]
	}
	return c
}

// at reports whether a message says that it was logged in this frame.
func (m *message) at(f runtime.Frame) bool {
	return f.Line == m.line && (f.File == m.file || strings.HasSuffix(f.File, "/"+m.file))
}
