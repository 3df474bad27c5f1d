package file_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/file"
)

// told collects what a logger tells.
type told struct {
	mu   sync.Mutex
	text bytes.Buffer
	errs []*weir.Error
}

func (c *told) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(p)
}

func (c *told) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

func (c *told) take(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var e *weir.Error
	if !errors.As(err, &e) {
		e = &weir.Error{Message: "no *weir.Error: " + err.Error()}
	}
	c.errs = append(c.errs, e)
}

func (c *told) all() []*weir.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*weir.Error(nil), c.errs...)
}

// unrotatable makes a rotation of the file fail: its backup's name is that of a directory.
func unrotatable(t *testing.T, path string) {
	t.Helper()
	mustDo(t, os.MkdirAll(path+".0001/in the way", 0o755))
}

// TestRotationFailureIsReported: it costs no records, so WriteBatch does not return it; the
// logger's diagnostics get it, unless the option says who else.
func TestRotationFailureIsReported(t *testing.T) {
	for _, own := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "app.log")
		unrotatable(t, path)
		var logger, option told
		o := file.Options{MaxSize: 8}
		if own {
			o.OnError = option.take
		}
		l := weir.New("app", weir.WithDiagnostics(logger.take), weir.WithErrorOutput(&logger), weir.WithSink(opened(t, path, o)))
		l.Info("one")
		l.Info("two")
		l.Info("three")
		mustDo(t, l.Close())
		mustBe(t, path, "one\ntwo\nthree\n")
		got, none := logger.all(), option.all()
		if own {
			got, none = none, got
		}
		if len(got) != 1 || len(none) != 0 {
			t.Fatalf("own %v: the logger has %v, the option %v", own, logger.all(), option.all())
		}
		if e := got[0]; e.Code() != "SINK::FileSink::IO::ERROR::RECOVERABLE" || !strings.HasPrefix(e.Message, "Failed to rotate the file at path") || e.Context["path"] == nil {
			t.Errorf("%s %+v", e.Code(), e)
		}
	}
}

// TestCompressionFailureIsReported: it happens in the background.
func TestCompressionFailureIsReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	var logger told
	sink := opened(t, path, file.Options{MaxSize: 8, Compress: true})
	l := weir.New("app", weir.WithDiagnostics(logger.take), weir.WithErrorOutput(&logger), weir.WithSink(sink))
	l.Info("one")
	mustDo(t, l.Flush(t.Context()))
	mustDo(t, os.MkdirAll(path+".gz.tmp/in the way", 0o755)) // where it is written
	l.Info("two")
	l.Info("three")
	mustDo(t, l.Close())
	all := logger.all()
	if len(all) != 1 || !strings.HasPrefix(all[0].Message, "Failed to compress") || all[0].Code() != "SINK::FileSink::IO::ERROR::RECOVERABLE" {
		t.Errorf("reported %v", all)
	}
}

// TestFileWorksAgain: the end of a trouble is told, with what it cost; both with the name that
// the sink gives itself.
func TestFileWorksAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "logs", "app.log")
	mustDo(t, os.WriteFile(filepath.Join(dir, "logs"), nil, 0o600)) // in the directory's place
	c := newClock()
	var logger told
	sink := opened(t, path, file.Options{Clock: c.now})
	if sink.SinkName() != "file "+path {
		t.Errorf("name %q", sink.SinkName())
	}
	l := weir.New("app", weir.WithDiagnostics(logger.take), weir.WithErrorOutput(&logger), weir.WithSink(sink))
	for range 3 {
		l.Info("lost")
		if err := l.Flush(t.Context()); err == nil {
			t.Error("Flush has no error")
		}
	}
	mustDo(t, os.Remove(filepath.Join(dir, "logs")))
	c.add(5 * time.Second)
	l.Info("kept")
	mustDo(t, l.Flush(t.Context()))
	mustDo(t, l.Close())
	mustBe(t, path, "kept\n")
	if all := logger.all(); len(all) != 1 || !strings.HasPrefix(all[0].Error(), "sink file "+path+": 1 record did not reach it: Failed to open") {
		t.Errorf("reported %v", all)
	}
	if got, want := logger.String(), "weir: sink file "+path+" works again; 3 records did not reach it\n"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

// TestSharedFileReportsOnce: the first logger that has the file hears of its trouble.
func TestSharedFileReportsOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	unrotatable(t, path)
	var first, second told
	one, two := opened(t, path, file.Options{MaxSize: 8}), opened(t, path, file.Options{MaxSize: 8})
	a := weir.New("a", weir.WithDiagnostics(first.take), weir.WithErrorOutput(&first), weir.WithSink(one))
	b := weir.New("b", weir.WithDiagnostics(second.take), weir.WithErrorOutput(&second), weir.WithSink(two))
	for _, l := range []*weir.Logger{b, a} {
		l.Info("one")
		l.Info("two")
		l.Info("three")
		mustDo(t, l.Close())
	}
	if len(first.all()) != 1 || len(second.all()) != 0 {
		t.Errorf("the first has %v, the second %v", first.all(), second.all())
	}
}
