package weir_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"testing"
	"testing/slogtest"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/jsonl"
)

// TestSlogConformance runs slog's own suite. A record's JSON is Weir's projection,
// so the names are mapped: created_at, level and message are slog's three, and what
// is in metadata stands beside them in slog.
func TestSlogConformance(t *testing.T) {
	var out bytes.Buffer
	var h *weir.Handler
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		h = weir.NewHandler("app", weir.WithSink(jsonl.New(&out)), weir.WithErrorOutput(io.Discard))
		return h
	}, func(t *testing.T) map[string]any {
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(out.Bytes(), &m); err != nil {
			t.Fatalf("%v in %s", err, out.Bytes())
		}
		if metadata, ok := m["metadata"].(map[string]any); ok {
			for k, v := range metadata {
				m[k] = v
			}
			delete(m, "metadata")
		}
		for ours, theirs := range map[string]string{"created_at": slog.TimeKey, "message": slog.MessageKey} {
			if v, ok := m[ours]; ok {
				m[theirs] = v
				delete(m, ours)
			}
		}
		return m
	})
}
