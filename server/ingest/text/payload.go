package text

import "strings"

// growPayload adds a line to JSON that a record prints behind a line such as
// response: or body =. That is text of the record, also when it looks like a log
// record: what came from elsewhere has its own time and message. An object on one
// line that has a time or level is a record nevertheless, and so is each one in a
// stream of JSON. taken is false when the line is something else.
func (s *Stream) growPayload(line []byte, end int64) (taken bool, err error) {
	g := &s.group
	if !g.open || g.payload.complete() && !g.announces {
		return false, nil
	}
	text := string(line)
	plain, _ := stripColors(text)
	switch {
	case isEmpty(plain):
		return false, nil
	case g.payload.complete():
		if len(g.empty) > 0 || !opensPayload(skipSpaces(plain)) || s.isRecord(line) {
			return false, nil
		}
		g.payload = brackets{}
	case !goesOn(line) || s.parser.hasHead(plain):
		g.payload = brackets{}
		return false, nil
	}
	g.payload.follow(text)
	g.indented, g.announces = true, false
	return true, s.grow(text, end)
}

// isRecord tells a line behind an announcement that is a record of its own.
func (s *Stream) isRecord(line []byte) bool {
	r, ok := s.parser.parseJSON(line)
	return ok && (s.parser.guess.form == formJSON || !r.Time.IsZero() || r.LevelText() != "")
}

// announces tells a line that ends as one in front of what it is about.
func announces(line string) bool {
	plain, _ := stripColors(line)
	plain = strings.TrimRight(plain, " \t")
	return strings.HasSuffix(plain, ":") || strings.HasSuffix(plain, "=")
}

// opensPayload tells a line that begins with a JSON object or a list of them, and not
// with [WARN] or [2026-01-02.
func opensPayload(s string) bool {
	inner := skipSpaces(s[1:])
	switch s[0] {
	case '{':
		return inner == "" || strings.IndexByte("\"}", inner[0]) >= 0
	case '[':
		return inner == "" || strings.IndexByte("\"{[]", inner[0]) >= 0
	}
	return false
}
