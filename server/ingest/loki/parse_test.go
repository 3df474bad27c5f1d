package loki

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
)

func TestParseLabels(t *testing.T) {
	for text, want := range map[string][]label{
		"":                               nil,
		"{}":                             nil,
		" { } ":                          nil,
		`{a="b"}`:                        {{"a", "b"}},
		`{ a = "b" , c="d",}`:            {{"a", "b"}, {"c", "d"}},
		`{a="b,c=\"d\"}", e="\u00e4\n"}`: {{"a", `b,c="d"}`}, {"e", "ä\n"}},
		"{a=`b\\n`}":                     {{"a", `b\n`}},
		`{"a.b"="c"}`:                    {{"a.b", "c"}},
		`a="b"`:                          {{labelsKept, `a="b"`}},
		`{a="b"`:                         {{labelsKept, `{a="b"`}},
		`{a=b}`:                          {{labelsKept, `{a=b}`}},
		`{a="b" c="d"}`:                  {{labelsKept, `{a="b" c="d"}`}},
		`{a="b"}x`:                       {{labelsKept, `{a="b"}x`}},
	} {
		g := parseLabels(text)
		got, repairs := g.labels, g.repairs
		odd := len(want) == 1 && want[0].name == labelsKept
		if !slices.Equal(got, want) || odd != (len(repairs) == 1) {
			t.Errorf("%s: %q %v", text, got, repairs)
		}
	}
	many := []byte("{")
	for i := range MaxLabels + 1 {
		many = append(many, 'l', byte('0'+i/10), byte('0'+i%10), '=', '"', 'v', '"', ',')
	}
	if g := parseLabels(string(append(many, '}'))); len(g.labels) != MaxLabels+1 || g.labels[MaxLabels].name != labelsKept || len(g.repairs) != 1 {
		t.Errorf("%+v", g)
	}
}

// TestLongLabels shows that long labels cost their stream's first record only.
func TestLongLabels(t *testing.T) {
	long := strings.Repeat("x", MaxLabelBytes)
	for name, c := range map[string]struct {
		contentType string
		data        []byte
	}{
		"JSON":  {typeJSON, []byte(`{"streams":[{"stream":{"a":"` + long + `"},"values":[["1","x"],["2","y"]]}]}`)},
		"proto": {"", snappy.Encode(nil, protoStream(`{a="`+long+`"}`, protoEntry(1, 0, "x"), protoEntry(2, 0, "y")))},
	} {
		d := open(t, 0, gate.Options{})
		if w := d.post(PathPush, c.contentType, "", c.data); w.Code != 204 {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		got := d.memory.Records()
		if _, ok := got[0].Lookup(labelsKept); !ok || len(got) != 2 {
			t.Errorf("%s: %+v", name, got)
		}
		if _, ok := got[1].Lookup(labelsKept); ok {
			t.Errorf("%s: the second record has them as well", name)
		}
		if _, ok := got[1].Lookup(record.AttrRepaired); !ok {
			t.Errorf("%s: the second record does not say so", name)
		}
	}
}

func TestMixerNames(t *testing.T) {
	var m mixer
	for i := range 200 {
		for _, v := range []string{"a", "b", "c"} {
			m.add(slog.String("k"+string(rune('A'+i)), v))
			m.add(slog.String("k"+string(rune('A'+i)), v))
		}
	}
	seen := make(map[string]bool)
	for _, a := range m.all {
		if seen[a.Key] {
			t.Errorf("%s twice", a.Key)
		}
		seen[a.Key] = true
	}
	if !seen["kA"] || !seen["_conflict.kA"] || !seen["_conflict.kA_2"] {
		t.Error("names")
	}
}

// TestFlippedBytes sends every sample with each of its bytes changed.
func TestFlippedBytes(t *testing.T) {
	d := open(t, 0, gate.Options{})
	for name, c := range map[string]struct {
		contentType, encoding string
		data                  []byte
	}{
		"JSON":   {typeJSON, "", read(t, "streams.json")},
		"legacy": {typeJSON, "", read(t, "legacy.json")},
		"gzip":   {typeJSON, "gzip", zipped(t, read(t, "legacy.json"))},
		"proto":  {"application/x-protobuf", "", snappy.Encode(nil, protoSample())},
		"plain":  {"application/x-protobuf", "", protoSample()},
	} {
		for i := range c.data {
			for _, flip := range []byte{0x01, 0x80, 0xff} {
				changed := bytes.Clone(c.data)
				changed[i] ^= flip
				if w := d.post(PathPush, c.contentType, c.encoding, changed); w.Code != 204 && (w.Code < 400 || w.Code > 499) {
					t.Fatalf("%s, byte %d: %d %s", name, i, w.Code, w.Body)
				}
			}
		}
	}
}

// collected receives and makes records as a push does.
type collected struct {
	*pusher
	records []record.Record
}

func (c *collected) add(data []byte, read func([]byte) *entry) error {
	c.records = append(c.records, c.record(read(data)))
	return nil
}

// check parses what may come, and looks at what becomes of it.
func check(t *testing.T, f format, data []byte) {
	to := &collected{pusher: newPusher(nil, "t")}
	data, err := f.check(data)
	if err != nil {
		return
	}
	f.read(data, to)
	for _, limit := range []int{len(to.records), max(len(to.records)-3, 0)} {
		all := counter{limit: limit}
		f.read(data, &all)
		if want := min(limit+1, len(to.records)); all.entries != want {
			t.Fatalf("%d of %d entries are counted, up to one more than %d", all.entries, len(to.records), limit)
		}
	}
	for i := range to.records {
		r := &to.records[i]
		record.Normalize(r)
		out := record.AppendJSON(nil, r)
		if _, _, err := record.ParseJSON(out, record.ParseOptions{}); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, name := range []string{"streams.json", "odd.json", "legacy.json"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) { check(t, format{check: checkJSON, read: readJSON}, data) })
}

func FuzzProto(f *testing.F) {
	f.Add(protoSample())
	f.Add(protoStream(`{a="b"}`, protoEntry(-1, -1, "x"), []byte{}))
	f.Fuzz(func(t *testing.T, data []byte) { check(t, format{check: checkProto, read: readProto}, data) })
}

func FuzzLabels(f *testing.F) {
	f.Add(`{a="b", "c.d"="e\"f",}`)
	f.Fuzz(func(t *testing.T, text string) {
		g := parseLabels(text)
		if n := len(g.labels); len(g.repairs) > 0 && g.first != text && (n == 0 || g.labels[n-1] != label{labelsKept, text}) {
			t.Errorf("%q is lost: %+v", text, g)
		}
	})
}

func BenchmarkPush(b *testing.B) {
	for name, c := range map[string]struct {
		contentType string
		data        []byte
	}{"JSON": {typeJSON, jsonBody(1000)}, "proto": {"", snappy.Encode(nil, protoBody(1000))}} {
		b.Run(name, func(b *testing.B) {
			f := format{check: checkJSON, read: readJSON}
			data := c.data
			if c.contentType == "" {
				f = format{check: checkProto, read: readProto}
				data = protoBody(1000)
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				data, err := f.check(data)
				if err != nil {
					b.Fatal(err)
				}
				to := &collected{pusher: newPusher(nil, ""), records: make([]record.Record, 0, 1000)}
				f.read(data, to)
			}
		})
	}
}
