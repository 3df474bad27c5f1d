package ndjson

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

type nobody struct{}

func (nobody) Publish([]record.Record) {}

func newHandler(t *testing.T) (*Handler, *faulty.Store, *storetest.Memory) {
	t.Helper()
	memory := storetest.NewMemory()
	st := faulty.New(memory)
	in, err := intake.New(st, nobody{}, intake.Options{CommitRecords: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		for _, line := range in.Ledger() {
			sum := line.Stored + line.Deduplicated + line.Pending
			for _, n := range line.Refused {
				sum += n
			}
			if sum != line.Received {
				t.Errorf("the ledger does not add up: %+v", line)
			}
		}
	})
	return New(gate.New(in, gate.Options{Body: body.Limits{Sent: 1000, Unpacked: 10_000}, PerBody: 200})), st, memory
}

func post(h http.Handler, target, text, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(text))
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestForms(t *testing.T) {
	for name, c := range map[string]struct {
		body     string
		want     []string // messages
		repaired int
	}{
		"lines":           {"{\"message\":\"a\"}\n{\"message\":\"b\"}\r\n\n{\"message\":\"c\"}", []string{"a", "b", "c"}, 0},
		"array":           {`[{"message":"a"}, {"message":"b"}]`, []string{"a", "b"}, 0},
		"pretty array":    {"[\n {\"message\":\n \"a\"},\n {\"message\":\"b\"}\n]\n", []string{"a", "b"}, 0},
		"object":          {`{"message":"a"}`, []string{"a"}, 0},
		"pretty object":   {"{\n  \"message\": \"a\"\n}\n", []string{"a"}, 0},
		"nothing":         {"", nil, 0},
		"empty array":     {"[]", nil, 0},
		"a line of text":  {"{\"message\":\"a\"}\n  plain text\n{\"message\":\"b\"}", []string{"a", "  plain text", "b"}, 1},
		"text and number": {`[{"message":"a"},"te\"xt",5]`, []string{"a", `te"xt`, "5"}, 2},
		"byte order mark": {"\ufeff{\"message\":\"a\"}", []string{"a"}, 0},
		"other loggers":   {`{"level":"warn","msg":"zap","ts":1715000000.5}` + "\n" + `{"level":50,"time":1715000000123,"pid":1,"hostname":"h","msg":"pino"}`, []string{"zap", "pino"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h, _, memory := newHandler(t)
			w := post(h, Path, c.body, "")
			var got answer
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Status != "ok" || got.Count != len(c.want) || got.Repaired != c.repaired {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			records := memory.Records()
			if len(records) != len(c.want) {
				t.Fatalf("%d stored", len(records))
			}
			for i, r := range records {
				if r.Message != c.want[i] {
					t.Errorf("record %d is %q", i, r.Message)
				}
			}
			if n := len(records); n > 0 && (got.First != id(&records[0]) || got.Last != id(&records[n-1])) {
				t.Errorf("%s", w.Body)
			}
		})
	}
}

// id is the id in a record's JSON.
func id(r *record.Record) string {
	var out struct{ ID string }
	if err := json.Unmarshal(record.AppendJSON(nil, r), &out); err != nil {
		return err.Error()
	}
	return out.ID
}

func TestEncodings(t *testing.T) {
	const text = `{"message":"packed"}`
	var g, z bytes.Buffer
	gw := gzip.NewWriter(&g)
	zw, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{gw, zw} {
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for encoding, data := range map[string]string{"": text, "identity": text, "gzip": g.String(), "GZIP": g.String(), "zstd": z.String()} {
		h, _, memory := newHandler(t)
		if w := post(h, Path, data, encoding); w.Code != 200 || len(memory.Records()) != 1 || memory.Records()[0].Message != "packed" {
			t.Errorf("%q: %d %s", encoding, w.Code, w.Body)
		}
	}
}

func TestQueryFillsIn(t *testing.T) {
	h, _, memory := newHandler(t)
	target := Path + "?service=pay&environment=staging&service_version=v1&log_type=IOT&host=h1&logger=app.db"
	if w := post(h, target, "{\"message\":\"a\"}\n{\"message\":\"b\",\"service\":\"own\",\"logger\":\"own.logger\"}\ntext", ""); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	got := memory.Records()
	want := record.Resource{Service: "pay", Environment: "staging", ServiceVersion: "v1", LogType: "IOT", Host: "h1"}
	if *got[0].Resource != want || got[0].Logger != "app.db" || *got[2].Resource != want {
		t.Errorf("%+v %+v", got[0], *got[0].Resource)
	}
	want.Service = "own"
	if *got[1].Resource != want || got[1].Logger != "own.logger" {
		t.Errorf("%+v %+v", got[1], *got[1].Resource)
	}
}

func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		body, encoding string
		status         int
		code           string
	}{
		"broken array":     {`[{"message":"a"},`, "", 400, "bad_json"},
		"large":            {strings.Repeat("x", 1001), "", 413, "too_large"},
		"not gzip":         {"{}", "gzip", 400, "bad_encoding"},
		"unknown encoding": {"{}", "br", 400, "bad_encoding"},
		"many records":     {strings.Repeat("{}\n", 201), "", 413, "too_large"},
	} {
		h, _, memory := newHandler(t)
		w := post(h, Path, c.body, c.encoding)
		var got problem
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != c.status || got.Error.Code != c.code || got.Error.Message == "" || got.Error.Hint == "" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if len(memory.Records()) != 0 {
			t.Errorf("%s: something was stored", name)
		}
	}
	h, _, _ := newHandler(t)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, Path, nil))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD, POST" || !strings.Contains(w.Body.String(), `"bad_method"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, Path, broken{}))
	if w.Code != 400 || !strings.Contains(w.Body.String(), `"bad_request"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("reset") }

func TestUnavailable(t *testing.T) {
	h, st, memory := newHandler(t)
	st.Next(faulty.FailBefore)
	w := post(h, Path, `{"message":"a"}`, "")
	if w.Code != 503 || w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), `"unavailable"`) || !strings.Contains(w.Body.String(), "send the same body again") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	st.Next(faulty.None, faulty.FailBefore)
	w = post(h, Path, strings.Repeat("{}\n", 25), "")
	if w.Code != 503 || !strings.Contains(w.Body.String(), "the first 10 records of this body are stored") || len(memory.Records()) != 10 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("{\"message\":\"a\"}\n[1] text\n{}"))
	f.Add([]byte(`[{"a":NaN},"x",[]]`))
	f.Add([]byte("{\n\"msg\":\n1}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		records := 0
		err := each(data, func(raw []byte) bool {
			r := parseOne(raw, record.ParseOptions{Aliases: true})
			records++
			return record.AppendJSON(nil, &r) != nil
		})
		if err == nil && records == 0 && len(bytes.TrimSpace(bytes.Trim(bytes.TrimPrefix(data, []byte("\ufeff")), "[] \r\n\t"))) > 0 {
			t.Errorf("nothing came of %q", data)
		}
		if n, failed := check(data, len(data)+1); (failed == nil) != (err == nil) || n != records {
			t.Errorf("%q has %d records (%v), the check found %d (%v)", data, records, err, n, failed)
		}
	})
}
