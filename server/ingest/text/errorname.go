package text

import "strings"

// errorName reads the class of an error in front of a line: java.io.IOException: x,
// TypeError: x, Error [ERR_X]: x, KeyError.
func errorName(s string) (string, bool) {
	name, after := className(s)
	if !isErrorClass(name) {
		return "", false
	}
	if strings.HasPrefix(after, " [") {
		if end := strings.IndexByte(after, ']'); end > 0 {
			after = after[end+1:]
		}
	}
	return name, after == "" || strings.HasPrefix(after, ": ") || after == ":"
}

// pythonError reads the last line of a trace of Python: KeyboardInterrupt,
// app.Problem: text, socket.timeout: timed out. A word alone must look like the class
// of an error: any program prints "Starting".
func pythonError(s string) (string, bool) {
	name, after := className(s)
	dot := strings.LastIndexByte(name, '.')
	class := name[dot+1:]
	switch {
	case class == "" || isPlace(name):
		return "", false
	case after == "" || after == ":":
		return name, isErrorClass(class) || hasAnySuffix(class, "error", "Warning", "Exit", "Iteration", "Group") || dot > 0 && isUpper(class[0])
	}
	return name, strings.HasPrefix(after, ": ") && (dot > 0 || strings.ToLower(class) != class)
}

// rubyName reads the class that Ruby puts in parentheses behind the message.
func rubyName(s string) (string, bool) {
	open := strings.LastIndexByte(s, '(')
	if open < 0 || !strings.HasSuffix(s, ")") {
		return "", false
	}
	name := s[open+1 : len(s)-1]
	class, after := className(name)
	return name, class != "" && after == "" && isUpper(name[0])
}

// errorIn looks for the class of an error in a line of text, such as
// Exception in thread "main" java.lang.X: text, or request failed: TypeError: text.
func errorIn(s string) string {
	const farthest = 8 // parts of a message; the class stands near the front
	rest := s
	for range farthest {
		part, after, more := strings.Cut(rest, ": ")
		name := part[strings.LastIndexByte(part, ' ')+1:]
		if class, ok := errorName(name); ok {
			return class
		}
		if words := strings.TrimSpace(part); strings.HasSuffix(words, "]") { // Error [ERR_X]
			if at := strings.LastIndexByte(words, '['); at > 0 {
				words = strings.TrimSpace(words[:at])
				if class, ok := errorName(words[strings.LastIndexByte(words, ' ')+1:]); ok {
					return class
				}
			}
		}
		if !more {
			break
		}
		rest = after
	}
	if name, ok := rubyName(s); ok {
		return name
	}
	return ""
}

// className reads a dotted name, also with :: as Ruby and Rust write it.
func className(s string) (name, after string) {
	if s == "" || !isLetter(s[0]) && s[0] != '_' {
		return "", s
	}
	i := 0
	for i < len(s) {
		if c := s[i]; isLetter(c) || isDigit(c) || c == '.' || c == '_' || c == '$' {
			i++
		} else if strings.HasPrefix(s[i:], "::") {
			i += 2
		} else {
			break
		}
	}
	return s[:i], s[i:]
}

func isErrorClass(name string) bool {
	return hasAnySuffix(name, "Error", "Exception", "Throwable", "Failure", "Interrupt")
}
