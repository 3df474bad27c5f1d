package config_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
)

// load reads a file of testdata with logs in a folder of the test's own.
func load(t *testing.T, name string, o config.Options) (c *config.Config, dir string) {
	t.Helper()
	dir = t.TempDir()
	o.File, o.LookupEnv = filepath.Join("testdata", name), env("LOG_DIR", dir)
	c, err := config.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	return c, dir
}

func readLog(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// C12, C13, C14, C17, C25: ko-log's JSON configuration. The file that is there stays,
// DEBUG does not pass, the context follows the line as JSON.
func TestKoLogConfiguration(t *testing.T) {
	cfg, dir := load(t, "kolog.json", config.Options{})
	if err := os.WriteFile(filepath.Join(dir, "app.log"), []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := cfg.New("root")
	if err != nil {
		t.Fatal(err)
	}
	log, err := cfg.Logger(root, "root")
	if err != nil {
		t.Fatal(err)
	}
	if !log.Enabled(t.Context(), weir.LevelDebug) {
		t.Error("DEBUG, the logger's own level, does not count")
	}
	log.Debug("too low for the handler")
	log.Info("user signed in", "user_id", 123)
	closeLog(t, root)
	if got := readLog(t, dir, "app.log"); got != "old\n" {
		t.Errorf("app.log holds %q", got)
	}
	got := regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`).ReplaceAllString(readLog(t, dir, "app.log.0001"), "2024-01-01 12:00:00")
	got = regexp.MustCompile(`"line_number": \d+`).ReplaceAllString(got, `"line_number": 1`)
	for _, want := range []string{"2024-01-01 12:00:00 - INFO - user signed in:\n{\n", `  "user_id": 123`, `  "app": "myapp"`, `  "env": "production"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "too low") {
		t.Errorf("a record below INFO passed:\n%s", got)
	}
}

// C1, C3, C4, C5, C16: the program of ko-log's Quick Start writes what its README
// prints, to the second.
func TestKoLogQuickStart(t *testing.T) {
	const want = `[2024-01-01 12:00:00] [INFO    ] [app]: Application started
[2024-01-01 12:00:00] [INFO    ] [app]: Processing request
[2024-01-01 12:00:00] [WARNING ] [app]: Rate limit exceeded
[2024-01-01 12:00:00] [INFO    ] [app]: Begin: Database migration
[2024-01-01 12:00:01] [INFO    ] [app]: End (0.50): Database migration
`
	cfg, dir := load(t, "kolog-quickstart.json", config.Options{})
	out, err := os.Create(filepath.Join(dir, "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	was := os.Stdout
	os.Stdout = out
	defer func() { os.Stdout = was }()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2024, 1, 1, 12, 0, 0, 600_000_000, time.UTC))) // the clock of the bubble
		root, err := cfg.New("app")
		if err != nil {
			t.Fatal(err)
		}
		log, err := cfg.Logger(root, "app")
		if err != nil {
			t.Fatal(err)
		}
		log.Info("Application started", "version", "1.0.0")
		log.Info("Processing request", "user_id", 123)
		bound := log.With("service", "auth", "env", "prod")
		bound.Warn("Rate limit exceeded", "ip", "192.168.1.1")
		done := log.Life(t.Context(), "Database migration")
		time.Sleep(500 * time.Millisecond)
		done(nil)
		log.Debug("below the logger's level")
		closeLog(t, root)
	})
	if got := readLog(t, out.Name()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Elva's dictConfig: two loggers, one with both sinks, one with Redis alone, each sink
// with a level of its own; what no logger is named for goes to the console.
func TestElvaDictConfig(t *testing.T) {
	sinks := keep{}
	var channel, address string
	o := config.Options{Sinks: map[string]config.SinkBuilder{"redis": func(s *config.Section) func() (weir.Sink, error) {
		channel, address = s.Text("channel", ""), s.Text("address", "localhost:6379")
		return sinks.builder(s)
	}}}
	cfg, dir := load(t, "elva.json", o)
	stderr := redirectStderr(t)
	log, err := cfg.New("web")
	if err != nil {
		t.Fatal(err)
	}
	if channel != "hermey" || address != "localhost:6379" {
		t.Errorf("channel %q at %q", channel, address)
	}
	log.Lookup("my.log").Debug("I like debugging")
	log.Lookup("my.log").Info("I like pie")
	log.Lookup("exceptions").Error("Trousers!")
	log.Lookup("exceptions").Debug("below the default level")
	log.Info("elsewhere")
	closeLog(t, log)
	want := []string{"my.log I like debugging", "my.log I like pie", "exceptions Trousers!"}
	if got := sinks["log.sinks.redis"].messages(); !slices.Equal(got, want) {
		t.Errorf("Redis has %q, want %q", got, want)
	}
	line := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - my\.log - INFO - I like pie\n$`)
	// The name some.other.log is the sink's, not the logger's.
	if got := readLog(t, dir, "other.log"); !line.MatchString(got) {
		t.Errorf("the file holds %q", got)
	}
	if got := stderr(); !strings.Contains(got, "elsewhere") || strings.Contains(got, "pie") {
		t.Errorf("the console has %q", got)
	}
}

// backupCount without a bound to rotate at never took effect; here it is refused.
func TestElvaBackupCountAloneIsRefused(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "elva.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), `"max_size": "10MB",`, "", 1)
	o := config.Options{LookupEnv: env("LOG_DIR", t.TempDir()), Sinks: map[string]config.SinkBuilder{"redis": keep{}.builder}}
	if _, err := config.Parse([]byte(text), "elva.json", o); err == nil || !strings.Contains(err.Error(), `log.sinks."some.other.log": a rotating file has max_size or interval`) {
		t.Errorf("error %v", err)
	}
}

// A18, A19: pulselog.toml's settings reach the page and the logger, and without a page
// nothing but the worker and the sinks runs.
func TestPulselogConfiguration(t *testing.T) {
	var address string
	var open bool
	sinks := keep{}
	o := config.Options{Sinks: map[string]config.SinkBuilder{"page": func(s *config.Section) func() (weir.Sink, error) {
		address, open = s.Text("address", "127.0.0.1:5678"), s.Bool("open", true)
		return sinks.builder(s)
	}}}
	cfg, dir := load(t, "pulselog.json", o)
	if address != "127.0.0.1:8080" || open {
		t.Errorf("address %q, open %v", address, open)
	}
	redirectStderr(t)
	log, err := cfg.New("my-app")
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("below the level")
	log.Info("training started", "epoch", 1)
	if err := log.Save(t.Context(), weir.Checkpoint{Name: "epoch-1", Progress: 33}); err != nil {
		t.Error(err)
	}
	closeLog(t, log)
	if got := sinks["log.dashboard"].messages(); len(got) == 0 || got[0] != "my-app training started" {
		t.Errorf("the page has %q", got)
	}
	files, err := os.ReadDir(filepath.Join(dir, "checkpoints"))
	if err != nil || len(files) == 0 {
		t.Errorf("no checkpoint in its folder: %v, %v", files, err)
	}

	o.LookupEnv = env("WEIR_DASHBOARD", "false", "LOG_DIR", dir)
	o.File = filepath.Join("testdata", "pulselog.json")
	before := runtime.NumGoroutine()
	log, err = config.New("my-app", o, weir.WithSink(&discard{}), weir.WithErrorOutput(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if more := runtime.NumGoroutine() - before; more > 2 {
		t.Errorf("%d goroutines without a page", more)
	}
	closeLog(t, log)
}

type discard struct{ kept }
