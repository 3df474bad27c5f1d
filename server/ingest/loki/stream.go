package loki

import (
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/sender"
	"github.com/weirlog/weir/server/ingest/text"
)

// Names of attributes that say what the line itself said, where the client said
// something else about it.
const (
	attrLineTime  = "line_time"
	attrLineLevel = "line_level"
)

// attrTenant is the projection's name for whom X-Scope-OrgID names.
const attrTenant = "tenant_id"

// pusher makes records of a body's entries and hands them on.
type pusher struct {
	parts     *gate.Parts
	tenant    string
	resources record.Interner
	undated   bool // an entry came without a time: two such bodies may be alike by chance

	current stream
}

func newPusher(parts *gate.Parts, tenant string) *pusher {
	return &pusher{parts: parts, tenant: tenant}
}

// stream is what the entries of one stream have in common.
type stream struct {
	given
	choice   choice
	resource record.Resource // as the labels say
	attrs    []slog.Attr     // the labels that give no field; shared by the records
	parser   *text.Parser

	seen  *record.Resource // the last resource that a record had
	fully bool             // it said all that the labels say
}

// noSource marks that a line did not name its emitter: a stream has none that counts.
const noSource = "-"

// stream begins a stream.
func (p *pusher) stream(data []byte, read func([]byte) given) {
	g := read(data)
	labels, c := g.labels, choose(g.labels)
	s := stream{given: g, choice: c}
	s.resource = record.Resource{
		Service:        c.value(labels, meansService),
		Host:           c.value(labels, meansHost),
		Environment:    c.value(labels, meansEnvironment),
		ServiceVersion: c.value(labels, meansVersion),
		LogType:        c.value(labels, meansType),
	}
	for i, l := range labels {
		if !c.gives(i) {
			s.attrs = append(s.attrs, slog.String(l.name, l.value))
		}
	}
	if p.tenant != "" {
		s.attrs = append(s.attrs, slog.String(attrTenant, p.tenant))
	}
	s.attrs = s.attrs[:len(s.attrs):len(s.attrs)]
	s.parser = text.NewParser(text.Options{Resource: s.resource, SourceID: noSource})
	p.current = s
}

// add makes a record of an entry of the current stream.
func (p *pusher) add(data []byte, read func([]byte) *entry) error {
	e := read(data)
	if e.time.IsZero() {
		p.undated = true
	}
	return p.parts.Add(p.record(e))
}

func (p *pusher) record(e *entry) record.Record {
	s := &p.current
	r := s.parser.Parse(e.line)
	if r.SourceID == noSource {
		r.SourceID, r.Seq = "", 0
	}
	setTime(&r, e)
	attrs := mixer{all: r.Attrs}
	r.Attrs = nil
	if s.first != "" {
		attrs.add(slog.String(labelsKept, s.first))
		s.first = ""
	}
	s.overruled(&r, &attrs)
	c := choose(e.metadata)
	p.fillFrom(&r, e.metadata, &c)
	s.setLevel(&r, e.metadata, &c, &attrs)
	for _, from := range []picked{{e.metadata, &c}, {s.labels, &s.choice}} {
		from.give(&r.TraceID, meansTrace, &attrs)
		from.give(&r.SpanID, meansSpan, &attrs)
	}
	if len(attrs.all) == 0 && len(e.metadata)+len(e.attrs) == 0 {
		r.Attrs = s.attrs // most often so
	} else {
		attrs.mix(s.attrs)
		for i, l := range e.metadata {
			if !c.gives(i) {
				attrs.add(slog.String(l.name, l.value))
			}
		}
		attrs.mix(e.attrs)
		r.Attrs = attrs.all
	}
	sender.KeepGiven(&r)
	record.MarkRepaired(&r, s.repairs)
	record.MarkRepaired(&r, e.repairs)
	return r
}

// setTime gives the record the entry's time. What the line says is kept where it is
// another, and stands for the entry's when there is none. Lines that are indented or
// empty say nothing: the parser gives them that of the line before.
func setTime(r *record.Record, e *entry) {
	own := r.Time
	if len(e.line) == 0 || e.line[0] == ' ' || e.line[0] == '\t' {
		own = time.Time{}
	}
	if r.Time = e.time; r.Time.IsZero() {
		r.Time = own
	}
	if own.IsZero() || e.time.IsZero() {
		return
	}
	if !own.Truncate(time.Microsecond).Equal(e.time.Truncate(time.Microsecond)) {
		r.Attrs = append(r.Attrs[:len(r.Attrs):len(r.Attrs)], slog.Time(attrLineTime, own))
	}
}
