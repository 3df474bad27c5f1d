package config_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/record"
)

// C10, C11, C20, C24: levels and sinks by name. The nearest name that has sinks
// counts, propagate adds those above it, and a logger that nothing names has the
// root's: nothing is ignored. §4: level, default level and propagate work.
func TestRoutingC20(t *testing.T) {
	const file = `{
		"level": "warn",
		"sinks": {
			"all": {"type": "keep"},
			"db": {"type": "keep", "level": "info"},
			"both": {"type": "keep"},
			"grave": {"type": "keep", "level": "error"}
		},
		"loggers": {
			"root": {"sinks": ["all", "grave"]},
			"app.db": {"level": "debug", "sinks": ["db"], "attrs": {"part": "db"}},
			"app.http": {"sinks": ["both"], "propagate": true},
			"app.silent": {"sinks": []},
			"other": {"level": "error"}
		}
	}`
	sinks := keep{}
	cfg, err := config.Parse([]byte(file), "weir.json", sinks.options())
	if err != nil {
		t.Fatal(err)
	}
	log, err := cfg.New("app")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"app", "app.db", "app.db.pool", "app.dbx", "app.http", "app.silent", "other", "other.part", "unheard.of"} {
		l := log.Lookup(name)
		l.Debug("debug")
		l.Info("info")
		l.Warn("warn")
		l.Error("error")
	}
	closeLog(t, log)
	for sink, want := range map[string][]string{
		"all": {
			"app warn", "app error", "app.dbx warn", "app.dbx error", "app.http warn", "app.http error",
			"other error", "other.part error", "unheard.of warn", "unheard.of error",
		},
		"db":    {"app.db info", "app.db warn", "app.db error", "app.db.pool info", "app.db.pool warn", "app.db.pool error"},
		"both":  {"app.http warn", "app.http error"},
		"grave": {"app error", "app.dbx error", "app.http error", "other error", "other.part error", "unheard.of error"},
	} {
		if got := sinks["log.sinks."+sink].messages(); !slices.Equal(got, want) {
			t.Errorf("%s has\n%q, want\n%q", sink, got, want)
		}
	}
	for _, r := range sinks["log.sinks.db"].records {
		if !slices.ContainsFunc(r.Attrs, func(a slog.Attr) bool { return a.Key == "part" && a.Value.String() == "db" }) {
			t.Errorf("%s %s has no part: %v", r.Logger, r.Message, r.Attrs)
		}
	}
}

// §4: all processors of a list run, in their order, and one sink's processors do not
// change what another sink gets.
func TestAllProcessorsRunC14(t *testing.T) {
	const file = `{
		"processors": [{"type": "defaults", "attrs": {"env": "test"}}],
		"sinks": {
			"a": {"type": "keep", "processors": [
				{"type": "drop", "keys": ["secret"]},
				{"type": "rename", "keys": {"env": "environment_name"}},
				{"type": "defaults", "attrs": {"n": 1}},
				{"type": "level", "level": "warn"}]},
			"b": {"type": "keep"}
		}
	}`
	sinks := keep{}
	cfg, err := config.Parse([]byte(file), "weir.json", sinks.options("WEIR_SOURCE", "off"))
	if err != nil {
		t.Fatal(err)
	}
	log, err := cfg.New("app")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("low", "secret", "x")
	log.Warn("high", "secret", "x")
	closeLog(t, log)
	a, b := sinks["log.sinks.a"].records, sinks["log.sinks.b"].records
	if len(a) != 1 || len(b) != 2 {
		t.Fatalf("a has %d records, b %d", len(a), len(b))
	}
	show := func(r record.Record) string {
		parts := []string{}
		for _, attr := range r.Attrs {
			parts = append(parts, attr.String())
		}
		return strings.Join(parts, " ")
	}
	if got := show(a[0]); got != "environment_name=test n=1" {
		t.Errorf("a has %s", got)
	}
	if got := show(b[1]); got != "secret=x env=test" {
		t.Errorf("b has %s", got)
	}
}

type failing struct{ kept }

func (*failing) WriteBatch(context.Context, []record.Record) error { return errors.New("disk full") }

func TestFallbackGetsWhatFailed(t *testing.T) {
	sinks := keep{}
	o := sinks.options()
	o.Sinks["fail"] = func(*config.Section) func() (weir.Sink, error) {
		return func() (weir.Sink, error) { return &failing{}, nil }
	}
	const file = `{"sinks": {
		"a": {"type": "fail", "fallback": "b"},
		"b": {"type": "keep"},
		"c": {"type": "keep"}
	}}`
	cfg, err := config.Parse([]byte(file), "weir.json", o)
	if err != nil {
		t.Fatal(err)
	}
	var told []error
	var mu sync.Mutex
	log, err := cfg.New("app", func(o *weir.Options) {
		o.Diagnostics = func(err error) { mu.Lock(); defer mu.Unlock(); told = append(told, err) }
	})
	if err != nil {
		t.Fatal(err)
	}
	log.Info("hello")
	closeLog(t, log)
	for _, name := range []string{"b", "c"} {
		if got := sinks["log.sinks."+name].messages(); !slices.Equal(got, []string{"app hello"}) {
			t.Errorf("%s has %q", name, got)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) == 0 {
		t.Error("nobody was told that a sink failed")
	}
}

func TestRootAttrsAreOnEveryRecord(t *testing.T) {
	const file = `{"sinks": {"a": {"type": "keep"}}, "loggers": {"root": {"attrs": {"app": "myapp", "n": 1}}}}`
	for _, way := range []string{"New", "Options"} {
		sinks := keep{}
		cfg, err := config.Parse([]byte(file), "weir.json", sinks.options())
		if err != nil {
			t.Fatal(err)
		}
		var log *weir.Logger
		if way == "New" {
			log, err = cfg.New("app")
		} else {
			var o weir.Options
			o, err = cfg.Options()
			log = weir.New("app", weir.WithOptions(o))
		}
		if err != nil {
			t.Fatal(err)
		}
		log.Named("db").Info("hello", "n", 2)
		closeLog(t, log)
		r := sinks["log.sinks.a"].records[0]
		got := map[string]string{}
		for _, a := range r.Attrs {
			got[a.Key] = a.Value.String()
		}
		if got["app"] != "myapp" || got["n"] != "2" {
			t.Errorf("%s: attributes %v", way, r.Attrs)
		}
	}
}
