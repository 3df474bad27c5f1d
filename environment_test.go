package weir_test

import (
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// TestEnvironment: A18, F-III. Options in code win over variables, WEIR's own over the
// log-collector's, and what cannot be understood is told and ignored.
func TestEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"WEIR_LEVEL": "warning", "WEIR_LEVELS": "app.db=debug, app.web=error,broken,app.x=loud", "WEIR_OVERFLOW": "drop-newest", "WEIR_SOURCE": "perhaps",
		"WEIR_SERVICE": "", "SERVICE_NAME": "pay", "NODE_ENV": "node", "ENVIRONMENT": "production", "WEIR_SERVICE_VERSION": "v2", "SERVICE_VERSION": "v1", "LOG_TYPE": "worker",
	} {
		t.Setenv(name, value)
	}
	var c capture
	var problems []error
	l := weir.New("app", weir.WithSink(&c), weir.WithDiagnostics(func(err error) { problems = append(problems, err) }),
		weir.WithLogger("app.web", weir.LoggerOptions{Level: weir.LevelTrace}))
	l.Warn("m")
	for _, test := range []struct {
		log  *weir.Logger
		want slog.Level
	}{{l, weir.LevelWarn}, {l.Named("db"), weir.LevelDebug}, {l.Named("web"), weir.LevelTrace}, {l.Named("x"), weir.LevelWarn}} {
		if !test.log.Enabled(t.Context(), test.want) || test.log.Enabled(t.Context(), test.want-1) {
			t.Errorf("the level of %s is not %v", test.log.Name(), test.want)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	want := record.Resource{Service: "pay", Environment: "production", ServiceVersion: "v2", LogType: "WORKER", Host: c.records[0].Resource.Host}
	if got := *c.records[0].Resource; got != want {
		t.Errorf("resource %+v", got)
	}
	if _, ok := attr(c.records[0], "function_name"); !ok {
		t.Error("WEIR_SOURCE=perhaps switched the source off")
	}
	if len(problems) != 3 { // broken, app.x=loud, WEIR_SOURCE
		t.Errorf("%d problems: %v", len(problems), problems)
	}
	for _, p := range problems {
		var e *weir.Error
		if !errors.As(p, &e) || e.Code() != "CONFIGURATION::Environment::VALIDATION::ERROR" || e.UserMessage == "" {
			t.Errorf("%v", p)
		}
	}
	t.Setenv("WEIR_SOURCE", "off")
	got := logOnce(t, func(l *weir.Logger) { l.Debug("m") }, weir.WithLevel(weir.LevelDebug), weir.WithResource(record.Resource{Service: "own"}))
	if _, ok := attr(got[0], "function_name"); ok || got[0].Resource.Service != "own" {
		t.Errorf("%+v of %+v", got[0], got[0].Resource)
	}
}

// TestCodeWinsOverTheEnvironment, also where it asks for what is the default.
func TestCodeWinsOverTheEnvironment(t *testing.T) {
	t.Setenv("WEIR_OVERFLOW", "fail")
	t.Setenv("WEIR_LEVEL", "error")
	ask := func(opts ...weir.Option) (err error) {
		release := make(chan struct{})
		hung := &capture{before: func() error { <-release; return nil }}
		l := weir.New("app", append(opts, weir.WithSink(hung), weir.WithMemoryLimit(weir.MinMemoryLimit), weir.WithErrorOutput(io.Discard))...)
		for range 5000 {
			err = errors.Join(err, l.TryLog(t.Context(), weir.LevelInfo, "m"))
		}
		close(release)
		return errors.Join(err, l.Close())
	}
	if err := ask(weir.WithLevel(weir.LevelInfo)); !errors.Is(err, weir.ErrQueueFull) {
		t.Errorf("from the environment: %v", err)
	}
	if err := ask(); err != nil { // INFO is below WEIR_LEVEL
		t.Errorf("WEIR_LEVEL is ignored: %v", err)
	}
	if err := ask(weir.WithLevel(weir.LevelInfo), weir.WithOverflow(weir.DropOldest)); err != nil {
		t.Errorf("DropOldest in code: %v", err)
	}
	if err := ask(weir.WithoutEnvironment()); err != nil {
		t.Errorf("without the environment: %v", err)
	}
}

func TestParseLevel(t *testing.T) {
	for text, want := range map[string]slog.Level{"info": 0, " Warning ": 4, "CRITICAL": 12, "DEBUG-1": -5, "e": 8} {
		if got, err := weir.ParseLevel(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "loud", "info+", "3"} {
		if got, err := weir.ParseLevel(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestOverflowText(t *testing.T) {
	for text, want := range map[string]weir.Overflow{"DropOldest": weir.DropOldest, "drop_newest": weir.DropNewest, "BLOCK": weir.Block, "fail": weir.Fail} {
		var o weir.Overflow
		if err := o.UnmarshalText([]byte(text)); err != nil || o != want {
			t.Errorf("%q: %v, %v", text, o, err)
		}
	}
	var o weir.Overflow
	if err := o.UnmarshalText([]byte("drop")); err == nil { // it means two things
		t.Errorf("drop: %v", o)
	}
}

// TestDropReports: drops reach the callback by reason and level once a second at
// most, and at the end, and people once in ten seconds.
func TestDropReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var reports []weir.DropReport
		release := make(chan struct{})
		hung := &capture{before: func() error { <-release; return nil }}
		l := weir.New("app", weir.WithSink(hung), weir.WithOverflow(weir.DropNewest), weir.WithMemoryLimit(weir.MinMemoryLimit), weir.WithErrorOutput(io.Discard),
			weir.WithOnDrop(func(r weir.DropReport) {
				mu.Lock()
				defer mu.Unlock()
				reports = append(reports, r)
				panic("not the logger's problem")
			}))
		for range 20 {
			for range 200 {
				l.Info("a record that fills the queue")
				l.Error("an error that may use the last eighth")
			}
			time.Sleep(500 * time.Millisecond)
		}
		close(release)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		balance(t, l)
		s := l.Stats()
		var total, infos, errs uint64
		for _, r := range reports {
			total += r.Dropped.Total()
			infos += r.Levels[2].Dropped.OverflowNewest
			errs += r.Levels[4].Dropped.OverflowNewest
		}
		if total == 0 || total != s.Dropped.Total() || infos+errs != total || reports[len(reports)-1].Total != total {
			t.Errorf("reported %d (%d INFO, %d ERROR) of %d", total, infos, errs, s.Dropped.Total())
		}
		if infos <= errs {
			t.Errorf("%d INFO and %d ERROR dropped: the last eighth is for the latter", infos, errs)
		}
		if len(reports) > 12 {
			t.Errorf("%d reports in ten seconds", len(reports))
		}
		if s.DropRate <= 0 || s.DropRate >= 1 {
			t.Errorf("drop rate %v", s.DropRate)
		}
	})
}

// TestStatsHaveWhatPulselogsHad: A16.
func TestStatsHaveWhatPulselogsHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		look := &watched{}
		l := weir.New("app", weir.WithSink(discard{}, look), weir.WithMaxRecords(5000), weir.WithCheckpointDir(t.TempDir()))
		defer l.Close()
		if err := l.Save(t.Context(), weir.Checkpoint{Name: "epoch-1"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		s := l.Stats()
		if s.CheckpointsSaved != 1 || s.Viewers != 3 || s.Uptime != 3*time.Second || s.QueueCapacity != 5000 || s.QueueFill != 0 || s.DropRate != 0 {
			t.Errorf("%+v", s)
		}
	})
}

type watched struct{ viewer }

func (*watched) Viewers() int { return 3 }
