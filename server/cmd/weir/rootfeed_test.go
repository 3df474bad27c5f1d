package main

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// untilSaid waits until a text is in what seen returns, such as p.output.
func untilSaid(t *testing.T, seen func() string, text string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(seen(), text); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%q was not said, but\n%s", text, seen())
		}
	}
}

// kept returns what a directory has.
func kept(t *testing.T, data, query string) []map[string]any {
	t.Helper()
	p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	defer p.stop(syscall.SIGTERM)
	return p.records(query)
}

func attribute(r map[string]any, name string) any {
	metadata, _ := r["metadata"].(map[string]any)
	return metadata[name]
}
