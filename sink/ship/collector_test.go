package ship

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

var update = flag.Bool("update", false, "write the golden files")

// samples are records of every kind, with what a log-collector's database refuses
// among them.
func samples() []record.Record {
	shop := &record.Resource{Service: "pay", Environment: "production", ServiceVersion: "v1.2.3", LogType: "BACKEND"}
	odd := &record.Resource{Service: strings.Repeat("s", 101), Environment: "prod", ServiceVersion: strings.Repeat("ö", 51), LogType: "SIDEWAYS", Host: "node-1"}
	at := testTime
	return []record.Record{
		{Time: at, Severity: record.SeverityInfo, Message: "Hello world!", Resource: shop, Attrs: []slog.Attr{slog.String("user_id", "123"), slog.String("action", "test"), slog.String("function_name", "work"), slog.String("file_path", "/srv/app/main.go")}},
		{Time: at.Add(time.Second), Severity: record.SeverityFatal, Message: "한글 emoji 😀 \u2028 <b>&", Resource: shop, Attrs: []slog.Attr{slog.Group("nested", slog.Int("a", 1), slog.Bool("b", true)), slog.Int("memory_mb", 512), slog.Float64("ratio", math.NaN()), slog.Duration("took", 1500*time.Millisecond)}},
		{
			Time: at, Severity: record.SeverityError, Message: "fits", Resource: shop, TraceID: "550e8400-e29b-41d4-a716-446655440000", SpanID: "00f067aa0ba902b7", Logger: "app.db", SourceID: "0123456789abcdef0123456789abcdef", Seq: 42,
			Attrs: []slog.Attr{slog.Int("user_id", 7), slog.String("method", "GET"), slog.String("path", "/api"), slog.Float64("duration_ms", 12.5), slog.String("stack_trace", "a\n\tb"), slog.String("error_type", "*fs.PathError"), slog.String("ip", "10.0.0.1"), slog.String("tenant_id", "t"), slog.String("tag", "x"), slog.Int("line_number", 9)},
		},
		{
			Time: at, Level: "chatty", Message: "nul \x00 and \xff", Resource: odd, TraceID: strings.Repeat("f", 33),
			Attrs: []slog.Attr{slog.String("method", "CONNECT"), slog.Float64("duration_ms", 1e7), slog.String("user_id", strings.Repeat("u", 256)), slog.String("message", "an attribute"), slog.Bool("deleted", true)},
		},
		{Time: at, Severity: record.SeverityInfo, Kind: record.KindDivider, Message: "a divider"},
	}
}

func linesOf(records []record.Record) []byte {
	var raw []byte
	for i := range records {
		raw = append(record.AppendJSON(raw, &records[i]), '\n')
	}
	return raw
}

func TestCollectorBody(t *testing.T) {
	body, err := collectorBody(linesOf(samples()))
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "collector.golden.json")
	if *update {
		if err := os.WriteFile(golden, append(pretty.Bytes(), '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if pretty.String()+"\n" != string(want) {
		t.Errorf("got:\n%s", pretty.String())
	}
}

// TestCollectorColumns: no value is one for which the log-collector's database refuses
// the batch, and none is lost.
func TestCollectorColumns(t *testing.T) {
	body, err := collectorBody(linesOf(samples()))
	if err != nil {
		t.Fatal(err)
	}
	checkColumns(t, body)
	var got struct {
		Logs []struct {
			Level, Service, Environment string
			Metadata                    map[string]any
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	odd := got.Logs[3]
	if odd.Level != "INFO" || odd.Environment != "production" || odd.Service != strings.Repeat("s", 100) {
		t.Errorf("%+v", odd)
	}
	for key, want := range map[string]any{
		"level": "chatty", "environment": "prod", "service": strings.Repeat("s", 101), "service_version": strings.Repeat("ö", 51), "log_type": "SIDEWAYS",
		"method": "CONNECT", "duration_ms": 1e7, "user_id": strings.Repeat("u", 256), "trace_id": strings.Repeat("f", 33), "message": "an attribute", "host": "node-1",
	} {
		if odd.Metadata[key] != want {
			t.Errorf("metadata.%s is %v", key, odd.Metadata[key])
		}
	}
}

// checkColumns tests what the database does: F-II.
func checkColumns(t *testing.T, body []byte) {
	t.Helper()
	if bytes.Contains(body, []byte(`\u0000`)) || !utf8.Valid(body) {
		t.Error("there is a NUL, or what is no text")
	}
	var got struct{ Logs []map[string]any }
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	for i, entry := range got.Logs {
		for _, key := range []string{"level", "message", "service", "environment", "service_version", "log_type"} {
			if _, ok := entry[key].(string); !ok {
				t.Errorf("record %d has no %s", i, key)
			}
		}
		if at, ok := entry["created_at"]; ok {
			if _, ok := at.(float64); !ok {
				t.Errorf("record %d: created_at is %v", i, at)
			}
		}
		for key, known := range map[string][]string{"level": collectorLevels, "log_type": collectorTypes, "environment": collectorEnvironments, "method": collectorMethods} {
			if v, ok := entry[key]; ok && !slices.Contains(known, v.(string)) {
				t.Errorf("record %d: %s is %v", i, key, v)
			}
		}
		for key, most := range map[string]int{"service": 100, "service_version": 50, "trace_id": 32, "user_id": 255, "session_id": 100, "error_type": 200, "path": 500, "action_type": 50, "function_name": 300, "file_path": 1000} {
			if v, ok := entry[key]; ok && utf8.RuneCountInString(v.(string)) > most {
				t.Errorf("record %d: %s has more than %d characters", i, key, most)
			}
		}
		if v, ok := entry["duration_ms"]; ok && math.Abs(v.(float64)) >= 1e7 {
			t.Errorf("record %d: duration_ms is %v", i, v)
		}
	}
}

// TestCollectorSuccess: exactly 200 is success, whatever the answer says (2.1); everything
// else is tried again with the same bytes.
func TestCollectorSuccess(t *testing.T) {
	for _, code := range []int{201, 204, 202, 500, 503} {
		synctest.Test(t, func(t *testing.T) {
			srv := newServer()
			srv.next(status(code), func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("fine")) })
			sink := offline(t, srv, Options{Protocol: ProtocolCollector})
			write(t, sink, 1, 120)
			mustFlush2(t, sink)
			posts := srv.all()
			if len(posts) != 2 || !bytes.Equal(posts[0].body, posts[1].body) || posts[1].path != collectorPath || posts[1].contentType != "application/json" ||
				posts[1].encoding != "gzip" || posts[1].key != "" {
				t.Errorf("%d: %d posts", code, len(posts))
			}
			if st := sink.Stats(); st.Sent != 120 || st.Retried != 1 {
				t.Errorf("%d: %+v", code, st)
			}
		})
	}
}

// TestCollectorBodyOverARestart: what was spooled is sent with the same bytes, by which
// alone a server can know it.
func TestCollectorBodyOverARestart(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.next(srv.storeThen(hang))
		sink := offline(t, srv, Options{Protocol: ProtocolCollector, Spool: dir})
		write(t, sink, 1, 120)
		mustClose(t, sink)
		offline(t, srv, Options{Protocol: ProtocolCollector, Spool: dir})
		synctest.Wait()
		posts := srv.all()
		if len(posts) != 2 || !bytes.Equal(posts[0].body, posts[1].body) {
			t.Errorf("%d posts, or they differ", len(posts))
		}
	})
}

func FuzzCollectorBody(f *testing.F) {
	for line := range eachLine(linesOf(samples())) {
		f.Add(line)
	}
	f.Add([]byte(`{"created_at":-5.5,"level":"x","metadata":{"metadata":{"a":1}},"duration_ms":1e300}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		line = append(bytes.ReplaceAll(line, []byte{'\n'}, []byte{' '}), '\n')
		body, err := collectorBody(line)
		if err != nil {
			return
		}
		checkColumns(t, body)
		if again, err := collectorBody(line); err != nil || !bytes.Equal(again, body) {
			t.Error("the same lines made another body")
		}
	})
}

// TestCollectorLikeItsClients compares with what the Python client was seen to send for the
// same calls: the same keys and values, but for metadata, in which the server keeps what it has no
// column for.
func TestCollectorLikeItsClients(t *testing.T) {
	const client = `{"logs": [{"level": "INFO", "message": "Hello world!", "created_at": 1795262400.123456, "user_id": "123", "action": "test", "function_name": "work", "file_path": "/srv/app/main.go", "service": "pay", "environment": "production", "service_version": "v1.2.3", "log_type": "BACKEND"}, ` +
		`{"level": "WARN", "message": "High memory usage", "created_at": 1795262400.123457, "memory_mb": 512, "service": "pay", "environment": "production", "service_version": "v1.2.3", "log_type": "BACKEND"}]}`
	records := samples()[:1]
	records = append(records, record.Record{Time: testTime.Add(time.Microsecond), Severity: record.SeverityWarn, Message: "High memory usage", Resource: records[0].Resource, Attrs: []slog.Attr{slog.Int("memory_mb", 512)}})
	body, err := collectorBody(linesOf(records))
	if err != nil {
		t.Fatal(err)
	}
	var got, want struct{ Logs []map[string]any }
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(client), &want); err != nil {
		t.Fatal(err)
	}
	for i := range want.Logs {
		metadata := got.Logs[i]["metadata"].(map[string]any)
		delete(got.Logs[i], "metadata")
		if !maps.Equal(got.Logs[i], want.Logs[i]) {
			t.Errorf("record %d: got %v, want %v", i, got.Logs[i], want.Logs[i])
		}
		for key, v := range metadata {
			if want.Logs[i][key] != v {
				t.Errorf("record %d: metadata.%s is %v", i, key, v)
			}
		}
	}
}
