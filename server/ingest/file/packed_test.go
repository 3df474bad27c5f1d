package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/text"
)

// TestPackedWhileReading: what is compressed while it is read is not read twice, and
// what it was compressed to is known for it when the file is gone.
func TestPackedWhileReading(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "app.log")
	const lines = 20_000
	content := join(numbers(0, lines))
	write(t, log, content)
	slow := make(chan struct{})
	r := startWith(t, dir, Options{Patterns: []string{"app.log*"}, FromStart: true}, func(ctx context.Context, _ string, _ []record.Record) error {
		select {
		case <-slow:
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	slow <- struct{}{}
	must(t, os.Rename(log, log+".1"))
	write(t, log, "NEW\n")
	must(t, os.WriteFile(log+".1.gz", zipped(t, content), 0o644))
	must(t, os.Remove(log+".1"))
	r.until("the compressed one is looked at", func() bool { return r.counts.Opened.Load() >= 2 })
	close(slow)
	r.until("all", func() bool { return len(r.got()) >= lines+1 })
	r.until("the new one alone is open", func() bool { return r.counts.Opened.Load() >= 3 && r.counts.Open.Load() == 1 })
	if got := r.got(); !slices.Equal(got[:lines], numbers(0, lines)) || len(got) != lines+1 {
		t.Errorf("%d lines: %v", len(got), r.paths)
	}
	// One with other text is read.
	must(t, os.WriteFile(log+".2.gz", zipped(t, join(numbers(0, 100))+"other\n"), 0o644))
	r.until("the other", func() bool { return len(r.got()) == lines+1+101 })
}

// TestPackedInTheMaking: a file that is still being compressed is waited for.
func TestPackedInTheMaking(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "app.log")
	var content strings.Builder
	for n := range 3000 { // does not compress well
		fmt.Fprintf(&content, "%x\n", markOf([]byte(fmt.Sprint(n))).Sum)
	}
	write(t, log, content.String())
	r := start(t, dir, Options{Patterns: []string{"app.log*"}, FromStart: true})
	r.until("all", func() bool { return len(r.got()) == 3000 })
	must(t, os.Rename(log, log+".1"))
	z := zipped(t, content.String())
	must(t, os.WriteFile(log+".1.gz", z[:len(z)/2], 0o644))
	r.until("it is looked at", func() bool { return r.counts.Opened.Load() == 2 })
	write(t, log+".1.gz", string(z[len(z)/2:]))
	must(t, os.Remove(log+".1"))
	r.until("all are closed", func() bool { return r.counts.Open.Load() == 0 })
	if n := len(r.got()); n != 3000 {
		t.Errorf("%d lines", n)
	}
}

// TestPackedStops: finding the place in a large text ends with the context.
func TestPackedStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gz")
	must(t, os.WriteFile(path, zipped(t, strings.Repeat("line\n", 1_000_000)), 0o644))
	file, err := os.Open(path)
	must(t, err)
	defer file.Close()
	ps, err := loadPlaces("", time.Now)
	must(t, err)
	f := &follower{opts: Options{Text: func(string) text.Options { return text.Options{} }}.withDefaults(), places: ps}
	tl := &tailer{f: f, file: file, path: path, packed: true, offset: 4_000_000}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tl.begin(ctx)
	if err := tl.readGzip(ctx); !errors.Is(err, context.Canceled) || tl.offset > 1<<20 {
		t.Errorf("%v at %d", err, tl.offset)
	}
	if _, complete := tl.verify(ctx, []original{{place: place{Offset: 4_000_000}}}); complete {
		t.Error("read to the end")
	}
}
