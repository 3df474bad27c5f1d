package record_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/record/recordtest"
)

// checkNormal checks all that must hold for a normalized record.
func checkNormal(t *testing.T, r *record.Record) {
	t.Helper()
	text := record.AppendJSON(nil, r)
	if !json.Valid(text) || !utf8.Valid(text) || bytes.Contains(text, []byte(`\u0000`)) {
		t.Fatalf("not clean JSON: %q", text)
	}
	again := *r
	if repairs := record.Normalize(&again); repairs != nil {
		t.Fatalf("normalized twice: %v\n%s", repairs, text)
	}
	if !recordtest.Same(r, &again) {
		t.Fatalf("not idempotent:\n%s\n%s", text, record.AppendJSON(nil, &again))
	}
	parsed, repairs, err := record.ParseJSON(text, record.ParseOptions{})
	if err != nil || repairs != nil {
		t.Fatalf("parse: %v %v\n%s", err, repairs, text)
	}
	if repairs := record.Normalize(&parsed); repairs != nil {
		t.Fatalf("parsed and normalized: %v\n%s", repairs, text)
	}
	if got := record.AppendJSON(nil, &parsed); !bytes.Equal(got, text) {
		t.Fatalf("parsed:\n%s\n%s", text, got)
	}
	var row record.Row
	r.Row(&row)
	back := record.FromRow(&row)
	if got := record.AppendJSON(nil, &back); !bytes.Equal(got, text) {
		t.Fatalf("from its row:\n%s\n%s", text, got)
	}
}

func TestRandomRecordsRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		r := recordtest.Random(rng)
		raw := record.AppendJSON(nil, &r)
		if !json.Valid(raw) {
			t.Fatalf("not JSON: %q", raw)
		}
		before := r.Clone()
		n := r
		record.Normalize(&n)
		if !recordtest.Same(&before, &r) {
			t.Fatalf("Normalize changed the attributes it was given:\n%s\n%s", record.AppendJSON(nil, &before), record.AppendJSON(nil, &r))
		}
		checkNormal(t, &n)
	}
}

func TestMarkRepairedStaysNormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		r := recordtest.Random(rng)
		repairs := record.Normalize(&r)
		record.MarkRepaired(&r, append(repairs, record.Repair{Field: "x\xff", Reason: "test"}))
		checkNormal(t, &r)
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{
		`{"message":"hello","level":"warn","metadata":{"a":[1,{"b":null}],"c":{}}}`,
		`{"level":30,"time":1700000000000,"msg":"x","err":{"type":"T","stack":"s"},"hostname":"h","pid":1}`,
		`{"time":"2026-01-02T03:04:05.123456789+01:00","level":"INFO+2","msg":"x","source":{"function":"f","file":"a.go","line":3}}`,
		`{"a":NaN,"b":-Infinity,"c":1e400,"d":"\ud800","e":"\ud83d\ude00","a":2}`,
		`{"@timestamp":"2026-01-02T03:04:05Z","log":{"level":"error","logger":"x","origin":{"file":{"name":"a","line":1}}},"trace":{"id":"t"}}`,
		`{"version":"1.1","host":"h","short_message":"m","level":2,"_x":1}`,
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, aliases bool) {
		kept := bytes.Clone(data)
		r, _, err := record.ParseJSON(data, record.ParseOptions{Aliases: aliases})
		if !bytes.Equal(kept, data) {
			t.Fatal("ParseJSON changed its input")
		}
		if err != nil {
			if json.Valid(data) && len(bytes.TrimSpace(data)) > 0 && bytes.TrimSpace(data)[0] == '{' {
				t.Fatalf("refused valid JSON: %v", err)
			}
			return
		}
		clear(data) // must not be retained
		record.Normalize(&r)
		checkNormal(t, &r)
	})
}

func FuzzNormalize(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		r := recordtest.Random(rand.New(rand.NewPCG(a, b)))
		record.Normalize(&r)
		checkNormal(t, &r)
	})
}
