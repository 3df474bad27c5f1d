package config_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/record"
)

// C28, the first of ko-log's reproducible errors: a logger that the configuration does
// not have. Its text, its code, and the long form with the context.
func TestConfigurationErrorC28(t *testing.T) {
	cfg := parse(t, `{"console": false, "loggers": {"existent": {"level": "info"}}}`)
	log, err := cfg.New("app")
	if err != nil {
		t.Fatal(err)
	}
	defer closeLog(t, log)
	_, err = cfg.Logger(log, "non_existent")
	var e *weir.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	if e.Message != "logger `non_existent` not found in configuration" || e.Code() != "CONFIGURATION::Config::VALIDATION::ERROR" || e.Recoverable {
		t.Errorf("message %q, code %s, recoverable %v", e.Message, e.Code(), e.Recoverable)
	}
	const short = "logger `non_existent` not found in configuration (did you mean existent?)"
	for verb, want := range map[string]string{
		"%v": short, "%s": short, "%q": fmt.Sprintf("%q", short), "%.6s": "logger",
		"%+v": short + "\n>> CONFIGURATION::Config::VALIDATION::ERROR:\n{\n  \"file\": \"weir.json\",\n  \"logger\": \"non_existent\"\n}",
	} {
		if got := fmt.Sprintf(verb, err); got != want {
			t.Errorf("%s writes\n%s\nwant\n%s", verb, got, want)
		}
	}
	if l, err := cfg.Logger(log, "existent"); err != nil || l.Name() != "existent" {
		t.Errorf("a logger that is there: %v, %v", l, err)
	}
}

func TestErrorWithoutContextAndWithOddValues(t *testing.T) {
	e := &weir.Error{Layer: weir.LayerDispatch, Service: "Queue", Category: weir.CategoryRouting, Severity: weir.SeverityWarning, Recoverable: true, Message: "full", Err: io.EOF}
	if got, want := fmt.Sprintf("%+v", e), "full: EOF\n>> DISPATCH::Queue::ROUTING::WARNING::RECOVERABLE"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	e.Context = map[string]any{"f": func() {}, "tag": "<b>"}
	if got := fmt.Sprintf("%+v", e); !strings.Contains(got, `"tag": "<b>"`) || !strings.Contains(got, `"f": "0x`) {
		t.Errorf("%q", got)
	}
}

// collector is a func for Options.Diagnostics that keeps the errors.
type collector struct {
	mu  sync.Mutex
	got []error
}

func (c *collector) take(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, err)
}

func (c *collector) find(layer string) *weir.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, err := range c.got {
		var e *weir.Error
		if errors.As(err, &e) && e.Layer == layer {
			return e
		}
	}
	return nil
}

// C28, the second: a file that cannot be opened. Nobody but Diagnostics and Flush
// hears of it, and its fallback has the record.
func TestSinkErrorC28(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	sinks := keep{}
	o := sinks.options("LOG", path)
	o.NoFile = true
	const file = `{"sinks": {"app": {"type": "file", "path": "$LOG", "fallback": "spare"}, "spare": {"type": "keep"}}}`
	cfg, err := config.Parse([]byte(file), "weir.json", o)
	if err != nil {
		t.Fatal(err)
	}
	var told collector
	log, err := cfg.New("app", func(o *weir.Options) { o.Diagnostics = told.take })
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o755); err != nil { // in the file's place
		t.Fatal(err)
	}
	log.Info("Test message")
	flushed := log.Flush(t.Context())
	_ = log.Close() // the same failure once more
	for name, err := range map[string]error{"Flush": flushed, "Diagnostics": told.find(weir.LayerSink)} {
		var e *weir.Error
		if !errors.As(err, &e) || e == nil {
			t.Errorf("%s has %v", name, err)
			continue
		}
		if !strings.HasPrefix(e.Code(), "SINK::") || !strings.Contains(e.Code(), "::IO::ERROR") || !e.Recoverable || !strings.Contains(e.Error(), path) {
			t.Errorf("%s has %s: %v", name, e.Code(), e)
		}
	}
	if got := sinks["log.sinks.spare"].messages(); len(got) != 1 {
		t.Errorf("the fallback has %q", got)
	}
}

// C28, the third: creating a logger fails for a processor that is unknown.
func TestProcessorErrorC28(t *testing.T) {
	file := filepath.Join(t.TempDir(), "weir.json")
	if err := os.WriteFile(file, []byte(`{"processors": [{"type": "unknown_processor"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.New("app", config.Options{File: file, LookupEnv: env()})
	var e, cause *weir.Error
	if !errors.As(err, &e) || !errors.As(e.Err, &cause) {
		t.Fatalf("error %v", err)
	}
	if e.Message != "failed to create logger `app`" || e.Code() != "FACTORY::Config::CONFIGURATION::ERROR" {
		t.Errorf("message %q, code %s", e.Message, e.Code())
	}
	if !strings.Contains(cause.Message, "unknown processor type: unknown_processor") || cause.Code() != "PROCESSOR::Config::CONFIGURATION::ERROR" {
		t.Errorf("cause %q, code %s", cause.Message, cause.Code())
	}
	if cause.Context["key"] != "log.processors[0].type" || cause.Context["value"] != "unknown_processor" {
		t.Errorf("context %v", cause.Context)
	}
}

// gate is a sink that waits until it is opened.
type gate struct {
	kept
	open chan struct{}
}

func (g *gate) WriteBatch(ctx context.Context, batch []record.Record) error {
	<-g.open
	return g.kept.WriteBatch(ctx, batch)
}

// C28, the fourth: a record that the queue does not take. The call has an error to
// tell from others, and Diagnostics is told how many there were.
func TestDispatchErrorC28(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	o := config.Options{LookupEnv: env(), Sinks: map[string]config.SinkBuilder{
		"gate": func(*config.Section) func() (weir.Sink, error) { return func() (weir.Sink, error) { return g, nil } },
	}}
	cfg, err := config.Parse([]byte(`{"overflow": "drop_oldest", "memory_limit": "64KiB", "sinks": {"gate": {}}}`), "weir.json", o)
	if err != nil {
		t.Fatal(err)
	}
	var told collector
	log, err := cfg.New("app", weir.WithOverflow(weir.Fail), func(o *weir.Options) { o.Diagnostics = told.take })
	if err != nil {
		t.Fatal(err)
	}
	refused := error(nil)
	text := strings.Repeat("x", 1000)
	for range 10_000 {
		if refused = log.TryLog(t.Context(), weir.LevelInfo, text); refused != nil {
			break
		}
	}
	if !errors.Is(refused, weir.ErrQueueFull) {
		t.Errorf("error %v", refused)
	}
	close(g.open)
	closeLog(t, log)
	e := told.find(weir.LayerDispatch)
	if e == nil || e.Code() != "DISPATCH::Queue::ROUTING::WARNING::RECOVERABLE" || e.Context["dropped"] == nil {
		t.Fatalf("Diagnostics has %+v", told.got)
	}
	if err := log.TryLog(t.Context(), weir.LevelInfo, "late"); !errors.Is(err, weir.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// A sink that cannot be made is told by its path, and those made before it are closed.
func TestSinkThatCannotBeMade(t *testing.T) {
	sinks := keep{}
	o := sinks.options()
	o.Sinks["broken"] = func(*config.Section) func() (weir.Sink, error) {
		return func() (weir.Sink, error) { return nil, errors.New("no such queue") }
	}
	cfg, err := config.Parse([]byte(`{"sinks": {"a": {"type": "keep"}, "b": {"type": "broken"}}}`), "weir.json", o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = cfg.New("app")
	if err == nil || !strings.Contains(err.Error(), "failed to create logger `app`: log.sinks.b: no such queue") {
		t.Errorf("error %v", err)
	}
	if sinks["log.sinks.a"].closed != 1 {
		t.Error("the sink made before was not closed")
	}
}

// What a builder refuses, and what it did not ask for, is told as of a built-in part.
func TestBuildersOfTheProgram(t *testing.T) {
	o := config.Options{LookupEnv: env(), Sinks: map[string]config.SinkBuilder{
		"mail": func(s *config.Section) func() (weir.Sink, error) {
			if to := s.Texts("to"); len(to) == 0 {
				s.Refuse("to", "nobody would get it", `as "to": ["ops@example.com"]`)
			}
			s.Secret("password")
			s.Refuse("password", "it is too short", "")
			return nil
		},
		"lazy": func(*config.Section) func() (weir.Sink, error) { return nil },
	}}
	const file = "{\"sinks\": {\n\"mail\": {\"to\": [], \"pasword\": \"x\", \"password\": \"hunter2\"},\n\"lazy\": {}\n}}"
	_, err := config.Parse([]byte(file), "weir.json", o)
	const want = "weir.json:2:16: log.sinks.mail.to: nobody would get it (as \"to\": [\"ops@example.com\"])\n" +
		"weir.json:2:20: log.sinks.mail.pasword: there is no such key (did you mean password?)\n" +
		"weir.json:2:48: log.sinks.mail.password: it is too short\n" +
		"weir.json:3:9: log.sinks.lazy.type: the builder of lazy made nothing (a SinkBuilder returns a func, or refuses a key)"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
		t.Error("the password is told")
	}
}

// late is a sink of a program that sends in the background.
type late struct{}

func (late) WriteBatch(context.Context, []record.Record) error { return nil }
func (late) Close() error                                      { return nil }
func (late) Lost() uint64                                      { return 0 }

// A program's own sink that sends in the background can have no fallback either.
func TestLateSinkHasNoFallback(t *testing.T) {
	o := config.Options{LookupEnv: env(), Sinks: map[string]config.SinkBuilder{
		"late": func(*config.Section) func() (weir.Sink, error) {
			return func() (weir.Sink, error) { return late{}, nil }
		},
	}}
	c, err := config.Parse([]byte(`{"sinks": {"late": {"fallback": "null"}, "null": {}}}`), "weir.json", o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.New("app"); err == nil || !strings.Contains(err.Error(), "log.sinks.late.fallback: the sink sends in the background") {
		t.Errorf("error %v", err)
	}
}
