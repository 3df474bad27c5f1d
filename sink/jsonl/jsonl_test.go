package jsonl_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/jsonl"
)

// writes notes each Write.
type writes struct {
	parts [][]byte
	err   error
}

func (w *writes) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.parts = append(w.parts, bytes.Clone(p))
	return len(p), nil
}

func batch(n, size int) []record.Record {
	records := make([]record.Record, n)
	for i := range records {
		records[i] = record.Record{Severity: record.SeverityInfo, Message: strings.Repeat("x", size), Attrs: []slog.Attr{slog.Int("n", i)}}
	}
	return records
}

func TestOneWriteABatch(t *testing.T) {
	for _, c := range []struct{ records, size, writes int }{
		{1, 10, 1},
		{500, 100, 1},
		{500, 2000, 4},
		{2, 300 << 10, 2},
	} {
		var w writes
		s := jsonl.New(&w)
		for range 2 { // the buffer is used again
			w.parts = nil
			if err := s.WriteBatch(context.Background(), batch(c.records, c.size)); err != nil {
				t.Fatal(err)
			}
			if len(w.parts) != c.writes {
				t.Errorf("%d records of %d bytes: %d writes, want %d", c.records, c.size, len(w.parts), c.writes)
			}
			n := 0
			for _, p := range w.parts {
				if p[len(p)-1] != '\n' {
					t.Error("a write does not end with its line")
				}
				for _, line := range bytes.Split(bytes.TrimSuffix(p, []byte{'\n'}), []byte{'\n'}) {
					var m struct {
						Metadata struct{ N int }
					}
					if err := json.Unmarshal(line, &m); err != nil || m.Metadata.N != n {
						t.Fatalf("line %d: %v %.80s", n, err, line)
					}
					n++
				}
			}
			if n != c.records {
				t.Errorf("%d lines, want %d", n, c.records)
			}
		}
	}
}

func TestWriteError(t *testing.T) {
	full := errors.New("disk full")
	s := jsonl.New(&writes{err: full})
	if err := s.WriteBatch(context.Background(), batch(1, 1)); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestName(t *testing.T) {
	if got := jsonl.New(&writes{}).SinkName(); got != "json lines" {
		t.Errorf("name %q", got)
	}
	if got := jsonl.New(os.Stdout).SinkName(); got != "json lines /dev/stdout" {
		t.Errorf("name %q", got)
	}
}
