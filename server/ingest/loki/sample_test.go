package loki

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// message puts fields together: a number, and a text or message.
func message(parts ...any) (out []byte) {
	for i := 0; i+1 < len(parts); i += 2 {
		num := protowire.Number(parts[i].(int))
		switch value := parts[i+1].(type) {
		case string:
			out = protowire.AppendString(protowire.AppendTag(out, num, protowire.BytesType), value)
		case []byte:
			out = protowire.AppendBytes(protowire.AppendTag(out, num, protowire.BytesType), value)
		case int:
			out = protowire.AppendVarint(protowire.AppendTag(out, num, protowire.VarintType), uint64(value))
		default:
			panic(fmt.Sprintf("BUG: %T", value))
		}
	}
	return out
}

func protoEntry(seconds, nanos int, line string, metadata ...string) []byte {
	out := message(entryTimestamp, message(timestampSeconds, seconds, timestampNanos, nanos), entryLine, line)
	for i := 0; i+1 < len(metadata); i += 2 {
		out = append(out, message(entryMetadata, message(pairName, metadata[i], pairValue, metadata[i+1]))...)
	}
	return out
}

// protoStream is a request of one stream.
func protoStream(labels string, entries ...[]byte) []byte {
	stream := message(streamLabels, labels, 3, 12345)
	for _, e := range entries {
		stream = append(stream, message(streamEntries, e)...)
	}
	return message(requestStreams, stream)
}

func protoSample() []byte {
	out := protoStream(
		`{service_name="pay", env="staging", level="warn", quote="a\"b\\c\n", "dotted.name"="x"}`,
		protoEntry(1732190400, 123456789, "plain text, level from the label"),
		protoEntry(1732190401, 0, `{"level":"error","msg":"card declined"}`, "trace_id", "0af7651916cd43dd8448eb211c80319c", "pod", "pay-1"),
		protoEntry(0, 0, ""),
		message(entryLine, "bytes \xff\x00 that are no text", entryParsed, message(pairName, "status", pairValue, "500"), 9, "unknown field"),
	)
	out = append(out, protoStream(`{app="web"`, protoEntry(1732190402, 0, "labels that are cut"))...)
	return append(out, message(2, "format", 7, 1)...)
}

// jsonBody is a body of n entries of about 200 bytes.
func jsonBody(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"streams":[{"stream":{"service_name":"pay","env":"staging","pod":"pay-1","filename":"/var/log/pay.log"},"values":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `["%d",%q]`, 1732190400000000000+i, lineOf(i))
	}
	b.WriteString("]}]}")
	return []byte(b.String())
}

func lineOf(i int) string {
	return fmt.Sprintf(`{"level":"info","msg":"request done","path":"/api/v1/orders/%d","method":"GET","status":200,"duration_ms":%d.5,"user_id":"u%d","trace_id":"%032x"}`, i, i%90, i%1000, i)
}

func protoBody(n int) []byte {
	entries := make([][]byte, n)
	for i := range entries {
		entries[i] = protoEntry(1732190400, i, lineOf(i))
	}
	return protoStream(`{service_name="pay", env="staging", pod="pay-1", filename="/var/log/pay.log"}`, entries...)
}
