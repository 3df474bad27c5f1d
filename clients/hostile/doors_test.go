// Package hostile throws at every way into the server what no client should send:
// noise, samples with a byte flipped, bombs, bodies that are cut or never end. The
// answer is a clear no, or a yes when it could still be read; the server lives, its
// memory stays bounded, and its ledger adds up. It has nothing but tests.
package hostile

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// door is a way in over HTTP, with a body that it takes.
type door struct {
	name   string
	path   string
	kind   string // of the body, for Content-Type
	sample []byte
	packed bool // the body is a snappy block
	// wrap puts a text where the door's records have their message; nil: it takes no JSON.
	wrap func(value string) string
	// many makes a body of n records that are as small as can be.
	many func(n int) []byte
}

const jsonType, protoType = "application/json", "application/x-protobuf"

// doors lists them all.
func doors() []door {
	otlp := otlpLogs("hello", "a line")
	loki := lokiPush(`{app="shop"}`, "a line")
	return []door{
		{
			name: "collector", path: "/logs", kind: jsonType,
			sample: []byte(`{"logs":[{"level":"INFO","message":"a","created_at":1795219903.6,"user_id":7,"nested":{"a":[1,null,true,NaN]},"half":"\ud83d"},{"message":"b"}]}`),
			wrap:   func(value string) string { return `{"logs":[{"message":` + value + `}]}` },
			many:   func(n int) []byte { return []byte(`{"logs":[` + strings.Repeat("{},", n-1) + `{}]}`) },
		},
		{
			name: "records, lines", path: "/api/v1/records", kind: "application/x-ndjson",
			sample: []byte("{\"level\":\"warn\",\"msg\":\"zap\",\"ts\":1715000000.5}\n{\"message\":\"b\",\"metadata\":{\"k\":[1,2]}}\nplain text\n"),
			wrap:   func(value string) string { return `{"message":` + value + "}\n" },
			many:   func(n int) []byte { return []byte(strings.Repeat("{}\n", n)) },
		},
		{
			name: "records, array", path: "/api/v1/records", kind: jsonType,
			sample: []byte(`[{"level":"error","message":"a","created_at":"2026-01-02T03:04:05Z"},{"message":"b"},"text",5]`),
			wrap:   func(value string) string { return `[{"message":` + value + `}]` },
			many:   func(n int) []byte { return []byte(`[` + strings.Repeat("{},", n-1) + `{}]`) },
		},
		{
			name: "OTLP, JSON", path: "/v1/logs", kind: jsonType,
			sample: []byte(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeLogs":[{"scope":{"name":"lib"},"logRecords":[{"timeUnixNano":"1795219903600000000","severityNumber":9,"severityText":"Info","body":{"stringValue":"a"},"attributes":[{"key":"n","value":{"intValue":"7"}}],"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef"}]}]}]}`),
			wrap: func(value string) string {
				return `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":` + value + `}}]}]}]}`
			},
			many: func(n int) []byte {
				return []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[` + strings.Repeat("{},", n-1) + `{}]}]}]}`)
			},
		},
		{
			name: "OTLP, protobuf", path: "/v1/logs", kind: protoType, sample: otlp,
			many: func(n int) []byte {
				records := strings.Repeat(string(field(2, nil)), n)
				return field(1, field(2, []byte(records)))
			},
		},
		{
			name: "Loki, JSON", path: "/loki/api/v1/push", kind: jsonType,
			sample: []byte(`{"streams":[{"stream":{"app":"shop","level":"info"},"values":[["1795219903600000000","a line",{"trace_id":"x"}],["1795219903600000001","another"]]}]}`),
			wrap: func(value string) string {
				return `{"streams":[{"stream":{"app":"x"},"values":[["1795219903600000000",` + value + `]]}]}`
			},
			many: func(n int) []byte {
				return []byte(`{"streams":[{"stream":{},"values":[` + strings.Repeat(`["0",""],`, n-1) + `["0",""]]}]}`)
			},
		},
		{
			name: "Loki, snappy", path: "/loki/api/v1/push", kind: protoType, sample: snappy(loki), packed: true,
			many: func(n int) []byte {
				entries := strings.Repeat(string(field(2, nil)), n)
				return field(1, append(field(1, []byte(`{}`)), entries...))
			},
		},
		{
			name: "Elasticsearch", path: "/_bulk", kind: "application/x-ndjson",
			sample: []byte("{\"index\":{\"_index\":\"logs\",\"_id\":\"1\"}}\n{\"@timestamp\":\"2026-01-02T03:04:05Z\",\"message\":\"a\",\"log\":{\"level\":\"info\"}}\n{\"create\":{}}\n{\"message\":\"b\"}\n"),
			wrap:   func(value string) string { return "{\"index\":{}}\n{\"message\":" + value + "}\n" },
			many:   func(n int) []byte { return []byte(strings.Repeat("{\"index\":{}}\n{}\n", n)) },
		},
		{
			name: "Elasticsearch, with a prefix", path: "/elasticsearch/logs/_bulk", kind: "application/x-ndjson",
			sample: []byte("{\"create\":{}}\n{\"message\":\"b\"}\n"),
			wrap:   func(value string) string { return "{\"create\":{}}\n{\"message\":" + value + "}\n" },
			many:   func(n int) []byte { return []byte(strings.Repeat("{\"create\":{}}\n{}\n", n)) },
		},
	}
}

// others are the paths that take no records.
func others() []string {
	return []string{"/", "/stats", "/services", "/healthz", "/readyz", "/metrics", "/events", "/api/v1/stats", "/api/v1/sources", "/api/v1/records/1", "/api/v1/tail?replay=1", "/api/v1/checkpoints", "/api/v1/checkpoints/x", "/api/v1/export", "/api/v1/levels", "/_license", "/_cat/health", "/loki/api/v1/labels", "/nothing"}
}

// field is one of protobuf's that has a length.
func field(number int, data []byte) []byte {
	out := binary.AppendUvarint(nil, uint64(number)<<3|2)
	out = binary.AppendUvarint(out, uint64(len(data)))
	return append(out, data...)
}

func join(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// otlpLogs is an ExportLogsServiceRequest of one record.
func otlpLogs(service, message string) []byte {
	text := func(s string) []byte { return field(1, []byte(s)) } // AnyValue.string_value
	attribute := func(key string, value []byte) []byte { return join(field(1, []byte(key)), field(2, value)) }
	r := join(
		binary.LittleEndian.AppendUint64([]byte{1<<3 | 1}, 1795219903600000000), // time_unix_nano
		[]byte{2 << 3, 9}, // severity_number
		field(3, []byte("INFO")),
		field(5, text(message)),
		field(6, attribute("key", text("value"))),
		field(9, make([]byte, 16)),
		field(10, make([]byte, 8)),
	)
	scope := join(field(1, field(1, []byte("lib"))), field(2, r))
	return field(1, join(field(1, field(1, attribute("service.name", text(service)))), field(2, scope)))
}

// lokiPush is a PushRequest of one entry with structured metadata.
func lokiPush(labels, line string) []byte {
	at := join(binary.AppendUvarint([]byte{1 << 3}, 1795219903), []byte{2 << 3, 5})
	pair := join(field(1, []byte("trace_id")), field(2, []byte("x")))
	return field(1, join(field(1, []byte(labels)), field(2, join(field(1, at), field(2, []byte(line)), field(3, pair)))))
}

// snappy is a block of literals.
func snappy(data []byte) []byte {
	out := binary.AppendUvarint(nil, uint64(len(data)))
	for len(data) > 0 {
		n := min(len(data), 1<<16)
		out = append(out, 61<<2, byte(n-1), byte((n-1)>>8))
		out = append(out, data[:n]...)
		data = data[n:]
	}
	return out
}

// snappyBomb claims and holds so many bytes, in a twentieth of that.
func snappyBomb(size int) []byte {
	out := binary.AppendUvarint(nil, uint64(size))
	out = append(out, 0, 'x') // a literal of one byte, then copies of what lies one back
	for left := size - 1; left > 0; left -= 64 {
		out = append(out, byte(min(left, 64)-1)<<2|2, 1, 0)
	}
	return out
}

// zstdBomb is a frame of blocks that say: so often that byte.
func zstdBomb(size int) []byte {
	const block = 128 << 10
	out := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0x58} // no checksum, a window of 2 MiB
	for left := size; left > 0; left -= block {
		head := uint32(min(left, block))<<3 | 1<<1
		if left <= block {
			head |= 1
		}
		out = append(out, byte(head), byte(head>>8), byte(head>>16), ' ')
	}
	return out
}

// deep is JSON that goes so far down.
func deep(levels int) string {
	return strings.Repeat(`[`, levels) + strings.Repeat(`]`, levels)
}

// wide is an object of so many keys.
func wide(keys int) string {
	var b strings.Builder
	for i := range keys {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		fmt.Fprintf(&b, `%s"k%d":%d`, sep, i, i)
	}
	return b.String() + "}"
}
