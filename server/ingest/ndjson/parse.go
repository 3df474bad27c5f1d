package ndjson

import (
	"bytes"
	"errors"
	"io"
	"net/url"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// parse reads a body. Its error says where an array ends to make sense; a line or
// element that is not a record is kept as text.
func parse(data []byte, query url.Values) ([]record.Record, error) {
	fill := sender.New(record.Resource{
		Service:        query.Get("service"),
		Environment:    query.Get("environment"),
		ServiceVersion: query.Get("service_version"),
		LogType:        query.Get("log_type"),
		Host:           query.Get("host"),
	})
	logger := query.Get("logger")
	opts := record.ParseOptions{Aliases: true, Resources: &record.Interner{}}
	// The body is bounded already, so no line of it is too long.
	reader := record.NewReader(bytes.NewReader(data), record.ReaderOptions{MaxRecord: len(data) + 1})
	var batch []record.Record
	for {
		raw, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return batch, nil
		}
		if err != nil {
			return nil, err
		}
		r := parseOne(raw, opts)
		if r.Logger == "" {
			r.Logger = logger
		}
		fill.Fill(&r)
		batch = append(batch, r)
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
