package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

type nobody struct{}

func (nobody) Publish([]record.Record) {}

// door is a handler before a store in memory.
type door struct {
	*Handler
	store  *faulty.Store
	memory *storetest.Memory
	intake *intake.Intake
}

func open(t testing.TB, commit int, opts gate.Options) *door {
	t.Helper()
	memory := storetest.NewMemory()
	st := faulty.New(memory)
	in, err := intake.New(st, nobody{}, intake.Options{CommitRecords: commit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &door{New(gate.New(in, opts), Options{}), st, memory, in}
}

func (d *door) do(method, path string, data []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(data))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func (d *door) post(path string, data []byte, headers ...string) *httptest.ResponseRecorder {
	return d.do(http.MethodPost, path, data, headers...)
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wire writes records without what the server adds.
func wire(records []record.Record) []byte {
	var out []byte
	for i := range records {
		r := records[i]
		if r.Time.Equal(r.Observed) {
			r.Time = time.Time{}
		}
		r.ID, r.Observed = 0, time.Time{}
		out = append(record.AppendJSON(out, &r), '\n')
	}
	return out
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, name); !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// changing is what no two answers have in common.
var changing = regexp.MustCompile(`"took":[0-9]+|"_id":"[0-9A-Z]{12}[0-9a-z]+"`)

func TestBulk(t *testing.T) {
	data := read(t, "filebeat.ndjson")
	d := open(t, 0, gate.Options{})
	w := d.post("/default-index/_bulk", data)
	if w.Code != 200 || w.Header().Get("X-Elastic-Product") != "Elasticsearch" || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if !json.Valid(w.Body.Bytes()) {
		t.Errorf("not JSON: %s", w.Body)
	}
	want := wire(d.memory.Records())
	golden(t, "filebeat.golden", want)
	golden(t, "filebeat.answer.golden", changing.ReplaceAll(w.Body.Bytes(), []byte("…")))

	crlf := bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	for name, c := range map[string]struct {
		method, path string
		data         []byte
		headers      []string
	}{
		"gzip, below the prefix": {http.MethodPost, Prefix + "/default-index/_bulk?filter_path=errors", zipped(t, data), []string{"Content-Encoding", "gzip"}},
		"PUT, with a type":       {http.MethodPut, "/default-index/doc/_bulk", crlf, nil},
	} {
		d := open(t, 0, gate.Options{})
		w := d.do(c.method, c.path, c.data, c.headers...)
		if w.Code != 200 || !bytes.Equal(wire(d.memory.Records()), want) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestAnswerIsWhatFluentBitLooksFor(t *testing.T) {
	d := open(t, 0, gate.Options{})
	w := d.post("/_bulk", bulkBody(3))
	if got := changing.ReplaceAllString(w.Body.String(), "…"); !strings.HasPrefix(got, `{…,"errors":false,"items":[{"create":{"_index":"logs-app-default",…,`) {
		t.Error(got)
	}
}

func TestFilterPath(t *testing.T) {
	d := open(t, 0, gate.Options{})
	data := append(bulkBody(1), "{\"delete\":{}}\n"...)
	for query, want := range map[string]string{
		"errors,items.*.error,items.*.status": `{"errors":true,"items":[{"create":{"status":201}},{"delete":{"status":400,"error":{"type":"illegal_argument_exception","reason":"[delete] is not supported: weir only adds documents"}}}]}`,
		"errors":                              `{"errors":true}`,
		"took,errors,nothing":                 `{…,"errors":true}`,
		"items.*.error.type":                  `{"items":[{"delete":{"error":{"type":"illegal_argument_exception"}}}]}`,
		"items.create.status":                 `{"items":[{"create":{"status":201}}]}`,
		"**.status":                           `{"items":[{"create":{"status":201}},{"delete":{"status":400}}]}`,
		"-took,-items":                        `{"errors":true}`,
		"items,-items.*._*,-items.*.err*":     `{"items":[{"create":{"result":"created","status":201}},{"delete":{"status":400}}]}`,
		"nothing":                             `{}`,
		"items.**.type":                       `{"items":[{"delete":{"error":{"type":"illegal_argument_exception"}}}]}`,
	} {
		w := d.post("/_bulk?filter_path="+query, data)
		if got := changing.ReplaceAllString(strings.TrimSpace(w.Body.String()), "…"); w.Code != 200 || got != want {
			t.Errorf("%s: %d %s", query, w.Code, got)
		}
	}
}

func TestSingle(t *testing.T) {
	for _, c := range []struct{ method, path, id string }{
		{http.MethodPost, "/logs/_doc", ""},
		{http.MethodPut, "/logs/_doc/a%2Fb", "a/b"},
		{http.MethodPut, "/logs/_create/7?refresh=true", "7"},
		{http.MethodPost, Prefix + "/logs/_create", ""},
		{http.MethodPost, Prefix + "/logs/events/9", "9"},
	} {
		d := open(t, 0, gate.Options{})
		w := d.do(c.method, c.path, []byte(`{"@timestamp":"2024-11-21T12:00:00Z","message":"one","log":{"level":"warn"}}`))
		var got struct {
			Index  string `json:"_index"`
			ID     string `json:"_id"`
			Result string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 201 || got.Index != "logs" || got.Result != "created" || got.ID == "" || c.id != "" && got.ID != c.id {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
		r := d.memory.Records()[0]
		if id, _ := r.Lookup("metadata.id"); r.Message != "one" || r.LevelText() != "WARN" || c.id != "" && id.String() != c.id {
			t.Errorf("%s: %+v", c.path, r)
		}
	}
}

func TestRefusals(t *testing.T) {
	limits := gate.Options{Body: body.Limits{Sent: 1000, Unpacked: 10_000}}
	for name, c := range map[string]struct {
		method, path, data string
		headers            []string
		status             int
		kind, says         string
	}{
		"nothing":           {"POST", "/_bulk", "", nil, 400, "illegal_argument_exception", "body is required"},
		"no actions":        {"POST", "/_bulk", "\n\n", nil, 400, "illegal_argument_exception", "body is required"},
		"no JSON":           {"POST", "/_bulk", "text\n{}\n", nil, 400, "illegal_argument_exception", "action/metadata line [1]"},
		"broken later":      {"POST", "/_bulk", "{\"index\":{}}\n{}\n{\"index\":\n{}\n", nil, 400, "illegal_argument_exception", "line [3]"},
		"unknown action":    {"POST", "/_bulk", "{\"upsert\":{}}\n{}\n", nil, 400, "illegal_argument_exception", "expected one of [create, delete, index, update]"},
		"two actions":       {"POST", "/_bulk", "{\"index\":{},\"create\":{}}\n{}\n", nil, 400, "illegal_argument_exception", "line [1]"},
		"action of text":    {"POST", "/_bulk", "{\"index\":\"logs\"}\n{}\n", nil, 400, "illegal_argument_exception", "behind [index]"},
		"long index":        {"POST", "/_bulk", "{\"index\":{\"_index\":\"" + strings.Repeat("x", 256) + "\"}}\n{}\n", nil, 400, "illegal_argument_exception", "longer than 255"},
		"long index inside": {"POST", "/" + strings.Repeat("x", 256) + "/_bulk", "{\"index\":{}}\n{}\n", nil, 400, "illegal_argument_exception", "longer than 255"},
		"an array":          {"POST", "/_bulk", `[{"message":"x"}]`, nil, 400, "illegal_argument_exception", "line [1]"},
		"too large":         {"POST", "/_bulk", strings.Repeat("x", 1001), nil, 413, "content_too_long_exception", "larger than 1000"},
		"a bomb":            {"POST", "/_bulk", string(zipped(t, make([]byte, 10_001))), []string{"Content-Encoding", "gzip"}, 413, "content_too_long_exception", "after unpacking"},
		"not gzip":          {"POST", "/_bulk", "{}", []string{"Content-Encoding", "gzip"}, 400, "illegal_argument_exception", "not gzip"},
		"unknown encoding":  {"POST", "/_bulk", "{}", []string{"Content-Encoding", "br"}, 400, "illegal_argument_exception", `"br"`},
		"one that is none":  {"POST", "/logs/_doc", "text", nil, 400, "document_parsing_exception", "one JSON object"},
		"method":            {"GET", "/_bulk", "", nil, 405, "method_not_allowed", "does not take GET"},
		"origin":            {"POST", "/_bulk", "{}", []string{"Origin", "https://evil.example"}, 403, "security_exception", "evil"},
		"search":            {"POST", "/logs/_search", "{}", nil, 400, "illegal_argument_exception", "not supported"},
		"delete":            {"DELETE", "/logs/_doc/1", "", nil, 404, "index_not_found_exception", "no such thing"},
	} {
		d := open(t, 0, limits)
		w := d.do(c.method, c.path, []byte(c.data), c.headers...)
		var got struct {
			Error struct {
				Type, Reason string
				Root         []struct{ Type, Reason string } `json:"root_cause"`
			}
			Status int
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != c.status || got.Status != c.status || got.Error.Type != c.kind || !strings.Contains(got.Error.Reason, c.says) || len(got.Error.Root) != 1 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if len(d.memory.Records()) != 0 || w.Header().Get("X-Elastic-Product") == "" || w.Header().Get("Retry-After") != "" {
			t.Errorf("%s: %d stored, %v", name, len(d.memory.Records()), w.Header())
		}
	}
}
