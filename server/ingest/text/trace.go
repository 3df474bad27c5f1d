package text

import "strings"

// language is the way in which a stack trace is written, as far as the lines that
// are not indented differ.
type language uint8

const (
	noTrace language = iota
	framed           // an error, then indented frames: Java, Kotlin, .NET, Node, Ruby
	python
	golang
	rust
)

// trace is what is known of a stack trace whose lines are coming. Indented lines
// always belong to it; takes decides about the others.
type trace struct {
	language language
	sure     bool // it is a trace: a frame was seen, not only a line that one could start with
	state    traceState
}

type traceState uint8

const (
	inFrames  traceState = iota
	wantError            // the next line that is not empty tells the error
	told                 // it was told; Python's chain may follow
	chained              // the sentence between two of Python's traces was seen
)

// startTrace reads a line that has no time or level in front and may begin a trace.
func startTrace(s string) (trace, bool) {
	switch {
	case s == "" || isIndented(s) && !strings.HasPrefix(s, "  + Exception Group "+pythonStart):
		return trace{}, false
	case strings.HasPrefix(strings.TrimPrefix(s, "  + Exception Group "), pythonStart):
		return trace{language: python, sure: true, state: wantError}, true
	case isGoroutine(s):
		return trace{language: golang, sure: true}, true
	case hasAnyPrefix(s, "panic: ", "fatal error: ", "runtime: ", "unexpected fault address ", "SIGQUIT: ", "SIGSEGV: ", "SIGABRT: ", "SIGTRAP: ", "SIGBUS: "):
		return trace{language: golang}, true
	case strings.HasPrefix(s, "thread '") && strings.Contains(s, " panicked at "):
		state := inFrames
		if strings.HasSuffix(s, ":") {
			state = wantError
		}
		return trace{language: rust, sure: true, state: state}, true
	case hasAnyPrefix(s, `Exception in thread "`, "Unhandled exception. ", "Unhandled Exception: ", "Uncaught ", "(node:") || isRubyError(s):
		return trace{language: framed}, true
	}
	if _, ok := errorName(s); ok {
		return trace{language: framed}, true
	}
	return trace{}, false
}

const pythonStart = "Traceback (most recent call last):"

// attachTrace reads a line that follows one with a time or level directly and may
// begin the trace that this one logs. A trace that a program prints when it ends
// looks the same; it is told apart by the level, which is that of an error (grave)
// when a trace is logged. The line of an error alone is not sure to be one of a trace:
// another thread may have printed it.
func attachTrace(s string, grave bool) (trace, bool) {
	switch {
	case isGoroutine(s):
		return trace{language: golang, sure: true}, true
	case strings.HasPrefix(s, "Caused by: "):
		return trace{language: framed, sure: true}, true
	case !grave:
	case strings.HasPrefix(s, pythonStart):
		return trace{language: python, sure: true, state: wantError}, true
	default:
		if _, ok := errorName(s); ok {
			return trace{language: framed}, true
		}
	}
	return trace{}, false
}

// takes tells whether the trace goes on with a line that is not indented; empty says
// that empty lines were in between.
func (t *trace) takes(s string, empty bool) bool {
	switch t.language {
	case golang:
		return t.takesGo(s)
	case python:
		return t.takesPython(s, empty)
	case rust:
		return t.takesRust(s, empty)
	case framed:
		return t.takesFramed(s, empty)
	}
	return false
}

func (t *trace) takesGo(s string) bool {
	switch {
	case isGoroutine(s) || s == "runtime stack:":
		t.sure = true
		return true
	case hasAnyPrefix(s, "created by ", "exit status ", "[signal ", "[originating from goroutine ", "PC=", "signal arrived during ", "..."):
		return true
	case hasAnyPrefix(s, "fatal error: ", "runtime: ", "goroutine ") && !t.sure:
		return true
	}
	return isGoCall(s) || isRegister(s)
}

func (t *trace) takesPython(s string, empty bool) bool {
	switch t.state {
	case wantError:
		if _, ok := pythonError(s); ok && !empty {
			t.state = told
			return true
		}
	case told:
		if hasAnyPrefix(s, "During handling of the above exception, another exception occurred:",
			"The above exception was the direct cause of the following exception:") {
			t.state = chained
			return true
		}
	case chained:
		if strings.HasPrefix(s, pythonStart) {
			t.state = wantError
			return true
		}
	}
	return false
}

func (t *trace) takesRust(s string, empty bool) bool {
	if t.state == wantError && !empty {
		t.state = inFrames
		return true
	}
	return !empty && hasAnyPrefix(s, "note: ", "stack backtrace:", "thread caused non-unwinding panic", "fatal runtime error: ")
}

func (t *trace) takesFramed(s string, empty bool) bool {
	switch {
	case t.state == wantError: // Node tells the error behind the lines of code and an empty one
		t.state = inFrames
		return true
	case hasAnyPrefix(s, "Caused by: ", "Suppressed: ", "Wrapped by: ", "[CIRCULAR REFERENCE", "--- End of "):
		t.sure = true
		return true
	case hasAnyPrefix(s, "Node.js v", "(Use `node "):
		return true
	case strings.HasPrefix(s, "... "):
		return strings.HasSuffix(s, " more")
	}
	return !empty && hasAnyPrefix(s, "Require stack:", "- /")
}

// frameOf tells an indented line that is a frame of a stack trace, or begins a part
// of one, from one that is more of a message.
func frameOf(s string) language {
	s = skipSpaces(s)
	switch {
	case strings.HasPrefix(s, "at "):
		if strings.IndexByte(s, '(') > 0 || strings.Contains(s, "<anonymous>") || endsInPlace(s) {
			return framed
		}
	case strings.HasPrefix(s, "from "):
		if strings.Contains(s, ":in ") {
			return framed
		}
	case strings.HasPrefix(s, `File "`):
		if strings.Contains(s, `", line `) {
			return python
		}
	case strings.HasPrefix(strings.TrimPrefix(s, "+ Exception Group "), pythonStart):
		return python
	case strings.HasPrefix(s, "... ") && strings.HasSuffix(s, " more"), hasAnyPrefix(s, "Caused by: ", "Suppressed: ", "--- End of ", "---> "):
		return framed
	case strings.Contains(s, ".go:"):
		if place, _, _ := strings.Cut(s, " +0x"); endsInPlace(place) {
			return golang
		}
	}
	return noTrace
}

// endsInPlace tells text that ends in a file's line, as x.js:1:2 or x.go:7.
func endsInPlace(s string) bool {
	colon := strings.LastIndexByte(s, ':')
	if colon < 1 {
		return false
	}
	line := strings.TrimPrefix(s[colon+1:], "line ") // .NET
	number, after := digits(line)
	return number != "" && after == ""
}

func isGoroutine(s string) bool {
	after, ok := strings.CutPrefix(s, "goroutine ")
	if !ok {
		return false
	}
	number, after := digits(after)
	return number != "" && strings.HasPrefix(after, " ") && strings.Contains(after, "[") && strings.HasSuffix(after, ":")
}

// isGoCall tells main.main(), net/http.(*conn).serve(0xc000, {0x1, 0x2}).
func isGoCall(s string) bool {
	if s == "" || s[len(s)-1] != ')' {
		return false
	}
	word, _, _ := strings.Cut(s, " ")
	open := strings.IndexByte(word, '(')
	return open > 0 && (word[:open] == "panic" || strings.IndexByte(word[:open], '.') > 0)
}

// isRegister tells a line of the registers that Go prints after a signal: rip    0x4.
func isRegister(s string) bool {
	name, after, ok := strings.Cut(s, " ")
	return ok && len(name) <= 6 && strings.HasPrefix(skipSpaces(after), "0x")
}

// isRubyError tells app.rb:3:in `work': message (ArgumentError).
func isRubyError(s string) bool {
	place, _, ok := strings.Cut(s, ":in ")
	if !ok || !endsInPlace(place) || strings.IndexByte(place, ' ') >= 0 {
		return false
	}
	_, ok = rubyName(s)
	return ok
}

// isNodePlace tells the line in front of the code that an uncaught error of Node
// shows: /srv/app.js:12.
func isNodePlace(s string) bool {
	if !endsInPlace(s) || strings.IndexByte(s, ' ') >= 0 {
		return false
	}
	return hasAnyPrefix(s, "/", "file://", "node:") || len(s) > 3 && isLetter(s[0]) && s[1] == ':' && s[2] == '\\'
}

// isMarker tells the line of Node under the code: ^^^.
func isMarker(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && strings.Trim(s, "^") == ""
}

// isCloser tells the end of something that was printed over several lines: }, ]);.
func isCloser(s string) bool {
	return s != "" && len(s) <= 4 && strings.Trim(s, "})];,") == ""
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}
