package syslog

import (
	"log/slog"
	"net/netip"
	"strings"
)

// readRFC3164 reads what is sent under the name of RFC 3164: a time, a host and a
// TAG, each of which may be missing, and the forms of Cisco's and others' devices. It
// reports whether it found any of it.
func (p *Parser) readRFC3164(m *message) bool {
	s := skipSpaces(m.text)
	if t, after, ok := p.stampAt(s); ok {
		m.time = t.time
		if t.note != "" {
			m.repair("created_at", t.note)
		}
		if !t.colon {
			after = m.readHost(after)
		}
		m.text = m.readTag(after)
		return true
	}
	if m.readDevice(p, s) {
		return true
	}
	if m.pri < 0 {
		return false
	}
	m.text = m.readTag(s)
	return true
}

// maxNumbers is how many numbers may stand before a device's time: IOS has one for
// the message and one for the sequence.
const maxNumbers = 2

// readDevice reads the head that Cisco's devices write: numbers, a host, and a mark
// whether the clock is right, each of them if it is switched on, before the time.
//
//	29: *Mar  1 18:48:50.483 UTC: %SYS-5-CONFIG_I: …
//	29: router1: Mar  1 18:48:50: %SYS-5-CONFIG_I: …
//	: 2026 Mar  1 18:48:50 UTC: %ETHPORT-5-IF_UP: …
func (m *message) readDevice(p *Parser, s string) bool {
	var numbers []string
	for len(numbers) < maxNumbers {
		n := digitsAt(s)
		if n == 0 || !strings.HasPrefix(s[n:], ": ") {
			break
		}
		numbers = append(numbers, s[:n])
		s = skipSpaces(s[n+1:])
	}
	s = skipSpaces(strings.TrimPrefix(s, ":"))
	host := ""
	if name, after, ok := strings.Cut(s, ": "); ok && isHost(name) {
		if _, _, found := p.stampAt(skipMark(skipSpaces(after))); found {
			host, s = name, skipSpaces(after)
		}
	}
	t, after, ok := p.stampAt(skipMark(s))
	if !ok {
		return false
	}
	m.time, m.host = t.time, host
	if t.note != "" {
		m.repair("created_at", t.note)
	}
	if len(numbers) > 0 {
		m.number("sequence", strings.TrimLeft(numbers[len(numbers)-1], "0"))
	}
	if s[0] == '*' {
		m.attrs = append(m.attrs, slog.Group("timeQuality", slog.String("isSynced", "0")))
	}
	if !t.colon && host == "" {
		after = m.readHost(after)
	}
	m.text = m.readTag(after)
	return true
}

// skipMark skips the star of a clock that was never set, and the dot of one that lost
// its source.
func skipMark(s string) string {
	if s != "" && (s[0] == '*' || s[0] == '.') {
		return s[1:]
	}
	return s
}

// readHost reads the host behind a time, and returns what follows. A word that ends
// in a colon or names a process is the TAG.
func (m *message) readHost(s string) (rest string) {
	host, after, ok := strings.Cut(s, " ")
	if !ok || !isHost(host) {
		return s
	}
	m.host = host
	return strings.TrimPrefix(skipSpaces(after), ": ") // Cisco's ASA writes "host : "
}

// maxHost is the longest name in RFC 5424.
const maxHost = 255

// isHost reports whether s may be the name or the address of a host.
func isHost(s string) bool {
	if s == "" || len(s) > maxHost || s[len(s)-1] == ':' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isAlnum(c) && strings.IndexByte("._:-@/", c) < 0 {
			return false
		}
	}
	return isAlnum(s[0]) || s[0] == ':' || s[0] == '_'
}

// maxTag is longer than RFC 3164 allows (32), because the names of units and
// containers are.
const maxTag = 128

// readTag reads "name:", "name[pid]:", "name[pid]" or Cisco's %FACILITY-SEVERITY-MNEMONIC
// and returns the text, to which the last one belongs.
func (m *message) readTag(s string) (rest string) {
	if m.readMnemonic(s) {
		return s
	}
	n := 0
	for n < len(s) && n < maxTag && (isAlnum(s[n]) || strings.IndexByte("_./-@+%", s[n]) >= 0) {
		n++
	}
	name, after := s[:n], s[n:]
	if n == 0 || after == "" {
		return s
	}
	pid := ""
	if after[0] == '[' {
		end := strings.IndexByte(after, ']')
		if end < 0 || end > maxTag || strings.ContainsAny(after[1:end], " \"=") {
			return s
		}
		pid, after = after[1:end], after[end+1:]
	}
	text, colon := strings.CutPrefix(after, ":")
	switch {
	case !colon && (pid == "" || text != "" && text[0] != ' '):
		return s
	case pid == "" && text != "" && text[0] != ' ':
		return s // a URL, an address with a port
	}
	if _, err := netip.ParseAddr(name); err == nil && m.host == "" && pid == "" {
		m.host = name
		return m.readTag(skipSpaces(text))
	}
	if digitsAt(name) == len(name) {
		return s
	}
	m.app = name
	if pid != "" {
		m.number(attrPID, pid)
	}
	return strings.TrimPrefix(text, " ")
}

// readMnemonic reads %ASA-6-302013: as the app ASA and the MSGID ASA-6-302013.
func (m *message) readMnemonic(s string) bool {
	if s == "" || s[0] != '%' {
		return false
	}
	name, _, ok := strings.Cut(s[1:], ":")
	name = strings.TrimRight(name, " ")
	facility, code, _ := strings.Cut(name, "-")
	if !ok || facility == "" || len(name) > maxTag || !strings.Contains(code, "-") {
		return false
	}
	for i := range len(name) {
		if !isAlnum(name[i]) && name[i] != '_' && name[i] != '-' {
			return false
		}
	}
	m.app = facility
	m.attr(attrMsgID, name)
	return true
}

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
