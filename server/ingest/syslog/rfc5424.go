package syslog

import (
	"fmt"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// header is TIMESTAMP, HOSTNAME, APP-NAME, PROCID and MSGID; empty where the message
// has "-".
type header [5]string

// readRFC5424 reads VERSION, the header, STRUCTURED-DATA and MSG. It reports false,
// and has changed nothing, when the text is something else that begins with a number.
func (p *Parser) readRFC5424(m *message) bool {
	version, text, ok := strings.Cut(m.text, " ")
	if !ok || m.pri < 0 || version == "" || len(version) > 3 || version[0] == '0' || digitsAt(version) != len(version) {
		return false
	}
	h, rest, whole := cutHeader(text)
	structured := whole && rest != "" && (rest[0] == '-' || rest[0] == '[')
	t, isTime := isoTime(h[0])
	if !isTime && !structured {
		return false
	}
	if version != "1" {
		m.repair("message", "version "+version+" of the syslog protocol is not known, it was read as 1")
	}
	m.time = t
	if !whole {
		m.text = strings.TrimPrefix(text[len(h[0]):], " ")
		m.repair("message", "the header ends before its structured data")
		return true
	}
	if !isTime && h[0] != "" {
		m.attr("created_at", h[0])
		m.repair("created_at", fmt.Sprintf("not a time: %q", h[0]))
	}
	m.host, m.app = h[1], h[2]
	if h[3] != "" {
		m.number(attrPID, h[3])
	}
	if h[4] != "" {
		m.attr(attrMsgID, h[4])
	}
	m.text = withoutTagSpace(strings.TrimPrefix(m.readStructuredData(rest), "\ufeff"))
	return true
}

// withoutTagSpace drops a single space in front: rsyslog leaves the one there that
// stood behind the TAG of the message it forwards.
func withoutTagSpace(s string) string {
	if len(s) > 1 && s[0] == ' ' && s[1] != ' ' {
		return s[1:]
	}
	return s
}

// cutHeader cuts the header off; whole says that all of it was there.
func cutHeader(s string) (h header, rest string, whole bool) {
	for i := range h {
		field, after, ok := strings.Cut(s, " ")
		if !ok {
			if i == 0 {
				h[0] = field
			}
			return h, s, false
		}
		if field != "-" {
			h[i] = field
		}
		s = after
	}
	return h, s, true
}

// isoTime reads a time that begins with a date, as RFC 3339 writes it.
func isoTime(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04") || s[4] != '-' {
		return time.Time{}, false
	}
	t, ok := record.ParseTime(s)
	return t, ok && t.Year() >= firstYear-1 // a day less in another zone
}
