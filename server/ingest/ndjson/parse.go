package ndjson

import (
	"bytes"
	"errors"
	"io"
	"net/url"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/sender"
	"github.com/weirlog/weir/server/intake"
)

// store stores the records of a body. A line or element that is not a record is kept
// as text; an array that breaks off is refused as a whole.
func store(parts *gate.Parts, data []byte, query url.Values) (intake.Receipt, error) {
	fill := sender.New(record.Resource{
		Service:        query.Get("service"),
		Environment:    query.Get("environment"),
		ServiceVersion: query.Get("service_version"),
		LogType:        query.Get("log_type"),
		Host:           query.Get("host"),
	})
	logger := query.Get("logger")
	opts := record.ParseOptions{Aliases: true, Resources: &record.Interner{}, MaxValues: sender.MaxValues}
	parts.Check = func() (int, error) { return check(data, parts.Limit()) }
	err := each(data, func(raw []byte) bool {
		r := parseOne(raw, opts)
		if r.Logger == "" {
			r.Logger = logger
		}
		fill.Fill(&r)
		return parts.Add(r) == nil
	})
	if err != nil {
		parts.Fail(err)
	}
	return parts.End()
}

// check counts the records of a body, up to one more than limit.
func check(data []byte, limit int) (records int, err error) {
	err = each(data, func([]byte) bool { records++; return records <= limit })
	return records, err
}

// each hands over the bytes of each record of a body, until take returns false. Its
// error is a *gate.Refusal and says where an array ends to make sense.
func each(data []byte, take func(raw []byte) bool) error {
	// The body is bounded already, so no line of it is too long.
	reader := record.NewReader(bytes.NewReader(data), record.ReaderOptions{MaxRecord: len(data) + 1})
	for {
		raw, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return gate.Bad(gate.CodeBadJSON, err, "nothing of this body was stored; a body is one JSON object on a line, an array of objects, or one object")
		case !take(raw):
			return nil
		}
	}
}

func parseOne(raw []byte, opts record.ParseOptions) record.Record {
	r, repairs, err := record.ParseJSON(raw, opts)
	if err != nil {
		r = record.Record{Message: textOf(raw)}
		repairs = []record.Repair{{Field: "message", Reason: "not a JSON object, its text is kept: " + err.Error()}}
	}
	sender.KeepGiven(&r)
	record.MarkRepaired(&r, repairs)
	return r
}

// textOf returns a JSON string's text, and everything else as it is written.
func textOf(raw []byte) string {
	if text := bytes.TrimSpace(raw); len(text) > 0 && text[0] == '"' {
		attrs, err := record.ParseAttrs(append(append([]byte(`{"text":`), text...), '}'))
		if err == nil && len(attrs) == 1 {
			return attrs[0].Value.String()
		}
	}
	return string(raw)
}
