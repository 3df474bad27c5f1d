package text

import (
	"strings"

	"github.com/weirlog/weir/record"
)

// readTail reads what follows a time: level, thread, process and logger, in the
// orders of the usual layouts. Without a level everything stays in the rest.
func readTail(h head) head {
	s := skipSeparators(h.rest)
	h.rest = s
	if l, after, ok := levelAt(s, true); ok {
		h.level = l
		return readAfterLevel(h, after)
	}
	if number, after := digits(s); number != "" && strings.HasPrefix(after, " ") { // HDFS: 148 INFO dfs.X:
		if l, behind, ok := levelAt(skipSpaces(after), true); ok {
			h.level = l
			h.number("pid", number)
			return readAfterLevel(h, behind)
		}
	}
	if content, after, ok := bracketed(s); ok {
		if module, name, found := strings.Cut(content, ":"); found { // Apache 2.4: [core:error]
			if severity, known := record.ParseLevel(name); known {
				h.level = level{severity, name}
				h.logger = module
				return readAfterLevel(h, after)
			}
		}
		if l, behind, ok := levelAt(skipSeparators(after), true); ok { // logback: [main] INFO
			h.level = l
			h.attr("thread", content)
			return readAfterLevel(h, behind)
		}
	}
	if name, after, ok := strings.Cut(s, " - "); ok && isName(name) { // Python: name - INFO - message
		if l, behind, ok := levelAt(after, true); ok && strings.HasPrefix(behind, " - ") {
			h.level = l
			h.logger = name
			h.rest = behind[len(" - "):]
		}
	}
	return h
}

// readAfterLevel reads process, thread and logger between a level and the message.
func readAfterLevel(h head, s string) head {
	s = skipSeparators(s)
	if pid, after := digits(s); pid != "" && strings.HasPrefix(skipSpaces(after), "--- ") { // Spring: 4711 --- [main] c.e.X : …
		h.number("pid", pid)
		s = skipSpaces(skipSpaces(after)[len("--- "):])
	}
	for range 4 { // Apache writes up to three of them
		content, after, ok := bracketed(s)
		if !ok || !h.readBracket(content) {
			break
		}
		s = skipSeparators(after)
	}
	if name, after, ok := loggerAt(s); ok && h.logger == "" {
		h.logger = name
		s = after
	}
	h.rest = s
	return h
}

// readBracket takes what a layout writes in brackets behind the level: Apache's
// [pid 1:tid 2] and [client …], ZooKeeper's [thread:Class@line], a thread.
func (h *head) readBracket(content string) bool {
	if pid, ok := strings.CutPrefix(content, "pid "); ok {
		pid, tid, _ := strings.Cut(pid, ":tid ")
		h.number("pid", pid)
		if tid != "" {
			h.number("tid", tid)
		}
		return true
	}
	if client, ok := strings.CutPrefix(content, "client "); ok {
		h.attr("client", client)
		return true
	}
	for i := range h.attrs {
		if h.attrs[i].Key == "thread" {
			return false
		}
	}
	content = strings.TrimSpace(content)
	if content == "" {
		return false
	}
	if line, function, ok := strings.Cut(content, "::"); ok { // ko-log: [12  ::handle]
		if line = strings.TrimSpace(line); isCount(line) && isName(function) {
			h.number("line_number", line)
			h.attr("function_name", function)
			return true
		}
	}
	if at := strings.LastIndexByte(content, '@'); at > 0 {
		if line := content[at+1:]; isCount(line) {
			if colon := strings.LastIndexByte(content[:at], ':'); colon > 0 && isName(content[colon+1:at]) {
				h.logger = content[colon+1 : at]
				h.number("line_number", line)
				content = content[:colon]
			}
		}
	}
	h.attr("thread", content)
	return true
}

// loggerAt reads a dotted logger in front of ": ", " : " or " - ".
func loggerAt(s string) (name, after string, ok bool) {
	end := 0
	for end < len(s) && isNameByte(s[end]) {
		end++
		if end+2 < len(s) && s[end] == ':' && s[end+1] == ':' { // Rust: app::db
			end += 2
		}
	}
	name = s[:end]
	if !strings.ContainsAny(name, ".$:") || !isName(name) {
		return "", "", false
	}
	after = s[end:]
	if rest, found := strings.CutPrefix(after, ":"); found {
		if rest == "" || rest[0] == ' ' || rest[0] == '\t' {
			return name, skipSpaces(rest), true
		}
		return "", "", false
	}
	after = skipSpaces(after)
	for _, separator := range [...]string{": ", "- "} {
		if rest, found := strings.CutPrefix(after, separator); found {
			return name, rest, true
		}
	}
	return "", "", false
}

// bracketed reads [content], with balanced brackets inside.
func bracketed(s string) (content, after string, ok bool) {
	if s == "" || s[0] != '[' {
		return "", "", false
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return s[1:i], s[i+1:], true
			}
		}
	}
	return "", "", false
}
