package elastic

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
)

// TestFlippedBytes sends the sample with each of its bytes changed.
func TestFlippedBytes(t *testing.T) {
	d := open(t, 0, gate.Options{})
	plain := read(t, "filebeat.ndjson")
	for name, c := range map[string]struct {
		data    []byte
		headers []string
	}{
		"plain": {plain, nil},
		"gzip":  {zipped(t, plain), []string{"Content-Encoding", "gzip"}},
	} {
		for i := range c.data {
			for _, flip := range []byte{0x01, 0x80} {
				changed := bytes.Clone(c.data)
				changed[i] ^= flip
				if w := d.post("/_bulk", changed, c.headers...); w.Code != 200 && (w.Code < 400 || w.Code > 499) || !json.Valid(w.Body.Bytes()) {
					t.Fatalf("%s, byte %d: %d %s", name, i, w.Code, w.Body)
				}
			}
		}
	}
}

func FuzzBulk(f *testing.F) {
	f.Add(read(f, "filebeat.ndjson"), "errors,items.*.error")
	f.Add(bulkBody(2), "**")
	f.Add([]byte("{\"index\":{}}"), "-took")
	f.Add([]byte("{\"index\":{}}\n{}"), strings.Repeat("**.", 100_000))
	f.Fuzz(func(t *testing.T, data []byte, paths string) {
		have, err := count(data)
		if err != nil {
			return
		}
		reader, documents := newReader(), 0
		for all := (actions{data: data}); all.next(); {
			if !all.now.op.stores() || all.now.document == nil {
				continue
			}
			documents++
			r := reader.record(&all.now, "index")
			record.Normalize(&r)
			out := record.AppendJSON(nil, &r)
			if _, _, err := record.ParseJSON(out, record.ParseOptions{}); err != nil {
				t.Fatalf("%q: %v", out, err)
			}
		}
		if documents != have.documents {
			t.Fatalf("%d documents, %d were counted", documents, have.documents)
		}
		r := httptest.NewRequest("POST", "/_bulk", nil)
		q := r.URL.Query()
		q.Set("filter_path", paths)
		r.URL.RawQuery = q.Encode()
		w := httptest.NewRecorder()
		answer := bulkAnswer{filter: filterOf(r), stored: documents / 2, why: &gate.Refusal{Status: 503, RetryAfter: 1}}
		answer.write(w, data)
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%q is answered %s", data, w.Body)
		}
	})
}

func FuzzTarget(f *testing.F) {
	f.Add("/logs/_doc/1")
	f.Add("/elasticsearch/%3Clogs-%7Bnow%2Fd%7D%3E/_bulk")
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest("POST", "/", nil)
		r.URL.Path = "/" + path
		h := Handler{}
		at := parseTarget(r)
		if h.Owns(r) && at.kind == targetDocument && at.index == "" {
			t.Errorf("%q: %+v", path, at)
		}
	})
}

func BenchmarkBulk(b *testing.B) {
	data := bulkBody(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := count(data); err != nil {
			b.Fatal(err)
		}
		reader := newReader()
		batch := make([]record.Record, 0, 1000)
		for all := (actions{data: data}); all.next(); {
			batch = append(batch, reader.record(&all.now, ""))
		}
		answer := bulkAnswer{stored: len(batch)}
		answer.write(httptest.NewRecorder(), data)
	}
}
