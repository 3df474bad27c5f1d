package weir_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
)

// TestNamed: names are dotted, cached, and carry what their logger adds. Section 3:
// the logger of a name is the same instance.
func TestNamed(t *testing.T) {
	got := logOnce(t, func(l *weir.Logger) {
		db := l.Named("db")
		if db.Name() != "app.db" || db != l.Named("db") || db != l.Lookup("app.db") || l.Named("") != l {
			t.Errorf("names: %s, same %v", db.Name(), db == l.Named("db"))
		}
		db.Info("one")
		l.With("k", "v").WithGroup("g").Named("db").Named("pool").Info("two", "in", 1)
	}, weir.WithoutSource(), weir.WithLogger("app.db.pool", weir.LoggerOptions{Attrs: []slog.Attr{slog.String("own", "x")}}))
	if got[0].Logger != "app.db" || got[1].Logger != "app.db.pool" {
		t.Errorf("loggers %q, %q", got[0].Logger, got[1].Logger)
	}
	if text := jsonOf(&got[1]); text != `{"g":{"in":1},"k":"v","own":"x"}` {
		t.Errorf("attributes: %s", text)
	}
}

// TestLevelsByName: the nearest name above counts, also while the program runs, and a level
// for a time goes back by itself.
func TestLevelsByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		l := weir.New("app", weir.WithSink(discard{}), weir.WithLogger("app.db", weir.LoggerOptions{Level: weir.LevelDebug}))
		defer l.Close()
		db, pool, web := l.Named("db"), l.Named("db.pool"), l.Named("web")
		check := func(when string, log *weir.Logger, level slog.Level) {
			t.Helper()
			if !log.Enabled(ctx, level) || log.Enabled(ctx, level-1) {
				t.Errorf("%s: the level of %s is not %v", when, log.Name(), level)
			}
		}
		check("at first", l, weir.LevelInfo)
		check("at first", pool, weir.LevelDebug)
		check("at first", web, weir.LevelInfo)

		if err := l.SetLevel("app", weir.LevelError, 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		check("app is set", web, weir.LevelError)
		check("app is set", db, weir.LevelDebug)
		if err := l.SetLevel("app.db.pool", weir.LevelTrace, 0); err != nil {
			t.Fatal(err)
		}
		check("pool is set", pool, weir.LevelTrace)
		time.Sleep(10*time.Minute + time.Second)
		check("the time has passed", web, weir.LevelInfo)
		check("the time has passed", pool, weir.LevelTrace)
		if err := l.ResetLevel("app.db.pool"); err != nil {
			t.Fatal(err)
		}
		check("reset", pool, weir.LevelDebug)

		if err := l.SetLevel("", weir.LevelWarn, 0); err != nil {
			t.Fatal(err)
		}
		check("the base is set", l, weir.LevelWarn)
		check("a new name", l.Named("later"), weir.LevelWarn)
		check("behind slog", l.Named("later").Slog().Handler().(*weir.Handler).Logger(), weir.LevelWarn)

		var rules []string
		for _, r := range l.Levels() {
			own := ""
			if r.Own {
				own = "*"
			}
			rules = append(rules, r.Logger+"="+r.Level.String()+own)
		}
		want := []string{"=WARN*", "app=WARN", "app.db=DEBUG*", "app.db.pool=DEBUG", "app.later=WARN", "app.web=WARN"}
		if !slices.Equal(rules, want) {
			t.Errorf("levels: %q", rules)
		}
		var e *weir.Error
		if err := l.ResetLevel("nobody"); !errors.As(err, &e) || e.Code() != "CONFIGURATION::Levels::VALIDATION::ERROR" {
			t.Errorf("reset of what was not set: %v", err)
		}
		if err := l.SetLevel("x", weir.LevelInfo, -1); err == nil {
			t.Error("a negative time is accepted")
		}
	})
}

// TestSinksByName: the nearest list of sinks takes the place of those above it;
// Propagate adds; a viewer sees all. C20.
func TestSinksByName(t *testing.T) {
	var root, db, pool, extra capture
	look := new(viewer)
	l := weir.New("app", weir.WithSink(&root, look), weir.WithErrorOutput(io.Discard),
		weir.WithLogger("app.db", weir.LoggerOptions{Sinks: []weir.Sink{&db}}),
		weir.WithLogger("app.db.pool", weir.LoggerOptions{Sinks: []weir.Sink{&pool}, Propagate: true}),
		weir.WithLogger("app.quiet", weir.LoggerOptions{Sinks: []weir.Sink{}}))
	if err := l.AddSinkTo("app.db", &extra); err != nil {
		t.Fatal(err)
	}
	l.Info("root")
	l.Named("db").Info("db")
	l.Named("db.pool.conn").Info("conn")
	l.Named("dbx").Info("dbx")
	l.Named("quiet").Info("quiet")
	l.Lookup("elsewhere").Info("elsewhere")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	balance(t, l)
	for _, c := range []struct {
		name string
		got  *capture
		want []string
	}{
		{"root", &root, []string{"root", "dbx", "elsewhere"}},
		{"db", &db, []string{"db", "conn"}},
		{"pool", &pool, []string{"conn"}},
		{"extra", &extra, []string{"db", "conn"}},
		{"viewer", &look.capture, []string{"root", "db", "conn", "dbx", "quiet", "elsewhere"}},
	} {
		if got := messages(c.got.records); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

type viewer struct{ capture }

func (*viewer) Viewer() {}

func TestTooManyNames(t *testing.T) {
	var told int
	l := weir.New("app", weir.WithSink(discard{}), weir.WithDiagnostics(func(error) { told++ }))
	defer l.Close()
	for i := range 10_100 {
		l.Named("user" + string(rune('a'+i%26)) + time.Duration(i).String())
	}
	if n := l.Named("one more"); n.Name() != "app" || told != 1 {
		t.Errorf("name %q, told %d times", n.Name(), told)
	}
}
