package behaviour_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/weirtest"
)

// The tests of ko-log by their names, as far as they are not beside the code that they are
// about: its renderers' are in format, its processors' in processor, its file handlers' in
// sink/file, the queue's "sink add/remove" in weirtest, its bound logger's lives and scopes
// at the root.

// routed logs with a dotted name when only its ancestor has sinks.
func routed(t *testing.T, name string) {
	t.Helper()
	sinks := captures{}
	cfg := parse(t, `{"sinks": {"capture": {}, "other": {"type": "capture"}}, "loggers": {"root": {"sinks": ["other"]}, "parent": {"sinks": ["capture"]}}}`, sinks.options())
	log, err := cfg.New("app", weir.WithErrorOutput(t.Output()))
	mustDo(t, err)
	log.Lookup(name).Info("m")
	mustDo(t, log.Close())
	mustLog(t, sinks["log.sinks.capture"], "INFO m")
	mustLog(t, sinks["log.sinks.other"])
}

func TestKolog_queue_parent_route(t *testing.T)     { routed(t, "parent.child") }
func TestKolog_queue_grandchild_route(t *testing.T) { routed(t, "parent.child.grandchild") }

// TestKolog_queue_no_handler: a logger without any sink is no error.
func TestKolog_queue_no_handler(t *testing.T) {
	cfg := parse(t, `{"sinks": {"null": {}}, "loggers": {"quiet": {"sinks": []}}}`, config.Options{})
	log, err := cfg.New("app", weir.WithErrorOutput(t.Output()))
	mustDo(t, err)
	mustDo(t, log.Lookup("quiet").TryLog(t.Context(), weir.LevelError, "m"))
	mustDo(t, log.Close())
	balance(t, log)
}

// TestKolog_queue_block: C22, with a queue of two the third call waits until somebody takes
// records out, and succeeds.
func TestKolog_queue_block(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(standstill)
		log, c := weirtest.New(t, weir.WithProcessor(stop), weir.WithOverflow(weir.Block), weir.WithMaxRecords(2), weir.WithBlockTimeout(time.Minute))
		log.Info("taken")
		settle() // the worker has it, and stands still
		log.Info("one")
		log.Info("two")
		begin := time.Now()
		time.AfterFunc(150*time.Millisecond, func() { close(stop) })
		if err := log.TryLog(t.Context(), weir.LevelInfo, "three"); err != nil || time.Since(begin) < 100*time.Millisecond || time.Since(begin) > time.Second {
			t.Errorf("waited %v: %v", time.Since(begin), err)
		}
		mustLog(t, c, "INFO taken", "INFO one", "INFO two", "INFO three")
	})
}

// TestKolog_queue_drop_oldest: C22, of three records for a queue of two, two are delivered
// and one is counted. §4: an eviction made flush and shutdown hang for ever.
func TestKolog_queue_drop_oldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(standstill)
		log, c := weirtest.New(t, weir.WithProcessor(stop), weir.WithOverflow(weir.DropOldest), weir.WithMaxRecords(2))
		log.Info("taken")
		settle()
		for i := range 3 {
			log.Info(fmt.Sprint(i))
		}
		close(stop)
		mustDo(t, log.Flush(t.Context()))
		mustLog(t, c, "INFO taken", "INFO 1", "INFO 2")
		mustDo(t, log.Close())
		if s := balance(t, log); s.Dropped.OverflowOldest != 1 {
			t.Errorf("dropped %+v", s.Dropped)
		}
	})
}

// TestKolog_queue_drop: C22, the newest goes; ko-log did not say so.
func TestKolog_queue_drop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(standstill)
		log, c := weirtest.New(t, weir.WithProcessor(stop), weir.WithOverflow(weir.DropNewest), weir.WithMaxRecords(2))
		log.Warn("taken")
		settle()
		for i := range 3 {
			log.Warn(fmt.Sprint(i))
		}
		close(stop)
		mustLog(t, c, "WARN taken", "WARN 0", "WARN 1")
		if s := balance(t, log); s.Dropped.OverflowNewest != 1 {
			t.Errorf("dropped %+v", s.Dropped)
		}
	})
}

// TestKolog_queue_shutdown_drains: five of five.
func TestKolog_queue_shutdown_drains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := weir.ProcessorFunc(func(*record.Record) bool {
			<-time.After(100 * time.Millisecond)
			return true
		})
		c := &weirtest.Capture{}
		log := weir.New("app", weir.WithSink(c), weir.WithProcessor(slow))
		for i := range 5 {
			log.Info(fmt.Sprint(i))
		}
		mustDo(t, log.Close())
		mustLog(t, c, "INFO 0", "INFO 1", "INFO 2", "INFO 3", "INFO 4")
	})
}

func TestKolog_queue_from_json_values(t *testing.T) {
	cfg := parse(t, `{"max_records": 500, "overflow": "drop_newest", "close_timeout": "10s", "sinks": {"null": {}}}`, config.Options{})
	for key, want := range map[string]string{"max_records": "500", "overflow": "drop_newest", "close_timeout": "10s"} {
		if got, origin := effective(t, cfg, "log."+key); got != want || !strings.HasPrefix(origin, "weir.json:1:") {
			t.Errorf("%s is %s from %s", key, got, origin)
		}
	}
	log, err := cfg.New("app")
	mustDo(t, err)
	defer log.Close()
	if n := log.Stats().QueueCapacity; n != 500 {
		t.Errorf("the queue has room for %d", n)
	}
}

// TestKolog_queue_invalid: a bad policy, a wrong type; nothing is made then.
func TestKolog_queue_invalid(t *testing.T) {
	for _, file := range []string{`{"overflow": "invalid_policy"}`, `{"max_records": "many"}`, `{"max_records": -1}`, `[]`} {
		_, err := config.Parse([]byte(file), "weir.json", config.Options{LookupEnv: env()})
		var e *weir.Error
		if !errors.As(err, &e) || e.Layer != weir.LayerConfiguration || e.Category != weir.CategoryValidation {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestKolog_processor_invalid_params: ko-log said "processor set with invalid params".
func TestKolog_processor_invalid_params(t *testing.T) {
	for params, want := range map[string]string{
		`{"type": "level", "level": 3}`:                "log.processors[0].level: 3 is not a text",
		`{"type": "drop", "keys": "password"}`:         `log.processors[0].keys: "password" is not a list`,
		`{"type": "callsite", "fields": ["colno"]}`:    "log.processors[0]: the processor callsite cannot be made",
		`{"type": "defaults", "attrs": ["env"]}`:       "log.processors[0].attrs",
		`{"type": "level", "min_level": "INFO"}`:       "log.processors[0].min_level: there is no such key",
		`{"type": "redact", "patterns": ["("]}`:        "log.processors[0]",
		`{"type": "deduplicate", "window": "forever"}`: "log.processors[0].window",
	} {
		_, err := config.Parse([]byte(`{"processors": [`+params+`]}`), "weir.json", config.Options{LookupEnv: env()})
		var e *weir.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", params, err, want)
		}
	}
}

// TestKolog_bound_logger: bind, unbind, try_unbind and new leave the original alone; the
// call's context is merged.
func TestKolog_bound_logger(t *testing.T) {
	log, c := weirtest.New(t, weir.WithoutSource())
	bound := log.With("a", 1, "b", 2)
	bound.Fresh("c", 3).Info("new clears")
	bound.Without("a").Info("try_unbind")
	if l, err := bound.TryWithout("absent"); err == nil || l != bound {
		t.Errorf("unbind of what is not there: %v", err)
	}
	bound.Info("the original", "b", 4, "d", 5)
	log.Info("the first")
	want := []string{`{"c":3}`, `{"b":2}`, `{"a":1,"b":4,"d":5}`, ``}
	for i, r := range c.Records() {
		got := ""
		if _, metadata, ok := strings.Cut(string(record.AppendJSON(nil, &r)), `"metadata":`); ok {
			got = metadata[:strings.Index(metadata, "}")+1]
		}
		if got != want[i] {
			t.Errorf("%s: %s, want %s", r.Message, got, want[i])
		}
	}
}

// TestKolog_logger_not_found: the text.
func TestKolog_logger_not_found(t *testing.T) {
	cfg := parse(t, `{"sinks": {"null": {}}}`, config.Options{})
	log, err := cfg.New("app")
	mustDo(t, err)
	defer log.Close()
	if _, err := cfg.Logger(log, "non_existent"); err == nil || !strings.Contains(err.Error(), "logger `non_existent` not found in configuration") {
		t.Errorf("error %v", err)
	}
}

// TestKolog_json_config_to_stdout: the whole way.
func TestKolog_json_config_to_stdout(t *testing.T) {
	stdout, _ := redirected(t)
	cfg := parse(t, `{"sinks": {"stdout": {"type": "text", "layout": "%(asctime)s - %(name)s - %(level)s - %(event)s"}}}`, config.Options{})
	log, err := cfg.New("root")
	mustDo(t, err)
	log.Info("Test from JSON config")
	mustDo(t, log.Close())
	if got := stdout(); !strings.HasSuffix(got, " - root - INFO - Test from JSON config\n") {
		t.Errorf("stdout has %q", got)
	}
}
