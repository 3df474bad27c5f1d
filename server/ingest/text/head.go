package text

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// head is what was read in front of a plain line's message.
type head struct {
	time   time.Time
	level  level
	logger string
	host   string
	attrs  []slog.Attr
	rest   string // what is left: the message
}

// level is a level as it was written.
type level struct {
	severity record.Severity
	text     string
}

func (h *head) attr(key, value string) {
	h.attrs = append(h.attrs, slog.String(key, value))
}

// number adds an integer, or its text when the integer would not be written the
// same way.
func (h *head) number(key, value string) {
	if !isCount(value) {
		h.attr(key, value)
		return
	}
	n, _ := strconv.ParseInt(value, 10, 64)
	h.attrs = append(h.attrs, slog.Int64(key, n))
}

// isCount reports whether s is an integer from 0 in its usual form.
func isCount(s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n >= 0 && strconv.FormatInt(n, 10) == s
}

// parseText reads a plain line. It cannot fail: without a head the whole line is
// the message.
func (p *Parser) parseText(line string) (record.Record, form) {
	plain, colors := stripColors(line)
	h, ok := p.readHead(plain)
	if !ok && isIndented(plain) {
		h, ok = p.readIndented(plain)
	}
	if !ok {
		return p.headless(line, plain), formPlain
	}
	r := record.Record{Time: h.time, Severity: h.level.severity, Logger: h.logger, Attrs: h.attrs}
	r.Message = colors.tail(line, len(plain)-len(h.rest))
	if saysMore(h.level.text) {
		r.Attrs = append(r.Attrs, slog.String("level_text", h.level.text))
	}
	if h.host != "" {
		p.setHost(&r, h.host)
	}
	return r, formHead
}

// readHead tries the shapes whose first byte fits.
func (p *Parser) readHead(s string) (head, bool) {
	if s == "" {
		return head{}, false
	}
	switch c := s[0]; {
	case c == '[':
		if h, ok := p.readBracketed(s); ok {
			return h, true
		}
		return readLevelOnly(s)
	case isDigit(c):
		return p.readNumeric(s)
	case isUpper(c):
		if h, ok := p.readKlog(s); ok {
			return h, true
		}
		if h, ok := p.readSyslog(s); ok {
			return h, true
		}
		if t, n, ok := ctime(s, p.opts.Zone); ok && ends(s, n) {
			return p.readTail(head{time: t, rest: s[n:]}), true
		}
	}
	return readLevelOnly(s)
}

// hasHead reports whether an indented line has a time and level of its own.
func (p *Parser) hasHead(plain string) bool {
	if !isIndented(plain) {
		return false
	}
	_, ok := p.readIndented(plain)
	return ok
}

// readIndented reads an indented line, which is one like others when it has both a
// time and a level.
func (p *Parser) readIndented(s string) (head, bool) {
	s = skipSpaces(s)
	if s == "" || !isDigit(s[0]) && !isUpper(s[0]) && s[0] != '[' {
		return head{}, false
	}
	h, ok := p.readHead(s)
	return h, ok && !h.time.IsZero() && h.level.text != ""
}

// readBracketed reads [time] in front: Apache's error log, Kafka, Python's usual
// formats.
func (p *Parser) readBracketed(s string) (head, bool) {
	t, n, ok := isoTime(s[1:], p.opts.Zone)
	if !ok {
		t, n, ok = ctime(s[1:], p.opts.Zone)
	}
	if !ok || 1+n >= len(s) || s[1+n] != ']' {
		return head{}, false
	}
	return p.readTail(head{time: t, rest: s[n+2:]}), true
}

// readNumeric reads a time that starts with a digit. Short forms, which any two
// numbers could be, count only when a level follows.
func (p *Parser) readNumeric(s string) (head, bool) {
	zone := p.opts.Zone
	if t, n, ok := isoTime(s, zone); ok && ends(s, n) {
		h := p.readTail(head{time: t, rest: s[n:]})
		if h.level.text == "" {
			readSyslogTag(&h, true)
		}
		return h, true
	}
	t, n, ok := shortTime(s, zone)
	if !ok {
		t, n, ok = dayTime(s, zone, p.opts.Clock)
	}
	if !ok || !ends(s, n) {
		return head{}, false
	}
	h := p.readTail(head{time: t, rest: s[n:]})
	return h, h.level.text != ""
}

// headless keeps the line whole. Indented and empty lines belong to the line with
// the last time. The word in front may still tell the level, as in
// "panic: …" or "error: …".
func (p *Parser) headless(line, plain string) record.Record {
	r := record.Record{Message: line}
	if isIndented(plain) || plain == "" {
		r.Time = p.headTime
		return r
	}
	word, after := letters(plain)
	if strings.HasPrefix(after, ": ") && len(word) >= 4 {
		r.Severity, _ = record.ParseLevel(word)
	}
	return r
}

// setHost gives r the stream's resource with another host. Consecutive lines of
// one host share it.
func (p *Parser) setHost(r *record.Record, host string) {
	if p.hosts == nil || host != p.lastHost {
		resource := p.opts.Resource
		resource.Host = strings.Clone(host)
		p.hosts, p.lastHost = sender.New(resource), resource.Host
	}
	p.hosts.Fill(r)
}
