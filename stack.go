package weir

import (
	"runtime"
	"strconv"
	"strings"
)

// The bounds of a stack.
const (
	// maxStackFrames is how many frames of a stack are kept, the innermost ones: more
	// are a recursion, whose frames are alike.
	maxStackFrames = 64
	// maxOwnFrames are looked through for the first that is the program's: those of
	// this package, and of the runtime while it panics, nested panics included.
	maxOwnFrames = 32
)

// ownFrames is how the names of this package's functions start.
const ownFrames = "github.com/weirlog/weir."

// here returns the stack of the function that calls it.
func here() []uintptr {
	pcs := make([]uintptr, maxOwnFrames+maxStackFrames)
	return pcs[:runtime.Callers(2, pcs)]
}

// trace is a stack as a record carries it.
type trace struct {
	text string  // "function\n\tfile:line\n" for each frame, innermost first
	pc   uintptr // of the innermost frame; 0 when there is none
}

// traceOfStack resolves what runtime.Callers returned, without the frames of the
// runtime at both ends and those of this package at the inner end.
func traceOfStack(pcs []uintptr) trace {
	var t trace
	var text strings.Builder
	end := 0 // of text, behind the last frame that is not the runtime's
	shown := 0
	for i, pc := range pcs {
		// runtime.Callers returns one program counter for each frame, inlined ones
		// included, so each may be looked up alone.
		frame, _ := runtime.CallersFrames(pcs[i : i+1]).Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if shown == 0 && (inRuntime || frame.Function == "" || strings.HasPrefix(frame.Function, ownFrames)) {
			continue
		}
		if shown == maxStackFrames {
			text.WriteString("(more frames)\n")
			end = text.Len()
			break
		}
		if shown == 0 {
			t.pc = pc
		}
		shown++
		text.WriteString(frame.Function)
		text.WriteString("\n\t")
		text.WriteString(frame.File)
		text.WriteByte(':')
		text.WriteString(strconv.Itoa(frame.Line))
		text.WriteByte('\n')
		if !inRuntime {
			end = text.Len()
		}
	}
	t.text = text.String()[:end]
	return t
}
