package syslog

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/weirlog/weir/record"
)

// level is what a syslog severity becomes; text is set where that says more.
type level struct {
	severity record.Severity
	text     string
}

// severities are those of RFC 5424, by their number.
var severities = [8]level{
	{record.SeverityFatal, "EMERG"},
	{record.SeverityFatal, "ALERT"},
	{record.SeverityFatal, "CRIT"},
	{severity: record.SeverityError},
	{severity: record.SeverityWarn},
	{record.SeverityInfo, "NOTICE"},
	{severity: record.SeverityInfo},
	{severity: record.SeverityDebug},
}

// facilities are those of RFC 5424, by their number, under the names of syslog.conf.
var facilities = [24]string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news",
	"uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// maxPriority is local7.debug.
const maxPriority = len(facilities)*8 - 1

// readPriority reads <PRI> off the front of the text.
func (m *message) readPriority() {
	m.pri = -1
	pri, n := priorityAt(m.text)
	switch {
	case n == 0:
		return
	case pri > maxPriority:
		m.repair("level", fmt.Sprintf("the priority %d is above %d", pri, maxPriority))
		m.attrs = append(m.attrs, slog.Int("priority", pri))
	default:
		m.pri = pri
		m.attr(attrFacility, facilities[pri/8])
	}
	m.text = m.text[n:]
}

// priorityAt reads <0> to <999>, and returns its length, 0 when it is not there.
func priorityAt(s string) (pri, n int) {
	if len(s) < 3 || s[0] != '<' {
		return 0, 0
	}
	for n = 1; n < len(s) && n <= 3 && isDigit(s[n]); n++ {
		pri = pri*10 + int(s[n]-'0')
	}
	if n == 1 || n == len(s) || s[n] != '>' {
		return 0, 0
	}
	return pri, n + 1
}

func isDigit(c byte) bool { return c-'0' < 10 }

// digitsAt returns how many digits s begins with.
func digitsAt(s string) (n int) {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func skipSpaces(s string) string { return strings.TrimLeft(s, " ") }
