package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"testing"
)

// TestSameWork: what is compared writes one JSON object a call, with the same
// attributes.
func TestSameWork(t *testing.T) {
	want := map[string][]string{
		"message": {},
		"three":   {"ms", "n", "path"},
		"ten":     {"bytes", "cached", "err", "id", "method", "ms", "n", "path", "status", "took"},
	}
	for _, s := range subjects() {
		for _, source := range []bool{false, true} {
			for load, keys := range want {
				var out bytes.Buffer
				in := s.open(&out, source)
				call := map[string]func(int){"message": in.message, "three": in.three, "ten": in.ten}[load]
				call(7)
				in.disabled(7)
				in.settle()
				in.close()
				lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte{'\n'})
				if len(lines) != 1 {
					t.Fatalf("%s: %d lines for one call: %s", s.name, len(lines), out.Bytes())
				}
				var m map[string]any
				if err := json.Unmarshal(lines[0], &m); err != nil {
					t.Fatalf("%s: %v in %s", s.name, err, lines[0])
				}
				if metadata, ok := m["metadata"].(map[string]any); ok {
					for k, v := range metadata {
						m[k] = v
					}
				}
				for _, k := range keys {
					if k == "path" || k == "method" {
						continue // fields of Weir's own, at the top
					}
					if _, ok := m[k]; !ok {
						t.Errorf("%s: no %s in %s", s.name, k, lines[0])
					}
				}
				if !slices.Contains([]any{m["message"], m["msg"]}, any(message)) {
					t.Errorf("%s: no message in %s", s.name, lines[0])
				}
			}
		}
	}
}

func TestMeasurementsRun(t *testing.T) {
	const scale = 0.01
	dir := t.TempDir()
	if err := compareCalls(io.Discard, dir, true, scale); err != nil {
		t.Error(err)
	}
	if err := compareLatency(io.Discard, dir, false, scale); err != nil {
		t.Error(err)
	}
	if err := compareThroughput(io.Discard, dir, scale); err != nil {
		t.Error(err)
	}
}
