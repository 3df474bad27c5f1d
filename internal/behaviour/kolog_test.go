package behaviour_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/writer"
	"github.com/weirlog/weir/weirtest"
)

// TestC1LevelsAndAliases: Python's names and numbers, in and out.
func TestC1LevelsAndAliases(t *testing.T) {
	form := text(t, "%(levelname)s %(levelno)d", format.TextOptions{})
	for name, want := range map[string]string{
		"DEBUG": "DEBUG 10", "INFO": "INFO 20", "WARNING": "WARNING 30", "WARN": "WARNING 30",
		"ERROR": "ERROR 40", "CRITICAL": "CRITICAL 50", "FATAL": "CRITICAL 50", "warning": "WARNING 30",
	} {
		level, err := weir.ParseLevel(name)
		mustDo(t, err)
		log, c := weirtest.New(t)
		log.Log(t.Context(), level, "m")
		if got := strings.TrimSpace(c.Text(form)); got != want {
			t.Errorf("%s is written %q, want %q", name, got, want)
		}
	}
}

// TestC2EachLevelHasCallScopeAndLife; what ko-log has a second time for async needs no
// second name here.
func TestC2EachLevelHasCallScopeAndLife(t *testing.T) {
	log, c := weirtest.New(t)
	for _, l := range []struct {
		level slog.Level
		name  string
		call  func(msg string, args ...any)
	}{
		{weir.LevelTrace, "TRACE", log.Trace},
		{weir.LevelDebug, "DEBUG", log.Debug},
		{weir.LevelInfo, "INFO", log.Info},
		{weir.LevelWarn, "WARN", log.Warn},
		{weir.LevelError, "ERROR", log.Error},
		{weir.LevelFatal, "FATAL", log.Critical},
	} {
		c.Reset()
		synctest.Test(t, func(t *testing.T) {
			log, c := weirtest.New(t)
			scope := log.ScopeAt(t.Context(), l.level, "scope")
			scope(nil)
			life := log.LifeAt(t.Context(), l.level, "life")
			time.Sleep(150 * time.Millisecond)
			life(nil)
			mustLog(t, c, l.name+" scope", l.name+" Begin: life", l.name+" End (0.15): life")
		})
		l.call("event", "k", "v")
		mustLog(t, c, l.name+" event")
	}
}

// TestC6EventDict: every name of ko-log's event is a name of layouts, the time is UTC's
// where that is asked for, and the call's attributes win over the bound ones.
func TestC6EventDict(t *testing.T) {
	log, c := weirtest.New(t)
	_, file, line, _ := runtime.Caller(0)
	log.Named("db").With("user", "bound", "part", "auth").Error("failed", "user", "call")
	form := text(t, "%(name)s|%(event)s|%(level)s|%(pathname)s|%(filename)s|%(lineno)s|%(funcName)s|%(module)s|%(timestamp)s%(asctime)s|%(user)s|%(part)s",
		format.TextOptions{Location: time.UTC, DateFormat: "%Z %Y"})
	at := c.Records()[0].Time.UTC()
	want := fmt.Sprintf("test.db|failed|ERROR|%s|%s|%d|TestC6EventDict|%s|UTC %d|call|auth",
		file, filepath.Base(file), line+1, strings.TrimSuffix(filepath.Base(file), ".go"), at.Year())
	if got := strings.TrimSpace(c.Text(form)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(record.AppendJSON(nil, &c.Records()[0])); !strings.Contains(got, `"metadata":{"part":"auth","user":"call"}`) || strings.Contains(got, "bound") {
		t.Errorf("as JSON: %s", got)
	}
}

// TestC8RecordIsFrozen: what the caller, or one sink's processor, changes after the call
// is not in the record that others get.
func TestC8RecordIsFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(standstill)
		changed := &weirtest.Capture{}
		log, c := weirtest.New(t, weir.WithProcessor(stop), weir.WithSink(weir.ConfigureSink(changed, weir.SinkOptions{
			Processors: []weir.Processor{weir.ProcessorFunc(func(r *record.Record) bool {
				r.Message, r.Logger, r.Attrs = "changed", "changed", nil
				return true
			})},
		})))
		list, inner := []int{1, 2}, map[string]any{"k": "before"}
		log.Info("m", "list", list, "map", inner)
		list[0], inner["k"] = 9, "after"
		close(stop)
		r := c.Records()[0]
		if value(r, "list") != "[1 2]" || value(r, "map.k") != "before" || r.Message != "m" || r.Logger != "test" {
			t.Errorf("the record is %s", record.AppendJSON(nil, &r))
		}
		mustLog(t, changed, "INFO changed")
	})
}

// TestC9QueueSettings: ko-log's queue in Weir's keys; its "drop" is refused, since it means
// two things, with both names.
func TestC9QueueSettings(t *testing.T) {
	cfg := parse(t, `{"max_records": 10000, "overflow": "block", "close_timeout": "5s", "console": false}`, config.Options{})
	for key, want := range map[string]string{"log.max_records": "10000", "log.overflow": "block", "log.close_timeout": "5s"} {
		if got, _ := effective(t, cfg, key); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	cfg = parse(t, `{}`, config.Options{})
	if got, origin := effective(t, cfg, "log.overflow"); got != "drop_oldest" || origin != "default" {
		t.Errorf("the default policy is %s from %s", got, origin)
	}
	_, err := config.Parse([]byte(`{"overflow": "drop"}`), "weir.json", config.Options{LookupEnv: env()})
	if err == nil || !strings.Contains(err.Error(), "drop_oldest") || !strings.Contains(err.Error(), "drop_newest") {
		t.Errorf("drop: %v", err)
	}
}

// TestC21NoCallDoesIO: ko-log's sync methods wrote from the caller, under one lock. Here a
// call does not wait for a sink that hangs, and Sync waits for it.
func TestC21NoCallDoesIO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung, release := hungPipe()
		log := weir.New("app", weir.WithSink(writer.New(hung, nil, writer.WithClose())), weir.WithCloseTimeout(time.Minute))
		begin := time.Now()
		log.Info("not waited for")
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("the call waited %v", waited)
		}
		var out *said
		time.AfterFunc(3*time.Second, func() { out = release() })
		log.Sync().Info("waited for")
		if waited := time.Since(begin); waited != 3*time.Second {
			t.Errorf("Sync waited %v", waited)
		}
		synctest.Wait()
		if n := len(lines(out.String())); n != 2 {
			t.Errorf("%d lines are written", n)
		}
		mustDo(t, log.Close())
	})
}

// TestC23FlushAndShutdown: a flush waits for all that was logged; a shutdown writes what is
// left, closes the sinks once, and what is logged later is ignored, and counted.
func TestC23FlushAndShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got arrivals
		log := weir.New("app", weir.WithSink(writer.New(&got, nil)), weir.WithErrorOutput(io.Discard))
		for range 1000 {
			log.Info("m")
		}
		mustDo(t, log.Flush(t.Context()))
		if n := len(got.all()); n != 1000 {
			t.Errorf("%d records after the flush", n)
		}
		log.Info("last")
		mustDo(t, log.Close())
		log.Info("after shutdown attempt")
		log.Sync().Error("nor this")
		mustDo(t, log.Close())
		if n := len(got.all()); n != 1001 {
			t.Errorf("%d records after the shutdown", n)
		}
		if s := balance(t, log); s.Dropped.Closed != 2 {
			t.Errorf("dropped %+v", s.Dropped)
		}
	})
}

// TestC29Factory: a logger is made once for each name, and what ko-log wrote into its
// factory's own log goes to Diagnostics.
func TestC29Factory(t *testing.T) {
	var told []error
	sinks := captures{}
	cfg := parse(t, `{"sinks": {"capture": {}}, "loggers": {"app.db": {"level": "debug"}}}`, sinks.options())
	log, err := cfg.New("app", weir.WithDiagnostics(func(err error) { told = append(told, err) }),
		weir.WithProcessor(weir.ProcessorFunc(func(*record.Record) bool { panic("broken") })))
	mustDo(t, err)
	db, err := cfg.Logger(log, "app.db")
	mustDo(t, err)
	if again, err := cfg.Logger(log, "app.db"); err != nil || again != db || log.Named("db") != db || log.Lookup("app.db") != db {
		t.Errorf("another logger of the same name: %v", err)
	}
	db.DebugContext(context.Background(), "m")
	mustDo(t, log.Close())
	if len(told) != 1 || !strings.Contains(told[0].Error(), "broken") {
		t.Errorf("told %v", told)
	}
}
