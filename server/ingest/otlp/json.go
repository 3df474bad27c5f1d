package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"

	"github.com/weirlog/weir/record"
)

// OTLP's JSON is protobuf's JSON mapping with hexadecimal ids. Names are read in the
// form of the mapping (timeUnixNano) and in that of the .proto file (time_unix_nano),
// as protobuf's own readers do; null means that a field is absent.

// walkJSON leads through an ExportLogsServiceRequest.
func walkJSON(data []byte, to visitor) error {
	return members(data, "the body", func(key string, value []byte) error {
		if key != "resourceLogs" && key != "resource_logs" {
			return nil
		}
		return elements(value, "resourceLogs", func(one []byte) error { return walkJSONResource(one, to) })
	})
}

// members calls f with what an object has, until it returns an error. null has nothing.
func members(data []byte, what string, f func(key string, value []byte) error) error {
	if absent(data) {
		return nil
	}
	var failed error
	err := record.Members(data, func(key string, value []byte) bool {
		failed = f(key, value)
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return brokenJSON(what, err)
}

// elements calls f with the elements of an array, until it returns an error. null has
// none.
func elements(data []byte, what string, f func(value []byte) error) error {
	if absent(data) {
		return nil
	}
	var failed error
	err := record.Elements(data, func(value []byte) bool {
		failed = f(value)
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return brokenJSON(what, err)
}

func absent(data []byte) bool { return string(data) == "null" }

func brokenJSON(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s is no OTLP JSON: %w", what, err)
}

// walkJSONResource reads the resource first, wherever it is among the records.
func walkJSONResource(data []byte, to visitor) error {
	var r resource
	var scopes []byte
	err := members(data, "an element of resourceLogs", func(key string, value []byte) (err error) {
		switch key {
		case "resource":
			err = r.readJSON(value)
		case "schemaUrl", "schema_url":
			r.schema = textOf(value)
		case "scopeLogs", "scope_logs":
			scopes = value
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := to.resource(&r); err != nil || scopes == nil {
		return err
	}
	return elements(scopes, "scopeLogs", func(one []byte) error { return walkJSONScope(one, to) })
}

func walkJSONScope(data []byte, to visitor) error {
	var s scope
	var records []byte
	err := members(data, "an element of scopeLogs", func(key string, value []byte) (err error) {
		switch key {
		case "scope":
			err = s.readJSON(value)
		case "schemaUrl", "schema_url":
			s.schema = textOf(value)
		case "logRecords", "log_records":
			records = value
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := to.scope(&s); err != nil || records == nil {
		return err
	}
	return elements(records, "logRecords", to.record)
}

// textOf returns a JSON text; of something else its JSON.
func textOf(value []byte) string {
	var text string
	wrapped := append(append([]byte(`{"":`), value...), '}')
	attrs, err := record.ParseAttrs(wrapped)
	if err == nil && len(attrs) == 1 && !isNull(attrs[0].Value) {
		text = record.ValueText(attrs[0].Value)
	}
	return text
}

func (r *resource) readJSON(data []byte) error {
	fields, err := object(data, "resource")
	d := jsonReader{}
	for _, f := range fields {
		switch f.Key {
		case "attributes":
			r.attrs = d.pairs(f.Value)
		case "droppedAttributesCount", "dropped_attributes_count":
			r.dropped, _ = unsigned(f.Value)
		}
	}
	return err
}

func (s *scope) readJSON(data []byte) error {
	fields, err := object(data, "scope")
	d := jsonReader{}
	for _, f := range fields {
		switch f.Key {
		case "name":
			s.name = plain(f.Value)
		case "version":
			s.version = plain(f.Value)
		case "attributes":
			s.attrs = d.pairs(f.Value)
		case "droppedAttributesCount", "dropped_attributes_count":
			s.dropped, _ = unsigned(f.Value)
		}
	}
	return err
}

// object reads a small object as a whole.
func object(data []byte, what string) ([]slog.Attr, error) {
	if absent(data) {
		return nil, nil
	}
	if tooMany(data) {
		return nil, errTooMany
	}
	fields, err := record.ParseAttrs(data)
	return fields, brokenJSON(what, err)
}

// tooMany reports whether JSON has more than maxValues values: commas outside of texts
// come between them. Most data has so few commas that the exact count is not needed.
func tooMany(data []byte) bool {
	if bytes.Count(data, []byte{','}) < maxValues {
		return false
	}
	n, inText := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			inText = !inText
		case c == '\\' && inText:
			i++
		case c == ',' && !inText:
			n++
		}
	}
	return n >= maxValues
}

var errNoObject = errors.New("not a JSON object")

// jsonEntry reads a LogRecord.
func jsonEntry(data []byte) (*entry, error) {
	if len(data) == 0 || data[0] != '{' {
		return nil, errNoObject
	}
	fields, err := object(data, "the record")
	if err != nil {
		return nil, err
	}
	e := &entry{}
	var d jsonReader
	for _, f := range fields {
		if !isNull(f.Value) {
			e.readJSON(f, &d)
		}
	}
	e.repairs = append(e.repairs, d.repairs...)
	return e, nil
}

func (e *entry) readJSON(f slog.Attr, d *jsonReader) {
	switch f.Key {
	case "timeUnixNano", "time_unix_nano":
		e.time = e.unsigned(f, "time_unix_nano")
	case "observedTimeUnixNano", "observed_time_unix_nano":
		e.observed = e.unsigned(f, "observed_time_unix_nano")
	case "severityNumber", "severity_number":
		n, ok := severityNumber(f.Value)
		if e.severity = n; !ok {
			e.strange(attrNumber, "not a number, nor the name of one", f.Value)
		}
	case "severityText", "severity_text":
		e.severityText = plain(f.Value)
	case "body":
		d.field = attrBody
		e.body = d.value(f.Value, 0)
	case "attributes":
		e.attrs = d.pairs(f.Value)
	case "droppedAttributesCount", "dropped_attributes_count":
		e.dropped = e.unsigned(f, attrDropped)
	case "flags":
		e.flags = e.unsigned(f, attrFlags)
	case "traceId", "trace_id":
		e.traceID = e.textID(plain(f.Value), traceIDBytes, "trace_id")
	case "spanId", "span_id":
		e.spanID = e.textID(plain(f.Value), spanIDBytes, "span_id")
	case "eventName", "event_name":
		e.event = plain(f.Value)
	}
}

func (e *entry) unsigned(f slog.Attr, name string) uint64 {
	n, ok := unsigned(f.Value)
	if !ok {
		e.strange(name, "not a number of 64 bits without a sign", f.Value)
	}
	return n
}
