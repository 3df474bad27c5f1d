package elastic

import (
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
	"github.com/weirlog/weir/server/ingest/text"
)

// Names of attributes that hold what is no part of the document.
const (
	attrIndex = "index"
	attrID    = "id"
)

// reader makes records of the documents of one request.
type reader struct {
	opts  record.ParseOptions
	lines *text.Parser
}

func newReader() *reader {
	return &reader{opts: record.ParseOptions{Aliases: true, Resources: &record.Interner{}, MaxValues: sender.MaxValues}}
}

// record makes a record of an action's document. What is no JSON object is kept as
// text.
func (rd *reader) record(a *action, index string) record.Record {
	r, err := rd.parse(a, index)
	if err != nil {
		r = record.Record{Message: string(a.document)}
		rd.name(&r, a, index)
		record.MarkRepaired(&r, []record.Repair{{Field: "message", Reason: "the document is not a JSON object, its text is kept: " + err.Error()}})
	}
	return r
}

// parse reads a document.
func (rd *reader) parse(a *action, index string) (record.Record, error) {
	r, repairs, err := record.ParseJSON(a.document, rd.opts)
	if err != nil {
		return record.Record{}, err
	}
	timestamp(&r)
	rd.level(&r)
	sender.KeepGiven(&r)
	rd.name(&r, a, index)
	record.MarkRepaired(&r, repairs)
	return r, nil
}

// timestamp gives the record the time of @timestamp, which is a document's time
// whatever other times are in it.
func timestamp(r *record.Record) {
	for i, a := range r.Attrs {
		if a.Key != "@timestamp" {
			continue
		}
		t, ok := record.ParseTime(record.ValueText(a.Value))
		if !ok {
			return
		}
		own := r.Time
		r.Time = t
		if own.IsZero() || own.Equal(t) {
			r.Attrs = append(r.Attrs[:i:i], r.Attrs[i+1:]...)
		} else {
			r.Attrs[i] = slog.Time("time", own.Truncate(time.Microsecond))
		}
		return
	}
}

// level finds the level in the message of a document that has none, as it is in the
// lines of files that Filebeat and Fluent Bit send. The message stays as it is.
func (rd *reader) level(r *record.Record) {
	if r.Message == "" || r.LevelText() != "" || r.Kind != record.KindLog {
		return
	}
	if rd.lines == nil {
		rd.lines = text.NewParser(text.Options{SourceID: "-"})
	}
	line := rd.lines.Parse([]byte(r.Message))
	r.Severity, r.Level = line.Severity, line.Level
}

// name adds the names that the document is indexed under.
func (rd *reader) name(r *record.Record, a *action, index string) {
	if a.index != "" {
		index = a.index
	}
	attrs := r.Attrs[:len(r.Attrs):len(r.Attrs)]
	for _, given := range [...]slog.Attr{slog.String(attrIndex, index), slog.String(attrID, a.id)} {
		if text := given.Value.String(); text == "" || holds(attrs, given.Key, text) {
			continue
		}
		for holds(attrs, given.Key, "") {
			given.Key = record.ConflictPrefix + given.Key
		}
		attrs = append(attrs, given)
	}
	r.Attrs = attrs
}

// holds reports whether there is an attribute of that name, and of that text when it is
// not "".
func holds(attrs []slog.Attr, key, text string) bool {
	for _, a := range attrs {
		if a.Key == key && (text == "" || record.ValueText(a.Value) == text) {
			return true
		}
	}
	return false
}
