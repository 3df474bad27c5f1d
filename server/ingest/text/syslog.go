package text

import (
	"strings"

	"github.com/weirlog/weir/record"
)

// readSyslog reads a file that a syslog daemon wrote: Jan _2 15:04:05 host
// process[pid]: message.
func (p *Parser) readSyslog(s string) (head, bool) {
	m, n, ok := stamp(s)
	if !ok || !ends(s, n) {
		return head{}, false
	}
	t, ok := yearless(m, p.opts.Zone, p.opts.Clock())
	if !ok {
		return head{}, false
	}
	h := head{time: t, rest: skipSpaces(s[n:])}
	readSyslogTag(&h, false)
	return h, true
}

// readSyslogTag reads host process[pid]: in front of the rest, if that is there. In
// a line of which nothing else says that it is syslog's, the pid must be there.
func readSyslogTag(h *head, needPID bool) {
	host, after, ok := strings.Cut(h.rest, " ")
	if !ok || host == "" || strings.ContainsAny(host, "[]:=\"'(") {
		return
	}
	i := 0
	for i < len(after) && isNameByte(after[i]) {
		i++
	}
	process, after := after[:i], after[i:]
	if !isName(process) {
		return
	}
	pid := ""
	if content, behind, found := bracketed(after); found {
		if number, rest := digits(content); number == "" || rest != "" {
			return
		}
		pid, after = content, behind
	}
	message, ok := strings.CutPrefix(after, ":")
	if !ok || needPID && pid == "" || message != "" && message[0] != ' ' {
		return
	}
	h.host, h.logger = host, process
	if pid != "" {
		h.number("pid", pid)
	}
	h.rest = strings.TrimPrefix(message, " ")
}

// readKlog reads the shape of Kubernetes and glog: I0102 15:04:05.000000 1 file.go:7] message.
func (p *Parser) readKlog(s string) (head, bool) {
	if len(s) < 20 || strings.IndexByte("IWEF", s[0]) < 0 || s[5] != ' ' {
		return head{}, false
	}
	packed, ok := number(s[1:5])
	if !ok {
		return head{}, false
	}
	m, n, ok := clock(s[6:])
	if !ok {
		return head{}, false
	}
	m.month, m.day = packed/100, packed%100
	t, ok := yearless(m, p.opts.Zone, p.opts.Clock())
	if !ok {
		return head{}, false
	}
	pid, after := digits(skipSpaces(s[6+n:]))
	place, message, found := strings.Cut(skipSpaces(after), "]")
	file, line, cut := strings.Cut(place, ":")
	if pid == "" || !found || !cut || file == "" || !isCount(line) || strings.ContainsAny(file, " \t") {
		return head{}, false
	}
	severity, _ := record.ParseLevel(s[:1])
	h := head{time: t, level: level{severity, s[:1]}, rest: strings.TrimPrefix(message, " ")}
	h.number("pid", pid)
	h.attr("file_path", file)
	h.number("line_number", line)
	return h, true
}
