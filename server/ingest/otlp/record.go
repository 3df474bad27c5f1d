package otlp

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// Attributes that fields of a LogRecord become.
const (
	attrBody     = "body"
	attrEvent    = "event_name"
	attrFlags    = "flags"
	attrDropped  = "dropped_attributes_count"
	attrObserved = "observed_time"
	attrNumber   = "severity_number"
)

// observedApart is from when on it is worth telling that a record was seen by the
// sender's collector at another time than it was emitted. SDKs take both from the clock
// within microseconds, and one more attribute on each record is not free.
const observedApart = time.Second

// highestSeverity is FATAL4.
const highestSeverity = 24

// record makes the record of an entry. It may use the entry's slices.
func (e *entry) record(f *from) record.Record {
	r := record.Record{Resource: f.resource, Logger: f.logger, TraceID: e.traceID, SpanID: e.spanID}
	own := make([]slog.Attr, 0, 8)
	r.Time = at(e.time)
	if observed := at(e.observed); r.Time.IsZero() {
		r.Time = observed
	} else if !observed.IsZero() && observed.Sub(r.Time).Abs() >= observedApart {
		own = append(own, slog.Time(attrObserved, observed))
	}
	own = e.level(&r, own)
	var members slog.Value
	r.Message, members = e.message()
	if !isNull(members) {
		own = append(own, slog.Attr{Key: attrBody, Value: members})
	}
	if e.event != "" {
		own = append(own, slog.String(attrEvent, e.event))
	}
	if e.flags != 0 {
		own = append(own, slog.Attr{Key: attrFlags, Value: count(e.flags)})
	}
	if e.dropped != 0 {
		own = append(own, slog.Attr{Key: attrDropped, Value: count(e.dropped)})
	}
	own = append(own, e.odd...)
	own = append(own, f.groups...)
	r.Attrs = e.merge(own)
	record.MarkRepaired(&r, e.repairs)
	return r
}

// level sets the severity. A text is kept when it says more than the number does.
func (e *entry) level(r *record.Record, own []slog.Attr) []slog.Attr {
	switch {
	case e.severity >= 1 && e.severity <= highestSeverity:
		r.Severity = record.Severity(e.severity)
		if e.severityText != "" && saysMore(e.severityText, r.Severity) {
			own = append(own, slog.String(record.AttrLevelText, e.severityText))
		}
		return own
	case e.severity != 0:
		own = append(own, slog.Int64(attrNumber, e.severity))
		e.repair(attrNumber, "not between 1 and 24: the level is that of the text")
	}
	r.Level = e.severityText
	return own
}

// saysMore reports whether a text is more than a name of the severity: "CRITICAL",
// which is another word than FATAL, but not "Warning", nor "INFO2", as OpenTelemetry
// calls 10, nor "INFO+1", as slog does.
func saysMore(text string, s record.Severity) bool {
	level := s.Level()
	if strings.EqualFold(text, level) || strings.EqualFold(text, level+strconv.Itoa(int(s-1)%4+1)) {
		return false
	}
	named, ok := record.ParseLevel(text)
	return !ok || named != s || !strings.EqualFold(strings.TrimSpace(text)[:1], level[:1])
}

// message returns the text of the body, and the members of one that is an object. A
// member that is called message or msg and is a text is the message. A record without a
// body, such as an event, is told by its exception, or else by its event's name.
func (e *entry) message() (text string, members slog.Value) {
	switch e.body.Kind() {
	case slog.KindString:
		return e.body.String(), slog.Value{}
	case slog.KindGroup:
		return split(e.body)
	}
	if !isNull(e.body) {
		return record.ValueText(e.body), slog.Value{}
	}
	for i := range e.attrs {
		if a := &e.attrs[i]; a.Key == "exception.message" && a.Value.Kind() == slog.KindString {
			return a.Value.String(), slog.Value{}
		}
	}
	return e.event, slog.Value{}
}

// split takes the message out of an object. Without one the message is the object's
// JSON.
func split(body slog.Value) (text string, members slog.Value) {
	all := body.Group()
	for _, name := range [...]string{"message", "msg"} {
		for i, a := range all {
			if a.Key != name || a.Value.Kind() != slog.KindString || a.Value.String() == "" {
				continue
			}
			rest := make([]slog.Attr, 0, len(all))
			rest = append(append(rest, all[:i]...), all[i+1:]...)
			if len(rest) == 0 {
				return a.Value.String(), slog.Value{}
			}
			return a.Value.String(), slog.GroupValue(rest...)
		}
	}
	return string(record.AppendValue(nil, body)), body
}

// merge returns the sender's attributes, those that are fields under the fields' names,
// and the record's own. An attribute that has the name of one of those becomes
// _conflict.<name>.
func (e *entry) merge(own []slog.Attr) []slog.Attr {
	if len(e.attrs) == 0 {
		return own
	}
	attrs := make([]slog.Attr, 0, len(e.attrs)+len(own))
	attrs = append(attrs, e.attrs...)
	rename(attrs)
	for _, a := range own {
		for i := range attrs[:len(e.attrs)] {
			if attrs[i].Key == a.Key {
				attrs[i].Key = record.ConflictPrefix + a.Key
				e.repair(a.Key, "set already: the attribute is kept as "+attrs[i].Key)
			}
		}
		attrs = append(attrs, a)
	}
	return attrs
}
