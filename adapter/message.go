package adapter

import (
	"log" //nolint:depguard // its flags say what it writes
	"strconv"
	"strings"
)

// message is what a standard logger wrote, taken apart.
type message struct {
	text   string
	prefix string
	file   string // as written: its last part under log.Lshortfile
	line   int
}

// The forms of log's date and time; 0 stands for a digit.
const (
	logDate   = "0000/00/00 "
	logClock  = "00:00:00 "
	logMicros = "00:00:00.000000 "
)

// parseMessage takes apart what a logger with these flags and this prefix wrote. What
// does not look as they say, because they have just been changed, stays in the text.
func parseMessage(s string, flags int, prefix string) message {
	s = strings.TrimSuffix(s, "\n")
	m := message{}
	named := false
	if flags&log.Lmsgprefix == 0 {
		s, named = strings.CutPrefix(s, prefix)
	}
	form := ""
	if flags&log.Ldate != 0 {
		form = logDate
	}
	switch {
	case flags&log.Lmicroseconds != 0:
		form += logMicros
	case flags&log.Ltime != 0:
		form += logClock
	}
	s = cutForm(s, form)
	if flags&(log.Lshortfile|log.Llongfile) != 0 {
		s = m.cutPlace(s)
	}
	if flags&log.Lmsgprefix != 0 {
		s, named = strings.CutPrefix(s, prefix)
	}
	if named {
		m.prefix = strings.Trim(prefix, " \t:")
	}
	m.text = s
	return m
}

// cutForm takes a date or a time off the beginning.
func cutForm(s, form string) string {
	if len(s) < len(form) {
		return s
	}
	for i := range len(form) {
		digit := s[i] >= '0' && s[i] <= '9'
		if form[i] == '0' && !digit || form[i] != '0' && s[i] != form[i] {
			return s
		}
	}
	return s[len(form):]
}

// cutPlace takes "dir/file.go:12: " off the beginning; a file's name may have colons
// in it.
func (m *message) cutPlace(s string) string {
	for from := 0; ; {
		end := strings.Index(s[from:], ": ")
		if end < 0 {
			return s
		}
		end += from
		colon := strings.LastIndexByte(s[:end], ':')
		if colon > 0 {
			if line, err := strconv.ParseUint(s[colon+1:end], 10, 31); err == nil {
				m.file, m.line = s[:colon], int(line)
				return s[end+2:]
			}
		}
		from = end + 2
	}
}
