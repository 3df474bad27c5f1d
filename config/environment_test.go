package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
)

// F-III: the names of log-collector's clients stand behind ours; an empty variable is
// as good as none.
func TestVariablesFIII(t *testing.T) {
	for _, c := range []struct {
		name, key, value, origin string
		env                      []string
	}{
		{"ours", "log.server", "http://a:1", "WEIR_SERVER", []string{"WEIR_SERVER", "http://a:1", "LOG_SERVER_URL", "http://b:1"}},
		{"server", "log.server", "http://b:1", "LOG_SERVER_URL", []string{"LOG_SERVER_URL", "http://b:1"}},
		{"empty", "log.server", "http://b:1", "LOG_SERVER_URL", []string{"WEIR_SERVER", " ", "LOG_SERVER_URL", "http://b:1"}},
		{"service", "log.resource.service", "pay", "SERVICE_NAME", []string{"SERVICE_NAME", "pay"}},
		{"environment", "log.resource.environment", "test", "ENVIRONMENT", []string{"ENVIRONMENT", "test", "NODE_ENV", "production"}},
		{"node", "log.resource.environment", "production", "NODE_ENV", []string{"NODE_ENV", "production"}},
		{"version", "log.resource.service_version", "v1.2.3", "SERVICE_VERSION", []string{"SERVICE_VERSION", "v1.2.3"}},
		{"type", "log.resource.log_type", "WORKER", "LOG_TYPE", []string{"LOG_TYPE", "WORKER"}},
		{"ours before theirs", "log.resource.log_type", "IOT", "WEIR_LOG_TYPE", []string{"LOG_TYPE", "WORKER", "WEIR_LOG_TYPE", "IOT"}},
		{"spaces", "log.level", "debug", "WEIR_LEVEL", []string{"WEIR_LEVEL", " DEBUG "}},
		{"number", "log.max_records", "10", "WEIR_MAX_RECORDS", []string{"WEIR_MAX_RECORDS", "10"}},
		{"on", "log.source", "true", "WEIR_SOURCE", []string{"WEIR_SOURCE", "on"}},
		{"zero", "log.source", "false", "WEIR_SOURCE", []string{"WEIR_SOURCE", "0"}},
		{"levels", `log.loggers."app.db".level`, "debug", "WEIR_LEVELS", nil},
		{"token", "log.token", "(secret)", "WEIR_TOKEN", []string{"WEIR_SERVER", "http://a:1", "WEIR_TOKEN", "hunter2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.env == nil {
				c.key, c.env = `log.levels."app.db"`, []string{"WEIR_LEVELS", "app.db=debug, app.http = WARN,"}
			}
			cfg := parse(t, `{}`, c.env...)
			if v, o := setting(t, cfg, c.key); v != c.value || o != c.origin {
				t.Errorf("%q from %q, want %q from %q", v, o, c.value, c.origin)
			}
		})
	}
}

func TestWrongVariablesAreNamed(t *testing.T) {
	for variable, c := range map[string]struct{ value, want string }{
		"WEIR_LEVEL":        {"loud", `WEIR_LEVEL: log.level: "loud" is not a level`},
		"WEIR_LEVELS":       {"debug", `WEIR_LEVELS: log.levels: "debug" is not a logger's name, = and a level (write app.db=debug,app.http=warn)`},
		"WEIR_OVERFLOW":     {"drop", `WEIR_OVERFLOW: log.overflow: "drop" can mean two things`},
		"WEIR_MEMORY_LIMIT": {"much", `WEIR_MEMORY_LIMIT: log.memory_limit: "much" is not a size`},
		"WEIR_MAX_RECORDS":  {"-1", `WEIR_MAX_RECORDS: log.max_records: -1 is less than 0`},
		"WEIR_SOURCE":       {"maybe", `WEIR_SOURCE: log.source: "maybe" is not true or false`},
		"LOG_SERVER_URL":    {"localhost", `LOG_SERVER_URL: log.server: it is not a server's address`},
		"LOG_TYPE":          {"FRONTED", `LOG_TYPE: log.resource.log_type: "FRONTED" is not one of BACKEND, FRONTEND, MOBILE, IOT, WORKER (did you mean FRONTEND?)`},
		"WEIR_CONSOLE":      {"blue", `WEIR_CONSOLE: log.console: "blue" is not true, false, stdout or stderr`},
	} {
		_, err := config.Parse([]byte(`{}`), "weir.json", config.Options{LookupEnv: env(variable, c.value)})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s=%s: %v, want %s", variable, c.value, err, c.want)
		}
		var e *weir.Error
		if !errors.As(err, &e) || e.Context["where"] != variable {
			t.Errorf("%s: context %v", variable, e.Context)
		}
	}
}

// A variable changes one logger's level and leaves those that it does not name.
func TestLevelsOfTheEnvironment(t *testing.T) {
	const file = `{"levels": {"app.http": "error", "app.job": "warn"}, "loggers": {"app.db": {"level": "warn"}}}`
	log, err := parse(t, file, "WEIR_LEVELS", "app.db=trace,app.http=debug").New("app")
	if err != nil {
		t.Fatal(err)
	}
	defer closeLog(t, log)
	for name, level := range map[string]string{"app.db": "TRACE", "app.http": "DEBUG", "app.job": "WARN", "app": "INFO"} {
		least, err := weir.ParseLevel(level)
		if err != nil {
			t.Fatal(err)
		}
		l := log.Lookup(name)
		if !l.Enabled(t.Context(), least) || l.Enabled(t.Context(), least-1) {
			t.Errorf("the level of %s is not %s", name, level)
		}
	}
}

// The console stays when only a server or a page was asked for, and goes when the
// settings say so.
func TestSinksOfTheEnvironment(t *testing.T) {
	page := func(sinks keep) config.Options {
		o := sinks.options()
		o.Sinks["page"] = func(s *config.Section) func() (weir.Sink, error) {
			s.Text("address", "")
			return sinks.builder(s)
		}
		return o
	}
	for _, c := range []struct {
		name, file string
		env        []string
		root       string
	}{
		{"nothing", `{}`, nil, "console"},
		{"server", `{}`, []string{"WEIR_SERVER", "http://127.0.0.1:1"}, "console, server"},
		{"server in the file", `{"server": "http://127.0.0.1:1"}`, nil, "console, server"},
		{"server and no console", `{}`, []string{"WEIR_SERVER", "http://127.0.0.1:1", "WEIR_CONSOLE", "off"}, "server"},
		{"server beside sinks", `{"sinks": {"a": {"type": "keep"}}}`, []string{"WEIR_SERVER", "http://127.0.0.1:1"}, "a, server"},
		{"server beside the root's sinks", `{"sinks": {"a": {"type": "keep"}}, "loggers": {"root": {"sinks": ["a"]}}}`, []string{"WEIR_SERVER", "http://127.0.0.1:1"}, "a, server"},
		{"another sink of the name", `{"sinks": {"server": {"type": "keep"}}}`, []string{"WEIR_SERVER", "http://127.0.0.1:1"}, "server, log.server"},
		{"dashboard", `{}`, []string{"WEIR_DASHBOARD", "on"}, "console, page"},
		{"dashboard in the file", `{"dashboard": {"address": "127.0.0.1:0"}}`, nil, "console, page"},
		{"an address alone", `{}`, []string{"WEIR_DASHBOARD_ADDRESS", "127.0.0.1:0"}, "console"},
		{"sinks that loggers name", `{"sinks": {"a": {"type": "keep"}, "b": {"type": "keep"}}, "loggers": {"app.db": {"sinks": ["b"]}}}`, nil, "a"},
		{"a fallback", `{"sinks": {"a": {"type": "keep", "fallback": "b"}, "b": {"type": "keep"}}}`, nil, "a"},
		{"no console", `{"console": false}`, nil, ""},
		{"console's stream", `{"console": "stdout"}`, nil, "console"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sinks := keep{}
			o := page(sinks)
			o.LookupEnv = env(c.env...)
			cfg, err := config.Parse([]byte(c.file), "weir.json", o)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := setting(t, cfg, "log.loggers.root.sinks"); got != c.root {
				t.Errorf("the root has %q, want %q", got, c.root)
			}
		})
	}
}

func TestServerOfTheTableIsRedirected(t *testing.T) {
	const file = `{"sinks": {"server": {"type": "ship", "server": "http://a:1", "token": "old", "batch_records": 7}}}`
	cfg := parse(t, file, "WEIR_SERVER", "http://b:1")
	if v, o := setting(t, cfg, "log.sinks.server.server"); v != "http://b:1" || o != "WEIR_SERVER" {
		t.Errorf("the server is %q from %q", v, o)
	}
	if v, _ := setting(t, cfg, "log.sinks.server.batch_records"); v != "7" {
		t.Errorf("batch_records is %q", v)
	}
}

// A20: a variable turns a page off that the file asks for; a switch for other
// programs is no mistake in one without a page.
func TestDashboardSwitchA20(t *testing.T) {
	sinks := keep{}
	o := sinks.options("WEIR_DASHBOARD", "off")
	o.Sinks["page"] = sinks.builder
	cfg, err := config.Parse([]byte(`{"dashboard": true, "console": false}`), "weir.json", o)
	if err != nil {
		t.Fatal(err)
	}
	log, err := cfg.New("app")
	if err != nil {
		t.Fatal(err)
	}
	closeLog(t, log)
	if len(sinks) != 0 {
		t.Errorf("a page was made: %v", sinks)
	}
	for _, value := range []string{"on", "off"} {
		parse(t, `{}`, "WEIR_DASHBOARD", value)
	}
	parse(t, `{"dashboard": false}`)
}

func TestConsoleOffIsSilence(t *testing.T) {
	stderr := redirectStderr(t)
	for _, c := range []struct {
		file string
		env  []string
		want bool
	}{
		{`{}`, nil, true},
		{`{"console": false}`, nil, false},
		{`{}`, []string{"WEIR_CONSOLE", "off"}, false},
		{`{"console": false}`, []string{"WEIR_CONSOLE", "on"}, true},
		{`{"sinks": {"console": {}}}`, []string{"WEIR_CONSOLE", "no"}, false},
		{`{}`, []string{"WEIR_CONSOLE", "stderr"}, true},
		{`{"console": false}`, []string{"WEIR_CONSOLE", "STDERR"}, true},
		{`{"console": "stdout"}`, []string{"WEIR_CONSOLE", "stderr"}, true},
		{`{"sinks": {"console": {"stream": "stdout"}}}`, []string{"WEIR_CONSOLE", "stderr"}, true},
		{`{"sinks": {"null": {}}}`, []string{"WEIR_CONSOLE", "stderr"}, true},
		{`{"loggers": {"root": {"sinks": []}}}`, nil, false},
	} {
		log, err := parse(t, c.file, c.env...).New("app")
		if err != nil {
			t.Fatal(err)
		}
		log.Info("hello")
		closeLog(t, log)
		if got := strings.Contains(stderr(), "hello"); got != c.want {
			t.Errorf("%s with %q: seen %v", c.file, c.env, got)
		}
	}
}

// redirectStderr makes os.Stderr a file; the func returns and empties it.
func redirectStderr(t *testing.T) func() string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	was := os.Stderr
	os.Stderr = f
	t.Cleanup(func() { os.Stderr = was; f.Close() })
	return func() string {
		t.Helper()
		data, err := os.ReadFile(f.Name())
		if err == nil {
			err = f.Truncate(0)
		}
		if err == nil {
			_, err = f.Seek(0, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}

// A .env file stands below the real environment and is not needed.
func TestDotEnv(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".env")
	text := "# for the desk\nexport WEIR_LEVEL=debug\n\nSERVICE_NAME='pay ment'  # quoted\nWEIR_MAX_RECORDS=5\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Parse([]byte(`{"level": "warn"}`), "weir.json", config.Options{LookupEnv: env("WEIR_MAX_RECORDS", "6"), DotEnv: file})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, key := range []string{"level", "resource.service", "max_records"} {
		v, o := setting(t, cfg, "log."+key)
		got = append(got, v+" from "+strings.ReplaceAll(o, file, ".env"))
	}
	want := []string{"debug from WEIR_LEVEL (.env:2)", "pay ment from SERVICE_NAME (.env:4)", "6 from WEIR_MAX_RECORDS"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := config.Parse([]byte(`{}`), "weir.json", config.Options{LookupEnv: env(), DotEnv: file + ".absent"}); err != nil {
		t.Errorf("an absent .env: %v", err)
	}
	if err := os.WriteFile(file, []byte("A=1\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Parse([]byte(`{}`), "weir.json", config.Options{LookupEnv: env(), DotEnv: file}); err == nil || !strings.Contains(err.Error(), ".env:2:1: a line is KEY=VALUE") {
		t.Errorf("a wrong .env: %v", err)
	}
}
