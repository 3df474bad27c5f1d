package config_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/record"
)

var update = flag.Bool("update", false, "write the golden files")

// env is an environment for Options.LookupEnv.
func env(pairs ...string) func(string) (string, bool) {
	m := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
}

// parse reads settings without the environment of the test's own process.
func parse(t *testing.T, text string, pairs ...string) *config.Config {
	t.Helper()
	c, err := config.Parse([]byte(text), "weir.json", config.Options{LookupEnv: env(pairs...)})
	if err != nil {
		t.Fatalf("%v\nin %s", err, text)
	}
	return c
}

// setting returns the effective value of a key and its origin.
func setting(t *testing.T, c *config.Config, key string) (value, origin string) {
	t.Helper()
	for _, s := range c.Effective() {
		if s.Key == key {
			return s.Value, s.Origin
		}
	}
	t.Errorf("no effective value of %s", key)
	return "", ""
}

// kept is a sink that keeps what it gets.
type kept struct {
	mu      sync.Mutex
	records []record.Record
	closed  int
}

func (k *kept) WriteBatch(_ context.Context, batch []record.Record) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range batch {
		k.records = append(k.records, batch[i].Clone())
	}
	return nil
}

func (k *kept) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed++
	return nil
}

func (k *kept) messages() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := []string{}
	for _, r := range k.records {
		out = append(out, r.Logger+" "+r.Message)
	}
	return out
}

// keep is a sink type for settings; sinks are kept by their path.
type keep map[string]*kept

func (k keep) builder(s *config.Section) func() (weir.Sink, error) {
	return func() (weir.Sink, error) {
		k[s.Path()] = &kept{}
		return k[s.Path()], nil
	}
}

func (k keep) options(pairs ...string) config.Options {
	return config.Options{LookupEnv: env(pairs...), Sinks: map[string]config.SinkBuilder{"keep": k.builder}}
}

func closeLog(t *testing.T, log *weir.Logger) {
	t.Helper()
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

// A18: what code says wins over the environment, that over the file, that over the
// defaults; and each value says where it came from.
func TestPrecedenceA18(t *testing.T) {
	for _, c := range []struct {
		key, file, variable, inEnv string
		code                       weir.Option
		def, fromFile, fromEnv     string
		fromCode                   string
	}{
		{"level", `"level": "warn"`, "WEIR_LEVEL", "error", weir.WithLevel(weir.LevelTrace), "info", "warn", "error", "trace"},
		{"overflow", `"overflow": "drop_newest"`, "WEIR_OVERFLOW", "fail", weir.WithOverflow(weir.Block), "drop_oldest", "drop_newest", "fail", "block"},
		{"block_timeout", `"overflow": "block", "block_timeout": "2s"`, "WEIR_BLOCK_TIMEOUT", "3s", weir.WithBlockTimeout(4e9), "1s", "2s", "3s", "4s"},
		{"memory_limit", `"memory_limit": "32MiB"`, "WEIR_MEMORY_LIMIT", "33554433", weir.WithMemoryLimit(64 << 20), "16MiB", "32MiB", "33554433", "64MiB"},
		{"max_records", `"max_records": 100`, "WEIR_MAX_RECORDS", "200", func(o *weir.Options) { o.MaxRecords = 300 }, "0", "100", "200", "300"},
		{"max_record_bytes", `"max_record_bytes": "1MB"`, "WEIR_MAX_RECORD_BYTES", "2MB", weir.WithMaxRecordBytes(3e6), "4MiB", "1MB", "2MB", "3MB"},
		{"close_timeout", `"close_timeout": "1m"`, "WEIR_CLOSE_TIMEOUT", "1h30m", weir.WithCloseTimeout(250e6), "5s", "1m", "1h30m", "250ms"},
		{"source", `"source": false`, "WEIR_SOURCE", "true", weir.WithoutSource(), "true", "false", "true", "false"},
		{"checkpoints", `"checkpoints": "a"`, "WEIR_CHECKPOINTS", "b", func(o *weir.Options) { o.CheckpointDir = "c" }, ".weir/checkpoints", "a", "b", "c"},
		{"resource.service", `"resource": {"service": "a"}`, "WEIR_SERVICE", "b", weir.WithResource(record.Resource{Service: "c"}), "", "a", "b", "c"},
		{"resource.environment", `"resource": {"environment": "a"}`, "WEIR_ENVIRONMENT", "b", weir.WithResource(record.Resource{Environment: "c"}), "", "a", "b", "c"},
		{"resource.service_version", `"resource": {"service_version": "a"}`, "WEIR_SERVICE_VERSION", "b", weir.WithResource(record.Resource{ServiceVersion: "c"}), "", "a", "b", "c"},
		{"resource.log_type", `"resource": {"log_type": "iot"}`, "WEIR_LOG_TYPE", "Mobile", weir.WithResource(record.Resource{LogType: "c"}), "", "IOT", "MOBILE", "c"},
		{"resource.host", `"resource": {"host": "a"}`, "WEIR_HOST", "b", weir.WithResource(record.Resource{Host: "c"}), "", "a", "b", "c"},
	} {
		t.Run(c.key, func(t *testing.T) {
			file := `{"log": {"console": false, ` + c.file + `}}`
			check := func(cfg *config.Config, value, origin string) {
				t.Helper()
				if v, o := setting(t, cfg, "log."+c.key); v != value || !strings.HasPrefix(o, origin) {
					t.Errorf("%q from %q, want %q from %q", v, o, value, origin)
				}
			}
			check(parse(t, `{}`), c.def, "default")
			check(parse(t, file), c.fromFile, "weir.json:1:")
			both := parse(t, file, c.variable, c.inEnv)
			check(both, c.fromEnv, c.variable)
			log, err := both.New("app", c.code)
			if err != nil {
				t.Fatal(err)
			}
			closeLog(t, log)
			check(both, c.fromCode, "code")
		})
	}
}

// An option that replaces everything leaves alone what it does not set.
func TestWithOptionsKeepsSettings(t *testing.T) {
	sinks := keep{}
	o := sinks.options("WEIR_LEVEL", "debug")
	o.NoFile = true
	log, err := config.New("app", o, weir.WithOptions(weir.Options{MaxRecords: 5, Sinks: []weir.Sink{&kept{}}}))
	if err != nil {
		t.Fatal(err)
	}
	defer closeLog(t, log)
	if !log.Enabled(t.Context(), weir.LevelDebug) || log.Enabled(t.Context(), weir.LevelTrace) {
		t.Error("the level of the environment is gone")
	}
}

func TestSinksOfCodeAreAddedOrTakeTheirPlace(t *testing.T) {
	const file = `{"sinks": {"a": {"type": "keep"}}}`
	for name, c := range map[string]struct {
		option func(*kept) weir.Option
		inFile []string
	}{
		"added":    {func(k *kept) weir.Option { return weir.WithSink(k) }, []string{"app hello"}},
		"replaced": {func(k *kept) weir.Option { return func(o *weir.Options) { o.Sinks = []weir.Sink{k} } }, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			sinks, own := keep{}, &kept{}
			cfg, err := config.Parse([]byte(file), "weir.json", sinks.options())
			if err != nil {
				t.Fatal(err)
			}
			log, err := cfg.New("app", c.option(own))
			if err != nil {
				t.Fatal(err)
			}
			log.Info("hello")
			closeLog(t, log)
			inFile := sinks["log.sinks.a"]
			if got := inFile.messages(); !slices.Equal(got, c.inFile) {
				t.Errorf("the file's sink has %q", got)
			}
			if inFile.closed != 1 {
				t.Errorf("the file's sink was closed %d times", inFile.closed)
			}
			if got := own.messages(); !slices.Equal(got, []string{"app hello"}) {
				t.Errorf("the code's sink has %q", got)
			}
		})
	}
}

func TestLoadFindsTheFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	level := func(o config.Options) string {
		t.Helper()
		c, err := config.Load(o)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := setting(t, c, "log.level")
		return c.File() + " " + v
	}
	if got := level(config.Options{LookupEnv: env()}); got != " info" {
		t.Errorf("without a file: %q", got)
	}
	write("weir.json", `{"log": {"level": "warn"}, "server": {"listen": ":1"}}`)
	write("other.json", `{"level": "error"}`)
	write("server.json", `{"server": {"listen": ":1"}}`)
	if got := level(config.Options{LookupEnv: env()}); got != "weir.json warn" {
		t.Errorf("in the working directory: %q", got)
	}
	if got := level(config.Options{LookupEnv: env(), NoFile: true}); got != " info" {
		t.Errorf("NoFile: %q", got)
	}
	if got := level(config.Options{LookupEnv: env("WEIR_CONFIG", "other.json")}); got != "other.json error" {
		t.Errorf("WEIR_CONFIG: %q", got)
	}
	if got := level(config.Options{LookupEnv: env("WEIR_CONFIG", "weir.json"), File: "other.json"}); got != "other.json error" {
		t.Errorf("Options.File: %q", got)
	}
	if got := level(config.Options{LookupEnv: env(), File: "server.json"}); got != "server.json info" {
		t.Errorf("a file for the server alone: %q", got)
	}
	if _, err := config.Load(config.Options{LookupEnv: env(), File: "absent.json"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a named file that is absent: %v", err)
	}
	plain := config.Decoder{Extensions: []string{".conf"}, Decode: func([]byte) (*config.Node, error) { return &config.Node{Kind: config.KindObject}, nil }}
	write("weir.conf", "")
	if _, err := config.Load(config.Options{LookupEnv: env(), Decoders: []config.Decoder{plain}}); err == nil || !strings.Contains(err.Error(), "several settings files: weir.json, weir.conf") {
		t.Errorf("two files: %v", err)
	}
	if _, err := config.Load(config.Options{LookupEnv: env(), File: "weir.toml"}); err == nil {
		t.Error("an absent TOML file was read")
	}
	write("weir.toml", "")
	if _, err := config.Load(config.Options{LookupEnv: env(), File: "weir.toml"}); err == nil || !strings.Contains(err.Error(), "weir/extra") {
		t.Errorf("TOML without its decoder: %v", err)
	}
	write("big.json", strings.Repeat(" ", 1<<20+1))
	if _, err := config.Load(config.Options{LookupEnv: env(), File: "big.json"}); err == nil || !strings.Contains(err.Error(), "1MiB of a settings file") {
		t.Errorf("a large file: %v", err)
	}
}

// A file that is not there is named once.
func TestMissingFileIsNamedOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "absent.json")
	_, err := config.Load(config.Options{File: file, LookupEnv: env()})
	if !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "absent.json") != 1 {
		t.Errorf("error %v", err)
	}
}

// Loggers that no Named of the program reaches are told once.
func TestLoggersOfNoNameAreTold(t *testing.T) {
	cfg := parse(t, `{"loggers": {"db": {"level": "debug"}, "shop": {}, "shop.db": {}, "shopping": {}}, "levels": {"http": "warn"}}`)
	var told []string
	log, err := cfg.New("shop", weir.WithErrorOutput(io.Discard), weir.WithDiagnostics(func(err error) { told = append(told, err.Error()) }))
	if err != nil {
		t.Fatal(err)
	}
	closeLog(t, log)
	want := []string{
		`log.loggers.db is used by no name below shop (did you mean shop.db? Lookup("db") reaches it)`,
		`log.loggers.shopping is used by no name below shop (did you mean shop.shopping? Lookup("shopping") reaches it)`,
		`log.levels.http is used by no name below shop (did you mean shop.http? Lookup("http") reaches it)`,
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}
