package text

import (
	"strings"

	"github.com/weirlog/weir/record"
)

// readTail reads what follows a time: level, thread, process and logger, in the
// orders of the usual layouts. Without a level everything stays in the rest, with
// the spaces that the message begins with.
func (p *Parser) readTail(h head) head {
	s := skipSeparators(h.rest)
	h.rest = skipSeparator(h.rest)
	if l, after, ok := levelAt(s, true); ok {
		h.level = l
		return p.readAfterLevel(h, after)
	}
	if number, after := digits(s); number != "" && strings.HasPrefix(after, " ") { // HDFS: 148 INFO dfs.X:
		if l, behind, ok := levelAt(skipSpaces(after), true); ok {
			h.level = l
			h.number("pid", number)
			return p.readAfterLevel(h, behind)
		}
	}
	if content, after, ok := bracketed(s); ok {
		if module, name, found := strings.Cut(content, ":"); found { // Apache 2.4: [core:error]
			if severity, known := record.ParseLevel(name); known {
				h.level = level{severity, name}
				h.logger = module
				return p.readAfterLevel(h, after)
			}
		}
		if l, behind, ok := levelAt(skipSeparators(after), true); ok { // logback: [main] INFO
			h.level = l
			h.attr("thread", content)
			p.rememberThread(content)
			return p.readAfterLevel(h, behind)
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
// Where nothing would be left for the message, they are the message.
func (p *Parser) readAfterLevel(h head, s string) head {
	s = skipSeparators(s)
	plain := h
	plain.rest = s
	spring := false
	if pid, after := digits(s); pid != "" && strings.HasPrefix(skipSpaces(after), "--- ") { // Spring: 4711 --- [main] c.e.X : …
		h.number("pid", pid)
		s = skipSpaces(skipSpaces(after)[len("--- "):])
		spring = true
	}
	for range 4 { // Apache writes up to three of them
		content, after, ok := bracketed(s)
		if !ok || !h.readBracket(content) && !p.readThread(&h, content, after, spring) {
			break
		}
		s = skipSeparators(after)
	}
	if name, after, ok := loggerAt(s); ok && h.logger == "" {
		h.logger = name
		s = after
	}
	if s == "" {
		return plain
	}
	h.rest = s
	return h
}
