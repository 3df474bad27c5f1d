package loki

import (
	"bytes"
	"errors"
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
)

var errNoStreams = errors.New(`the body has no array "streams"`)

// checkJSON reads the syntax of the whole body, and returns its array of streams. Of
// several the last counts.
func checkJSON(data []byte) (streams []byte, err error) {
	err = record.Members(data, func(key string, value []byte) bool {
		if key == "streams" {
			streams = bytes.TrimSpace(value)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if len(streams) == 0 || streams[0] != '[' {
		return nil, errNoStreams
	}
	return streams, nil
}

// readJSON reads the streams that checkJSON has found. What in them is not as it should
// be is kept as text: a mistake in one entry must not cost the others.
func readJSON(streams []byte, to receiver) {
	_ = record.Elements(streams, func(stream []byte) bool { return readStream(stream, to) == nil })
}

// readStream reads {"stream":{…},"values":[…]}, or as clients before Loki 1.0 write
// it {"labels":"{…}","entries":[…]}.
func readStream(data []byte, to receiver) error {
	var labels, values []byte
	legacy := false
	err := record.Members(data, func(key string, value []byte) bool {
		switch key {
		case "stream", "labels":
			labels = bytes.TrimSpace(value)
		case "values", "entries":
			values, legacy = bytes.TrimSpace(value), key == "entries"
		}
		return true
	})
	if err != nil {
		to.stream(nil, readLabels)
		return to.add(data, odd("the stream is not a JSON object"))
	}
	to.stream(labels, readLabels)
	if len(values) == 0 || string(values) == "null" {
		return nil
	}
	read := readValue
	if legacy {
		read = readLegacyEntry
	}
	var stopped error
	err = record.Elements(values, func(value []byte) bool {
		stopped = to.add(value, read)
		return stopped == nil
	})
	if err != nil {
		return to.add(values, odd("the stream's values are not an array"))
	}
	return stopped
}

// readLabels reads the labels, as an object or as text.
func readLabels(data []byte) given {
	if len(data) > MaxLabelBytes {
		return tooLong(string(data))
	}
	if len(data) == 0 || string(data) == "null" || string(data) == "{}" {
		return given{}
	}
	attrs, err := record.ParseAttrs(wrapped(data))
	if err != nil || len(attrs) != 1 {
		return oddLabels(string(data))
	}
	value := attrs[0].Value
	switch value.Kind() {
	case slog.KindGroup:
		labels := make([]label, 0, len(value.Group()))
		for _, a := range value.Group() {
			labels = append(labels, label{a.Key, textOf(a.Value)})
		}
		return bounded(labels, string(data))
	case slog.KindString:
		return parseLabels(value.String())
	}
	return oddLabels(string(data))
}

// readValue reads ["<nanoseconds>", "<line>", {metadata}].
func readValue(data []byte) *entry {
	attrs, err := record.ParseAttrs(wrapped(data))
	if err != nil || len(attrs) != 1 {
		return oddEntry(data, "it cannot be read as JSON")
	}
	parts, ok := attrs[0].Value.Any().([]slog.Value)
	if !ok || len(parts) < 2 {
		return oddEntry(data, `an entry is ["<nanoseconds>","<line>"]`)
	}
	e := &entry{}
	e.readTime(parts[0])
	e.line = []byte(textOf(parts[1]))
	if len(parts) > 2 {
		e.readMetadata(parts[2])
	}
	return e
}

// readLegacyEntry reads {"ts":"<RFC 3339>","line":"…"}.
func readLegacyEntry(data []byte) *entry {
	attrs, err := record.ParseAttrs(data)
	if err != nil {
		return oddEntry(data, "it is not a JSON object")
	}
	e := &entry{}
	for _, a := range attrs {
		switch a.Key {
		case "ts", "timestamp":
			e.readTime(a.Value)
		case "line":
			e.line = []byte(textOf(a.Value))
		case "structuredMetadata":
			e.readMetadata(a.Value)
		default:
			e.attrs = append(e.attrs, a)
		}
	}
	return e
}

// readTime reads nanoseconds as text. A number is taken too, and what other units are
// by their size, because clients mistake them.
func (e *entry) readTime(v slog.Value) {
	text := textOf(v)
	if text == "" || text == "0" {
		return
	}
	t, ok := record.ParseTime(text)
	if !ok {
		e.repairs = append(e.repairs, record.Repair{Field: "created_at", Reason: "the entry's timestamp is not a time"})
		e.attrs = append(e.attrs, slog.String("timestamp", text))
		return
	}
	e.time = t
}

func (e *entry) readMetadata(v slog.Value) {
	if v.Kind() != slog.KindGroup {
		if text := textOf(v); text != "" && text != "{}" {
			e.attrs = append(e.attrs, slog.Attr{Key: "structured_metadata", Value: v})
		}
		return
	}
	for _, a := range v.Group() {
		if a.Value.Kind() == slog.KindString {
			e.metadata = append(e.metadata, label{a.Key, a.Value.String()})
		} else {
			e.attrs = append(e.attrs, a)
		}
	}
}

// oddEntry keeps what is no entry as text.
func oddEntry(data []byte, reason string) *entry {
	return &entry{
		line:    bytes.TrimSpace(data),
		repairs: []record.Repair{{Field: "message", Reason: "not an entry, its text is kept: " + reason}},
	}
}

// odd reads what is no entry for that reason.
func odd(reason string) func(data []byte) *entry {
	return func(data []byte) *entry { return oddEntry(data, reason) }
}

// wrapped is a value as an object, which is what the JSON reader reads.
func wrapped(value []byte) []byte {
	return append(append(append(make([]byte, 0, len(value)+len(`{"v":}`)), `{"v":`...), value...), '}')
}

// textOf returns a text, and other values as JSON has them; "" for null.
func textOf(v slog.Value) string {
	switch {
	case v.Kind() == slog.KindString:
		return v.String()
	case v.Kind() == slog.KindAny && v.Any() == nil:
		return ""
	}
	return string(record.AppendValue(nil, v))
}

// seconds makes a time of a protobuf timestamp; zero for none.
func seconds(s int64, nanos int32) time.Time {
	if s == 0 && nanos == 0 {
		return time.Time{}
	}
	return time.Unix(s, int64(nanos)).UTC()
}
