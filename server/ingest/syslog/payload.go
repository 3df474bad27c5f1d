package syslog

import (
	"bytes"
	"log/slog"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// cookie marks a JSON object as CEE's, which says the same as the object itself.
const cookie = "@cee:"

// payload makes a record of a message whose text is one JSON object. What the
// program wrote there about the level, the time, the service and the host is nearer
// to the truth than the header, which a forwarder may have made: the object's stays,
// and a header's that says otherwise is kept under record.ConflictPrefix.
func (p *Parser) payload(m *message, peer string) (record.Record, bool) {
	text := strings.TrimSpace(m.text)
	if after, ok := strings.CutPrefix(text, cookie); ok {
		text = strings.TrimSpace(after)
	}
	if len(text) < 2 || text[0] != '{' || text[len(text)-1] != '}' {
		return record.Record{}, false
	}
	r, repairs, err := record.ParseJSON([]byte(text), p.json)
	if err != nil || isBlank(&r) {
		return record.Record{}, false
	}
	sender.KeepGiven(&r)
	p.mergeHeader(&r, m, peer)
	record.MarkRepaired(&r, append(repairs, m.repairs...))
	return r, true
}

// isBlank reports whether an object said nothing that can be shown.
func isBlank(r *record.Record) bool { return r.Message == "" && len(r.Attrs) == 0 }

// mergeHeader fills in what the object in a message does not say.
func (p *Parser) mergeHeader(r *record.Record, m *message, peer string) {
	const sameMoment = time.Second // headers of RFC 3164 have whole seconds
	switch {
	case r.Time.IsZero():
		r.Time = m.time
	case !m.time.IsZero() && r.Time.Sub(m.time).Abs() > sameMoment:
		conflict(r, slog.Time("created_at", m.time))
	}
	mergeLevel(r, m)
	var own record.Resource
	if r.Resource != nil {
		own = *r.Resource
	}
	switch {
	case own.Host == "":
		own.Host = m.host
		if own.Host == "" {
			own.Host = peer
		}
	case m.host != "" && m.host != own.Host:
		conflict(r, slog.String("host", m.host))
	}
	if r.Logger == "" {
		r.Logger = m.app
	}
	switch {
	case own.Service == "":
		own.Service = m.app
	case m.app != "" && m.app != own.Service && m.app != r.Logger:
		conflict(r, slog.String("service", m.app))
	}
	r.Resource = p.resources.Intern(own)
	mergeAttrs(r, m.attrs)
}

// mergeLevel takes the header's level when the object has none, or one that is not
// known, which is then kept beside it.
func mergeLevel(r *record.Record, m *message) {
	if m.pri < 0 {
		return
	}
	level := severities[m.pri%8]
	if r.Severity != record.SeverityUnknown {
		if r.Severity.Level() != level.severity.Level() {
			conflict(r, slog.String("level", level.severity.Level()))
		}
		return
	}
	text := r.Level
	if text == "" {
		text = level.text
	}
	r.Severity, r.Level = level.severity, ""
	if text != "" {
		m.attr(record.AttrLevelText, text)
	}
}

func conflict(r *record.Record, a slog.Attr) {
	a.Key = record.ConflictPrefix + a.Key
	r.Attrs = append(r.Attrs, a)
}

// mergeAttrs adds the attributes of the header to those of the object.
func mergeAttrs(r *record.Record, header []slog.Attr) {
	at := make(map[string]int, len(r.Attrs))
	for i := range r.Attrs {
		at[r.Attrs[i].Key] = i
	}
	for _, a := range header {
		i, taken := at[a.Key]
		switch {
		case !taken:
			r.Attrs = append(r.Attrs, a)
		case !bytes.Equal(record.AppendValue(nil, r.Attrs[i].Value), record.AppendValue(nil, a.Value)):
			conflict(r, a)
		}
	}
}
