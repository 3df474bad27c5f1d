package file_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/file"
)

// messages is a format whose text is the message and a line end.
type messages struct{}

func (messages) Append(b []byte, r *record.Record) []byte {
	return append(append(b, r.Message...), '\n')
}

// clock stands until it is moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func newClock() *clock { return &clock{t: noon} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// opened returns a sink of messages in UTC that is closed at the test's end.
func opened(t testing.TB, path string, o file.Options) *file.Sink {
	t.Helper()
	if o.Format == nil {
		o.Format = messages{}
	}
	o.Location = time.UTC
	s, err := file.New(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func batchOf(texts ...string) []record.Record {
	batch := make([]record.Record, len(texts))
	for i, text := range texts {
		batch[i] = record.Record{Severity: record.SeverityInfo, Message: text}
	}
	return batch
}

func write(t testing.TB, s *file.Sink, texts ...string) {
	t.Helper()
	if err := s.WriteBatch(context.Background(), batchOf(texts...)); err != nil {
		t.Fatal(err)
	}
}

func closed(t testing.TB, s *file.Sink) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// content reads a file, also a compressed one.
func content(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if b, err = io.ReadAll(z); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return string(b)
}

func mustBe(t testing.TB, path, want string) {
	t.Helper()
	if got := content(t, path); got != want {
		t.Errorf("%s has %q, want %q", filepath.Base(path), got, want)
	}
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func mustHave(t testing.TB, dir string, want ...string) {
	t.Helper()
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

var backupName = regexp.MustCompile(`^\.\d{4,5}(\.gz)?$`)

// inOrder returns the files of a path, oldest first.
func inOrder(t testing.TB, path string) []string {
	t.Helper()
	var all []string
	for _, name := range names(t, filepath.Dir(path)) {
		if backupName.MatchString(strings.TrimPrefix(name, filepath.Base(path))) {
			all = append(all, filepath.Join(filepath.Dir(path), name))
		}
	}
	slices.Reverse(all)
	if _, err := os.Stat(path); err == nil {
		all = append(all, path)
	}
	return all
}

func mustDo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// changed sets when a file was changed last.
func changed(t testing.TB, path string, at time.Time) {
	t.Helper()
	mustDo(t, os.Chtimes(path, at, at))
}

// mustFail checks the error of a batch and returns what it tells people to do.
func mustFail(t testing.TB, err error, message string, lost int) (hint string) {
	t.Helper()
	var e *weir.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a *weir.Error", err)
	}
	if !strings.HasPrefix(e.Message, message) {
		t.Errorf("message %q, want %q", e.Message, message)
	}
	if code := "SINK::FileSink::IO::ERROR::RECOVERABLE"; e.Code() != code {
		t.Errorf("code %s, want %s", e.Code(), code)
	}
	if got := fmt.Sprint(e.Context["records_lost"]); got != fmt.Sprint(lost) {
		t.Errorf("%s records lost, want %d", got, lost)
	}
	if e.Context["path"] == "" {
		t.Error("no path in the context")
	}
	return e.UserMessage
}
