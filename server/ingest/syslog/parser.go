package syslog

import (
	"log/slog"
	"strconv"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// Parser reads messages. It may be used concurrently.
type Parser struct {
	zone      *time.Location
	clock     func() time.Time
	resources *record.Interner
	json      record.ParseOptions
}

// NewParser returns a parser. Times that name no zone are in zone, nil is
// time.Local; clock gives the year to those that name none, nil is time.Now.
func NewParser(zone *time.Location, clock func() time.Time) *Parser {
	if zone == nil {
		zone = time.Local
	}
	if clock == nil {
		clock = time.Now
	}
	resources := &record.Interner{}
	return &Parser{zone: zone, clock: clock, resources: resources, json: record.ParseOptions{Aliases: true, Resources: resources, MaxValues: sender.MaxValues}}
}

// message is what is being read from one message.
type message struct {
	pri  int // facility × 8 + severity; below 0: there is none
	time time.Time
	host string
	app  string // APP-NAME, or the name in the TAG

	attrs   []slog.Attr
	text    string // what is left for people to read
	unknown bool   // nothing of syslog is in it
	repairs []record.Repair
}

func (m *message) attr(key, value string) { m.attrs = append(m.attrs, slog.String(key, value)) }

// number adds an attribute that is a number when value is written as one.
func (m *message) number(key, value string) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && strconv.FormatInt(n, 10) == value {
		m.attrs = append(m.attrs, slog.Int64(key, n))
		return
	}
	m.attr(key, value)
}

func (m *message) repair(field, reason string) {
	m.repairs = append(m.repairs, record.Repair{Field: field, Reason: reason})
}

// usualAttrs is room for facility, pid, msgid, level_text and two of structured data.
const usualAttrs = 6

// Parse reads one message, without its framing, whatever of the two standards or the
// forms in use it follows. peer is the address of who sent it: the host, when the
// message names none. What cannot be read stays in the record's message, with the
// reason. Parse does not keep data.
func (p *Parser) Parse(data []byte, peer string) record.Record {
	m := message{text: string(data), attrs: make([]slog.Attr, 0, usualAttrs)}
	m.readPriority()
	if !p.readRFC5424(&m) {
		found := p.readRFC3164(&m)
		if !found && m.pri < 0 {
			m.unknown = true
		}
	}
	return p.record(&m, peer)
}

// record makes a record of a message that was read.
func (p *Parser) record(m *message, peer string) record.Record {
	if r, ok := p.payload(m, peer); ok {
		return r
	}
	if m.unknown {
		m.repair("message", "not a syslog message, its text is kept")
	}
	r := record.Record{Time: m.time, Message: m.text, Logger: m.app, Resource: p.resource(m.app, m.host, peer)}
	if m.pri >= 0 {
		level := severities[m.pri%8]
		r.Severity = level.severity
		if level.text != "" {
			m.attr(record.AttrLevelText, level.text)
		}
	}
	if len(m.attrs) > 0 {
		r.Attrs = m.attrs
	}
	record.MarkRepaired(&r, m.repairs)
	return r
}

// resource is the sender as the message, and failing that the connection, tells.
func (p *Parser) resource(app, host, peer string) *record.Resource {
	if host == "" {
		host = peer
	}
	return p.resources.Intern(record.Resource{Service: app, Host: host})
}

// The attributes that the header of a message gives.
const (
	attrFacility = "facility"
	attrPID      = "pid"
	attrMsgID    = "msgid"
)

// frame makes a record of a message or of a piece of one; head is that of its first
// piece.
func (p *Parser) frame(fr frame, head *record.Record, peer string) record.Record {
	var r record.Record
	if fr.part > 1 {
		r = piece(head, fr.data)
	} else {
		r = p.Parse(fr.data, peer)
	}
	if fr.part == 1 {
		*head = r
	}
	if fr.part > 0 {
		r.Attrs = append(r.Attrs[:len(r.Attrs):len(r.Attrs)], slog.Int("_part", fr.part))
	}
	if fr.note != "" {
		record.MarkRepaired(&r, []record.Repair{{Field: "message", Reason: fr.note}})
	}
	return r
}

// piece makes a record of a later part of a message that was split: its text, with
// what the header in front of the first part says.
func piece(first *record.Record, text []byte) record.Record {
	r := record.Record{
		Time: first.Time, Severity: first.Severity, Level: first.Level,
		Logger: first.Logger, Resource: first.Resource, Message: string(text),
	}
	for _, a := range first.Attrs {
		switch a.Key {
		case attrFacility, attrPID, attrMsgID, record.AttrLevelText:
			r.Attrs = append(r.Attrs, a)
		}
	}
	return r
}
