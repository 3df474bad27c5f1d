package redis

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/record"
)

// entryMessage makes a message of an entry of a stream: the one value, when it has one
// name, is what would have been published; else the names are keys.
func entryMessage(stream string, x goredis.XMessage) message {
	m := message{
		marks:  []slog.Attr{slog.String("stream", stream), slog.String("stream_id", x.ID)},
		before: record.Record{Time: entryTime(x.ID)},
	}
	if len(x.Values) == 1 {
		for _, v := range x.Values {
			m.text = text(v)
		}
		return m
	}
	names := make([]string, 0, len(x.Values))
	for name := range x.Values {
		names = append(names, name)
	}
	slices.Sort(names) // the client's map has lost their order
	m.entry = make([]string, 0, 2*len(names))
	for _, name := range names {
		m.entry = append(m.entry, name, text(x.Values[name]))
	}
	return m
}

func text(v any) string {
	s, _ := v.(string) // the client knows no other values
	return s
}

// entryTime is the time in an entry's id: milliseconds, unless its writer chose others.
func entryTime(id string) time.Time {
	millis, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(millis, 10, 64)
	if err != nil || n < 1e11 { // before 1973: numbers of their own
		return time.Time{}
	}
	t := time.UnixMilli(n).UTC()
	if t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// entry reads an entry of several names as the JSON object that it would be. A value
// that is an object or an array is one there, all others are texts.
func (p *parser) entry(pairs []string) (record.Record, []record.Repair) {
	object := []byte{'{'}
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			object = append(object, ',')
		}
		object = append(append(appendJSONText(object, pairs[i]), ':'), entryValue(pairs[i+1])...)
	}
	return p.one(append(object, '}'))
}

func entryValue(value string) []byte {
	data := []byte(value)
	if first := firstByte(data); (first == '{' || first == '[') && json.Valid(data) {
		return data
	}
	return appendJSONText(nil, value)
}

// appendJSONText writes a text so that bytes that are no UTF-8 are kept: record.ParseJSON
// takes them as they are, and intake notes which they were.
func appendJSONText(b []byte, text string) []byte {
	b = append(b, '"')
	for i := range len(text) {
		if c := text[i]; c == '"' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, text[i])
	}
	return append(b, '"')
}
