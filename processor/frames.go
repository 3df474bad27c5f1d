package processor

import (
	"log/slog"
	"strconv"
	"strings"
)

// readFrames reads a stack trace of function names, each with file:line on an indented
// line below it, as runtime/debug.Stack prints it for one goroutine; those of further goroutines
// do not count. It returns at most so many frames, and how many more there were.
func readFrames(stack string, most int) (frames []slog.Value, omitted int) {
	function, goroutines := "", 0
	for line := range strings.Lines(stack) {
		line = strings.TrimRight(line, "\r\n")
		text := strings.TrimLeft(line, " \t")
		switch {
		case text == "":
			function = ""
		case len(text) == len(line): // not indented
			if isGoroutine(line) {
				if goroutines++; goroutines > 1 {
					return frames, omitted
				}
				function = ""
				continue
			}
			function = functionIn(line)
		case function != "":
			file, number, ok := placeIn(text)
			if !ok {
				continue
			}
			if len(frames) < most {
				frames = append(frames, slog.GroupValue(slog.String("function", function), slog.String("file", file), slog.Int64("line", number)))
			} else {
				omitted++
			}
			function = ""
		}
	}
	return frames, omitted
}

// isGoroutine knows "goroutine 1 [running]:".
func isGoroutine(line string) bool {
	return strings.HasPrefix(line, "goroutine ") && strings.HasSuffix(line, "]:")
}

// functionIn returns the name in "main.run(0x1, ...)", "created by main.run in
// goroutine 1" or "main.run".
func functionIn(line string) string {
	name := strings.TrimPrefix(line, "created by ")
	if len(name) < len(line) {
		name, _, _ = strings.Cut(name, " in goroutine ")
	}
	if !strings.HasSuffix(name, ")") {
		return name
	}
	depth := 0
	for i := len(name) - 1; i > 0; i-- {
		switch name[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return name[:i]
			}
		}
	}
	return name
}

// placeIn reads "file:line", with what may follow a blank after it, such as " +0x1d".
func placeIn(text string) (file string, line int64, ok bool) {
	if offset := strings.LastIndex(text, " +0x"); offset >= 0 {
		text = text[:offset]
	}
	colon := strings.LastIndexByte(text, ':')
	if colon < 1 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(text[colon+1:], 10, 31)
	return text[:colon], int64(n), err == nil
}
