package loki

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"

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

const typeJSON = "application/json"

func (d *door) post(path, contentType, encoding string, data []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(data))
	r.Header.Set("Content-Type", contentType)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
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

func TestJSON(t *testing.T) {
	for _, name := range []string{"streams", "odd", "legacy"} {
		t.Run(name, func(t *testing.T) {
			data := read(t, name+".json")
			d := open(t, 0, gate.Options{})
			if w := d.post(PathPush, typeJSON+"; charset=utf-8", "", data, tenantHeader, "team-a"); w.Code != 204 || w.Body.Len() != 0 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			want := wire(d.memory.Records())
			golden(t, name+".golden", want)

			d = open(t, 0, gate.Options{})
			if w := d.post(PathLegacyPush, typeJSON, "GZIP", zipped(t, data), tenantHeader, "team-a"); w.Code != 204 {
				t.Fatalf("gzip: %d %s", w.Code, w.Body)
			}
			if got := wire(d.memory.Records()); !bytes.Equal(got, want) {
				t.Errorf("gzip and the old path: %s", got)
			}
		})
	}
}

func TestProto(t *testing.T) {
	data := snappy.Encode(nil, protoSample())
	d := open(t, 0, gate.Options{})
	if w := d.post(PathPush, "application/x-protobuf", "snappy", data); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	want := wire(d.memory.Records())
	golden(t, "proto.golden", want)
	for _, c := range [][2]string{{"", ""}, {"application/octet-stream", ""}} {
		d = open(t, 0, gate.Options{})
		if w := d.post(PathLegacyPush, c[0], c[1], data); w.Code != 204 || !bytes.Equal(wire(d.memory.Records()), want) {
			t.Errorf("%q: %d %s", c, w.Code, w.Body)
		}
	}
}

func TestNothing(t *testing.T) {
	d := open(t, 0, gate.Options{})
	for _, c := range []struct{ contentType, data string }{
		{typeJSON, `{"streams":[]}`},
		{typeJSON, `{"streams":[{"stream":{"a":"b"},"values":[]}]}`},
		{"", string(snappy.Encode(nil, nil))},
	} {
		if w := d.post(PathPush, c.contentType, "", []byte(c.data)); w.Code != 204 || len(d.memory.Records()) != 0 {
			t.Errorf("%q: %d %s", c.data, w.Code, w.Body)
		}
	}
}

func TestRefusals(t *testing.T) {
	limits := gate.Options{Body: body.Limits{Sent: 100_000, Unpacked: 200_000}}
	for name, c := range map[string]struct {
		contentType, encoding string
		body                  []byte
		status                int
		says                  string
	}{
		"no JSON":           {typeJSON, "", []byte("{"), 400, "nothing of this body was stored"},
		"no object":         {typeJSON, "", []byte("[]"), 400, "object"},
		"no streams":        {typeJSON, "", []byte("{}"), 400, `no array "streams"`},
		"streams of text":   {typeJSON, "", []byte(`{"streams":"x"}`), 400, `no array "streams"`},
		"JSON as snappy":    {typeJSON, "snappy", []byte("{}"), 400, "snappy"},
		"unknown encoding":  {typeJSON, "br", []byte("{}"), 400, `"br"`},
		"not gzip":          {typeJSON, "gzip", []byte("{}"), 400, "not gzip"},
		"too large":         {typeJSON, "", make([]byte, 100_001), 413, "larger than 100000"},
		"a bomb":            {typeJSON, "gzip", zipped(t, make([]byte, 200_001)), 413, "after unpacking"},
		"not snappy":        {"application/x-protobuf", "", []byte("\xff\xff\xff\xff\xff"), 400, "send JSON with Content-Type application/json"},
		"a snappy bomb":     {"", "", snappy.Encode(nil, make([]byte, 200_001)), 413, "after unpacking"},
		"not protobuf":      {"", "", snappy.Encode(nil, []byte(`{"streams":[]}`)), 400, "not a logproto.PushRequest"},
		"proto as gzip":     {"application/x-protobuf", "gzip", zipped(t, nil), 400, "packed with snappy"},
		"bad Content-Type":  {"application/json; =", "", []byte("{}"), 415, "Content-Type"},
		"nothing, as proto": {"", "", nil, 400, "not snappy"},
	} {
		d := open(t, 0, limits)
		w := d.post(PathPush, c.contentType, c.encoding, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") || w.Header().Get("Retry-After") != "" {
			t.Errorf("%s: %d %v %s", name, w.Code, w.Header(), w.Body)
		}
		if len(d.memory.Records()) != 0 {
			t.Errorf("%s: something was stored", name)
		}
	}
}

func TestMethodsAndQuestions(t *testing.T) {
	d := open(t, 0, gate.Options{})
	ask := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	if w := ask(http.MethodGet, PathPush); w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := ask(http.MethodPost, PathReady); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := ask(http.MethodGet, PathReady); w.Code != 200 || w.Body.String() != "ready\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(http.MethodGet, PathBuildInfo); w.Code != 200 || !strings.Contains(w.Body.String(), `"version":"3.`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	d.ready = func() error { return errors.New("the disk is full") }
	if w := ask(http.MethodGet, PathReady); w.Code != 503 || w.Body.String() != "not ready: the disk is full\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	r := httptest.NewRequest(http.MethodPost, PathPush, strings.NewReader(`{"streams":[]}`))
	r.Header.Set("Origin", "https://evil.example")
	w := httptest.NewRecorder()
	if d.ServeHTTP(w, r); w.Code != 403 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	mux := http.NewServeMux()
	for _, pattern := range Patterns() {
		mux.Handle(pattern, d)
	}
}
