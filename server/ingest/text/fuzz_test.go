package text

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
)

// piece is a record and the bytes that it was made of.
type piece struct {
	raw    string
	record record.Record
}

// pieces reads data in chunks of the given sizes, over and over.
func pieces(t *testing.T, data, sizes []byte, opts Options) []piece {
	opts.MaxBatch = 1
	var s *Stream
	var all []piece
	at := int64(0)
	s = NewStream(opts, func(batch []record.Record) error {
		all = append(all, piece{string(data[at:s.Settled()]), batch[0]})
		at = s.Settled()
		return nil
	})
	for i, rest := 0, data; len(rest) > 0; i++ {
		n := len(rest)
		if len(sizes) > 0 {
			n = min(n, int(sizes[i%len(sizes)])+1)
		}
		if err := s.Feed(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	if s.Waiting() || s.Partial() {
		t.Error("something still waits")
	}
	return all
}

// plainLines are the lines of a piece without their endings.
func plainLines(raw string) []string {
	text, ended := strings.CutSuffix(raw, "\n")
	out := strings.Split(text, "\n")
	for i := range out {
		if ended || i < len(out)-1 {
			out[i] = strings.TrimSuffix(out[i], "\r")
		}
	}
	return out
}

// accounts reports whether every line of a piece is in its record: as text, behind
// what was read from the first line, or understood as JSON or logfmt.
func accounts(p piece) bool {
	in := plainLines(p.raw)
	whole := strings.Join(in, "\n")
	message, trace := p.record.Message, textAttr(&p.record, "stack_trace")
	if trace == whole || message == whole {
		return true
	}
	if strings.HasPrefix(strings.TrimSpace(whole), "{") {
		_, _, err := record.ParseJSON([]byte(strings.TrimSpace(whole)), record.ParseOptions{})
		return err == nil
	}
	text := message
	if trace != "" {
		text += "\n" + trace
	}
	if strings.HasSuffix(whole, text) {
		return strings.Count(whole[:len(whole)-len(text)], "\n") == 0
	}
	if _, ok := splitPairs(nil, in[0]); !ok {
		return false
	}
	return len(in) == 1 || strings.HasSuffix(text, "\n"+strings.Join(in[1:], "\n"))
}

func describeAll(all []piece) string {
	var b strings.Builder
	for i := range all {
		describe(&b, &all[i].record)
	}
	return b.String()
}

func FuzzStream(f *testing.F) {
	for _, file := range samples(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, []byte{40, 3, 200}, 40, 5, 900)
		f.Add(data, []byte{40, 3, 200}, 1000, 900, 60)
		f.Add(data, []byte{255}, 1000, 1000, 1000)
	}
	f.Add([]byte("2024-05-06T07:08:09Z INFO x\r\n\x1b[31m[E]\x1b[0m\n"), []byte{0}, 8, 2, 900)
	f.Add([]byte("Dec 10 06:55:46 h p[1]: m\n[Sun Dec 04 04:47:44 2005] [a:error] [pid 1] x"), []byte{1}, 1000, 3, 900)
	f.Add([]byte("level=info msg=\"\\u00ff\" a=1 a=2\n{\"msg\":1}\n"), []byte{7}, 1000, 3, 900)
	f.Add([]byte("/a.js:1\n/b.js:2\nx\n^\n\n\nError: x\n{\n \"a\":\"}\n}\n"), []byte{7}, 1000, 100, 900)
	f.Add([]byte("java.lang.Error: x\n  detail\n"+strings.Repeat("\n", 20)+"\tat a.b(C.java:1)\n"), []byte{7}, 1000, 22, 900)
	f.Add([]byte("TypeError: x\n  "+strings.Repeat("d", 40)+"\n\n    at f (/srv/a.js:1:2)\n"), []byte{7}, 1000, 900, 70)
	f.Add([]byte("INFO response:\n{\n  \"a\": [\n\n    {\"msg\":\"x\"}\n  ]\n}\nINFO b =\n[\n{\"a\":1}\nx\n"), []byte{9}, 1000, 900, 900)
	f.Add([]byte("WARN a\nTimeoutError: x\n  more\n\n  2024-05-06T07:08:09Z ERROR [a] b.c: d\n1 %\r2 %\r"), []byte{3}, 8, 900, 900)
	f.Fuzz(func(t *testing.T, data, sizes []byte, maxLine, joinLines, joinBytes int) {
		opts := testOptions()
		opts.MaxLine = max(8, maxLine%2000)
		opts.MaxJoinLines = max(1, joinLines%100)
		opts.MaxJoinBytes = max(1, joinBytes%2000)
		opts.Counts = &Counts{}
		split := pieces(t, data, sizes, opts)
		raw := ""
		for i, p := range split {
			raw += p.raw
			if i == 0 {
				p.raw = strings.TrimPrefix(p.raw, "\ufeff")
			}
			if !accounts(p) {
				t.Errorf("%q became %+v", p.raw, p.record)
			}
			if p.record.SourceID == "test" && p.record.Seq != uint64(i+1) {
				t.Errorf("record %d has number %d", i+1, p.record.Seq)
			}
		}
		if rest := strings.TrimPrefix(string(data), raw); rest != "" && rest != "\n" && rest != "\r\n" {
			t.Errorf("%q belongs to no record", rest)
		}
		lines := bytes.Count(data, []byte("\n"))
		if len(data) > 0 && data[len(data)-1] != '\n' {
			lines++
		}
		if n := opts.Counts.Lines.Load(); n != uint64(lines) || opts.Counts.Records.Load() != uint64(len(split)) {
			t.Errorf("counted %d of %d lines, %d of %d records", n, lines, opts.Counts.Records.Load(), len(split))
		}
		whole := pieces(t, data, nil, opts)
		if a, b := describeAll(split), describeAll(whole); a != b {
			t.Errorf("in chunks:\n%s\nwhole:\n%s", a, b)
		}
	})
}
