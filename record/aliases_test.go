package record_test

import (
	"testing"

	"github.com/weirlog/weir/record"
)

func TestAliases(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{
			"slog", `{"time":"2026-01-02T03:04:05.123456789+01:00","level":"INFO+2","source":{"function":"main.f","file":"/a/main.go","line":12},"msg":"hi","user":{"id":7}}`,
			`{"created_at":"2026-01-02T02:04:05.123456Z","level":"INFO","message":"hi","function_name":"main.f","file_path":"/a/main.go","metadata":{"user":{"id":7}},"severity":11,"line_number":12}`,
		},
		{
			"zap", `{"level":"dpanic","ts":1767323045.25,"logger":"app.db","caller":"db/pool.go:34","msg":"full","stacktrace":"main.go:1"}`,
			`{"created_at":"2026-01-02T03:04:05.250000Z","level":"FATAL","message":"full","stack_trace":"main.go:1","file_path":"db/pool.go","metadata":{"level_text":"dpanic"},"logger":"app.db","line_number":34}`,
		},
		{
			"zerolog", `{"level":"error","error":"boom","time":"2026-01-02T03:04:05Z","caller":"/a/b.go:7","message":"failed"}`,
			`{"created_at":"2026-01-02T03:04:05.000000Z","level":"ERROR","message":"failed","file_path":"/a/b.go","metadata":{"error":"boom"},"line_number":7}`,
		},
		{
			"logrus", `{"file":"/a/b.go:7","func":"main.run","level":"warning","msg":"careful","time":"2026-01-02T03:04:05Z"}`,
			`{"created_at":"2026-01-02T03:04:05.000000Z","level":"WARN","message":"careful","function_name":"main.run","file_path":"/a/b.go","line_number":7}`,
		},
		{
			"pino", `{"level":50,"time":1767323045123,"pid":9,"hostname":"web-1","name":"shop","err":{"type":"TypeError","message":"x","stack":"at y"},"req":{"params":{}},"msg":"failed"}`,
			`{"created_at":"2026-01-02T03:04:05.123000Z","level":"ERROR","message":"failed","error_type":"TypeError","stack_trace":"at y","metadata":{"pid":9,"err":{"type":"TypeError","message":"x","stack":"at y"},"req":{"params":{}}},"logger":"shop","host":"web-1"}`,
		},
		{
			"bunyan", `{"name":"shop","hostname":"h","pid":1,"level":30,"msg":"hi","time":"2026-01-02T03:04:05.000Z","v":0}`,
			`{"created_at":"2026-01-02T03:04:05.000000Z","level":"INFO","message":"hi","metadata":{"pid":1,"v":0},"logger":"shop","host":"h"}`,
		},
		{"winston", `{"level":"info","message":"hi","timestamp":"2026-01-02T03:04:05.000Z"}`, `{"created_at":"2026-01-02T03:04:05.000000Z","level":"INFO","message":"hi"}`},
		{
			"winston, an error", `{"level":"error","message":"no payment","stack":"TypeError: no payment\n    at pay (/srv/shop/pay.js:3:9)","timestamp":"2026-01-02T03:04:05.728Z"}`,
			`{"created_at":"2026-01-02T03:04:05.728000Z","level":"ERROR","message":"no payment","stack_trace":"TypeError: no payment\n    at pay (/srv/shop/pay.js:3:9)"}`,
		},
		{"winston, its own level", `{"level":"silly","message":"s","timestamp":"2026-01-02T03:04:05.728Z"}`, `{"created_at":"2026-01-02T03:04:05.728000Z","level":"silly","message":"s","severity":0}`},
		{
			"bunyan, an error", `{"name":"shop","hostname":"h","pid":1,"level":50,"err":{"message":"x","name":"TypeError","stack":"TypeError: x\n    at y"},"msg":"failed","time":"2026-01-02T03:04:05.516Z","v":0}`,
			`{"created_at":"2026-01-02T03:04:05.516000Z","level":"ERROR","message":"failed","error_type":"TypeError","stack_trace":"TypeError: x\n    at y","metadata":{"pid":1,"err":{"message":"x","name":"TypeError","stack":"TypeError: x\n    at y"},"v":0},"logger":"shop","host":"h"}`,
		},
		{"zerolog, milliseconds", `{"level":"trace","time":1767323045123,"caller":"/a/b.go:7","message":"m"}`, `{"created_at":"2026-01-02T03:04:05.123000Z","level":"TRACE","message":"m","file_path":"/a/b.go","line_number":7}`},
		{
			"ECS nested", `{"@timestamp":"2026-01-02T03:04:05Z","log":{"level":"error","logger":"x.Y","origin":{"file":{"name":"A.java","line":3},"function":"run"}},"message":"m","service":{"name":"shop","id":"i"},"trace":{"id":"t"},"host":{"name":"h"},"error":{"type":"E","message":"em","stack_trace":"st"}}`,
			`{"created_at":"2026-01-02T03:04:05.000000Z","level":"ERROR","message":"m","service":"shop","trace_id":"t","error_type":"E","stack_trace":"st","function_name":"run","file_path":"A.java","metadata":{"error":{"type":"E","message":"em","stack_trace":"st"},"service":{"id":"i"}},"logger":"x.Y","line_number":3,"host":"h"}`,
		},
		{
			"ECS flat", `{"@timestamp":"2026-01-02T03:04:05Z","log.level":"warn","log.logger":"l","message":"m","service.name":"shop","trace.id":"t","span.id":"s","log.origin.file.line":3}`,
			`{"created_at":"2026-01-02T03:04:05.000000Z","level":"WARN","message":"m","service":"shop","trace_id":"t","logger":"l","span_id":"s","line_number":3}`,
		},
		{
			"GELF", `{"version":"1.1","host":"h","short_message":"short","full_message":"long","timestamp":1767323045.5,"level":2,"_user":1}`,
			`{"created_at":"2026-01-02T03:04:05.500000Z","level":"FATAL","message":"short","metadata":{"level_text":"CRITICAL","version":"1.1","full_message":"long","_user":1},"host":"h"}`,
		},
		{"CloudWatch", `{"@timestamp":1767323045123,"@message":"m","@logStream":"s"}`, `{"created_at":"2026-01-02T03:04:05.123000Z","message":"m","metadata":{"@logStream":"s"},"severity":0}`},
		{"GCP", `{"severity":"WARNING","eventTime":"2026-01-02T03:04:05Z","text":"m"}`, `{"created_at":"2026-01-02T03:04:05.000000Z","level":"WARN","message":"m"}`},
		{"Datadog", `{"status":"x","message":"m","dd":{"trace_id":123,"span_id":"5","env":"prod"}}`, `{"message":"m","trace_id":"123","metadata":{"status":"x","dd":{"env":"prod"}},"severity":0,"span_id":"5"}`},
		{"monolog", `{"message":"m","level":250,"level_name":"NOTICE","datetime":"2026-01-02T03:04:05+00:00"}`, `{"created_at":"2026-01-02T03:04:05.000000Z","level":"INFO","message":"m","metadata":{"level":250,"level_text":"NOTICE"}}`},
		{"docker", `{"log":"line\n","stream":"stdout","time":"2026-01-02T03:04:05.5Z"}`, `{"created_at":"2026-01-02T03:04:05.500000Z","message":"line\n","metadata":{"stream":"stdout"},"severity":0}`},
		{"not aliases", `{"message":"m","time":12,"t":"x","event":{"a":1},"name":"n","source":"s","file":"f","caller":"c","stack":[1],"func":"g"}`, `{"message":"m","metadata":{"time":12,"t":"x","event":{"a":1},"name":"n","source":"s","file":"f","caller":"c","stack":[1],"func":"g"},"severity":0}`},
		{"second choice", `{"msg":"m","time":"12 ms","ts":1767323045}`, `{"created_at":"2026-01-02T03:04:05.000000Z","message":"m","metadata":{"time":"12 ms"},"severity":0}`},
		{"own names win", `{"message":"m","msg":"n","created_at":1767323045,"time":5,"level":"info","lvl":"warn","logger":"a","logger_name":"b"}`, `{"created_at":"2026-01-02T03:04:05.000000Z","level":"INFO","message":"m","metadata":{"msg":"n","time":5,"lvl":"warn","logger_name":"b"},"logger":"a"}`},
		{"source with more", `{"msg":"m","source":{"file":"f","line":1,"ip":"x"}}`, `{"message":"m","metadata":{"source":{"file":"f","line":1,"ip":"x"}},"severity":0}`},
		{"an id of its own", `{"msg":"m","id":"42"}`, `{"message":"m","metadata":{"id":"42"},"severity":0}`},
		{"Weir's own id", `{"message":"m","id":"42","observed_at":1767323045}`, `{"id":"42","message":"m","observed_at":"2026-01-02T03:04:05.000000Z","severity":0}`},
		{"level 35", `{"msg":"m","level":35}`, `{"level":"35","message":"m","severity":0}`},
	} {
		r, repairs, err := record.ParseJSON([]byte(tt.in), record.ParseOptions{Aliases: true})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := describe(&r, repairs); got != tt.want {
			t.Errorf("%s:\n%s\n%s", tt.name, got, tt.want)
		}
		record.Normalize(&r)
		checkNormal(t, &r)
	}
}
