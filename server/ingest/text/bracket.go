package text

import "strings"

// Bounds of the names of threads that are remembered of a stream. Programs with more
// or longer ones are read by the layout of each line alone.
const (
	maxThreads    = 1_000 // more than programs run whose threads have names
	maxThreadName = 128   // longer than the names that thread pools make; together 128 KiB a stream
)

// readBracket takes what only a layout writes in brackets behind the level: Apache's
// [pid 1:tid 2] and [client …], ZooKeeper's [thread:Class@line], ko-log's [line ::function].
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
	if h.hasThread() {
		return false
	}
	content = strings.TrimSpace(content)
	if line, function, ok := strings.Cut(content, "::"); ok { // ko-log: [12  ::handle]
		if line = strings.TrimSpace(line); isCount(line) && isName(function) {
			h.number("line_number", line)
			h.attr("function_name", function)
			return true
		}
	}
	at := strings.LastIndexByte(content, '@')
	if at < 0 || !isCount(content[at+1:]) {
		return false
	}
	colon := strings.LastIndexByte(content[:at], ':')
	if colon < 1 || !isName(content[colon+1:at]) {
		return false
	}
	h.logger = content[colon+1 : at]
	h.number("line_number", content[at+1:])
	h.attr("thread", content[:colon])
	return true
}

// readThread takes content for a thread where the layout says so: Spring's dashes in
// front of it, a dotted logger behind it, Kafka's colon behind it with the logger at
// the end of the line; or where it was one in this stream. What else is in brackets
// may be the message.
func (p *Parser) readThread(h *head, content, after string, spring bool) bool {
	content = strings.TrimSpace(content)
	if content == "" || h.hasThread() {
		return false
	}
	known := p.threads[content]
	if !known {
		known = spring || strings.HasPrefix(after, ": ") && endsInLogger(after)
		if !known {
			_, _, known = loggerAt(skipSeparators(after))
		}
		if !known {
			return false
		}
		p.rememberThread(content)
	}
	h.attr("thread", content)
	return true
}

func (p *Parser) rememberThread(name string) {
	if len(name) > maxThreadName || len(p.threads) >= maxThreads || p.threads[name] {
		return
	}
	if p.threads == nil {
		p.threads = map[string]bool{}
	}
	p.threads[strings.Clone(name)] = true
}

func (h *head) hasThread() bool {
	for i := range h.attrs {
		if h.attrs[i].Key == "thread" {
			return true
		}
	}
	return false
}

// endsInLogger tells a line of Kafka's: …: message (kafka.server.KafkaServer).
func endsInLogger(s string) bool {
	name, closed := strings.CutSuffix(s, ")")
	name = name[strings.LastIndexByte(name, '(')+1:]
	return closed && strings.IndexByte(name, '.') > 0 && isName(name)
}

// loggerAt reads a dotted logger in front of ": ", " : " or " - ", and something
// behind that.
func loggerAt(s string) (name, after string, ok bool) {
	end := 0
	for end < len(s) && isNameByte(s[end]) {
		end++
		if end+2 < len(s) && s[end] == ':' && s[end+1] == ':' { // Rust: app::db
			end += 2
		}
	}
	name = s[:end]
	if !strings.ContainsAny(name, ".$:") || !isName(name) || isPlace(name) {
		return "", "", false
	}
	after = s[end:]
	if rest, found := strings.CutPrefix(after, ":"); found {
		if isEmpty(rest) || !isIndented(rest) {
			return "", "", false
		}
		return name, rest[1:], true
	}
	after = skipSpaces(after)
	for _, separator := range [...]string{": ", "- "} {
		if rest, found := strings.CutPrefix(after, separator); found && !isEmpty(rest) {
			return name, rest, true
		}
	}
	return "", "", false
}

// isPlace tells a dotted name that is a host's, a file's or a version's rather than
// a logger's: example.com, main.go, v1.2.
func isPlace(name string) bool {
	last := name
	for label := range strings.SplitSeq(name, ".") {
		if label != "" && isDigit(label[0]) {
			return true
		}
		last = label
	}
	switch last {
	case "com", "org", "net", "edu", "gov", "info", "io", "dev", "local", "localdomain", "internal", "lan", "arpa", "de", "uk", "fr", "eu", "ch", "nl",
		"go", "py", "js", "mjs", "ts", "java", "kt", "rb", "rs", "c", "cc", "cpp", "h", "cs", "php", "sh", "sql",
		"json", "yaml", "yml", "toml", "xml", "html", "css", "conf", "cfg", "ini", "log", "txt", "md", "csv", "env":
		return true
	}
	return false
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
