package behaviour_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/config/page"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/null"
	"github.com/weirlog/weir/weirtest"
)

// TestA14ContextAndDivider: a block's tag is gone behind it, on an error too; a divider is
// a record of its own kind, whatever the level.
func TestA14ContextAndDivider(t *testing.T) {
	log, c := weirtest.New(t, weir.WithLevel(weir.LevelError))
	training := weir.Tag(t.Context(), "training")
	err := func(ctx context.Context) error {
		ctx = weir.Tag(ctx, "validation")
		log.ErrorContext(ctx, "val loss")
		return errors.New("too high")
	}(training)
	log.ErrorContext(training, "after", "error", err)
	log.Divider("epoch boundary")
	weirtest.AssertLogged(t, c, weir.LevelError, "val loss", slog.String("tag", "validation"))
	weirtest.AssertLogged(t, c, weir.LevelError, "after", slog.String("tag", "training"))
	last := c.Records()[2]
	if last.Kind != record.KindDivider || last.Message != "epoch boundary" || value(last, "tag") != "" {
		t.Errorf("the divider is %+v", last)
	}
}

// TestA15FlushHasATimeout: a flush that takes longer is an error; shutting down twice, and at
// once, is one shutdown.
func TestA15FlushHasATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(standstill)
		log, c := weirtest.New(t, weir.WithProcessor(stop))
		log.Info("m")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		begin := time.Now()
		if err := log.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 2*time.Second {
			t.Errorf("flush: %v after %v", err, time.Since(begin))
		}
		close(stop)
		mustDo(t, log.Flush(t.Context()))
		var closers sync.WaitGroup
		for range 4 {
			closers.Go(func() {
				if err := log.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		closers.Wait()
		mustDo(t, log.Shutdown(t.Context()))
		mustLog(t, c, "INFO m")
	})
}

// TestA16StatsAddUp: pulselog's eight numbers, while records wait and are dropped, and
// their names in JSON.
func TestA16StatsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(standstill)
		log, _ := weirtest.New(t, weir.WithProcessor(stop), weir.WithOverflow(weir.DropNewest), weir.WithMaxRecords(100),
			weir.WithErrorOutput(io.Discard), weir.WithCheckpointDir(t.TempDir()))
		log.Info("first")
		settle()
		for range 125 {
			log.Warn("m")
		}
		time.Sleep(90 * time.Second)
		s := log.Stats()
		if s.Emitted != 126 || s.Dropped.Total() == 0 || s.Waiting+s.Dropped.Total() != 126 {
			t.Errorf("emitted %d, waiting %d, dropped %d", s.Emitted, s.Waiting, s.Dropped.Total())
		}
		if want := float64(s.Dropped.Total()) / 126; s.DropRate != want {
			t.Errorf("the drop rate is %v, want %v", s.DropRate, want)
		}
		if s.QueueCapacity != 100 || s.QueueRecords < 80 || s.QueueRecords > 100 || s.QueueFill < 0.8 || s.QueueFill > 1 {
			t.Errorf("%d of %d records, %v full", s.QueueRecords, s.QueueCapacity, s.QueueFill)
		}
		if s.CheckpointsSaved != 0 || s.Viewers != 0 || s.Uptime != 90*time.Second+10*time.Millisecond {
			t.Errorf("%d checkpoints, %d viewers, up for %v", s.CheckpointsSaved, s.Viewers, s.Uptime)
		}
		close(stop)
		mustDo(t, log.Save(t.Context(), weir.Checkpoint{Name: "epoch-1"}))
		mustDo(t, log.Flush(t.Context()))
		s = log.Stats()
		if s.CheckpointsSaved != 1 || s.QueueRecords != 0 || s.QueueFill > 0.1 {
			t.Errorf("afterwards %+v", s)
		}
		out, err := json.Marshal(s)
		mustDo(t, err)
		for _, name := range []string{"dropped", "drop_rate", "queue_records", "queue_capacity", "queue_fill", "checkpoints_saved", "viewers", "uptime"} {
			if !strings.Contains(string(out), `"`+name+`":`) {
				t.Errorf("%s is not in %s", name, out)
			}
		}
	})
}

// TestA17BridgeForwardsAllFields: what the standard structured log writes has its place and
// its attributes, and a traceback that is given stays whole. (adapter has the same for the
// package log.)
func TestA17BridgeForwardsAllFields(t *testing.T) {
	log, c := weirtest.New(t)
	stack := string(debug.Stack())
	_, file, line, _ := runtime.Caller(0)
	log.Slog().Error("with traceback", "error", errors.New("boom"), "stack_trace", stack)
	r := c.Records()[0]
	if value(r, "file_path") != file || !strings.HasSuffix(value(r, "function_name"), ".TestA17BridgeForwardsAllFields") {
		t.Errorf("the place is %s in %s", value(r, "function_name"), value(r, "file_path"))
	}
	if v, _ := r.Lookup("line_number"); v.Int64() != int64(line+1) {
		t.Errorf("line %v, want %d", v, line+1)
	}
	if value(r, "error") != "boom" || value(r, "stack_trace") != stack {
		t.Errorf("error %q, stack\n%s", value(r, "error"), value(r, "stack_trace"))
	}
	var frames []slog.Value
	err := processor.Errors(processor.ErrorsOptions{}).Process(&r, func(r record.Record) {
		v, _ := r.Lookup("exception.frames")
		frames, _ = v.Any().([]slog.Value)
	})
	if err != nil || len(frames) < 2 || !strings.Contains(frames[1].String(), "TestA17BridgeForwardsAllFields") {
		t.Errorf("frames %v, %v", frames, err)
	}
}

// TestA18VariablesOfPulselog: each of PULSELOG_… has its WEIR_….
func TestA18VariablesOfPulselog(t *testing.T) {
	for _, c := range []struct{ theirs, ours, text, key, want string }{
		{"PULSELOG_DASHBOARD", "WEIR_DASHBOARD", "false", "log.dashboard.enabled", "false"},
		{"PULSELOG_HOST and _PORT", "WEIR_DASHBOARD_ADDRESS", "127.0.0.1:8080", "log.dashboard.address", "127.0.0.1:8080"},
		{"PULSELOG_AUTO_OPEN", "WEIR_DASHBOARD_OPEN", "false", "log.dashboard.open", "false"},
		{"PULSELOG_CHECKPOINT_PATH", "WEIR_CHECKPOINTS", "/data/checkpoints", "log.checkpoints", "/data/checkpoints"},
		{"PULSELOG_LEVEL", "WEIR_LEVEL", "INFO", "log.level", "info"},
		{"overflow, which had none", "WEIR_OVERFLOW", "block", "log.overflow", "block"},
		{"queue_size, which had none", "WEIR_MAX_RECORDS", "100000", "log.max_records", "100000"},
	} {
		cfg := parse(t, `{"dashboard": {"enabled": true, "open": true}}`, config.Options{Sinks: page.Sinks(), LookupEnv: env(c.ours, c.text)})
		if c.ours == "WEIR_DASHBOARD" {
			if sinks, _ := effective(t, cfg, "log.loggers.root.sinks"); strings.Contains(sinks, "page") {
				t.Errorf("%s: the root has %s", c.ours, sinks)
			}
			continue
		}
		if value, origin := effective(t, cfg, c.key); value != c.want || origin != c.ours {
			t.Errorf("%s: %s is %q from %s", c.theirs, c.key, value, origin)
		}
	}
}

// TestA19NothingButTheWorker: without a page there is one goroutine, and checkpoints work.
func TestA19NothingButTheWorker(t *testing.T) {
	before := runtime.NumGoroutine()
	dir := t.TempDir()
	log := weir.New("prod", weir.WithSink(null.New()), weir.WithCheckpointDir(dir))
	if more := runtime.NumGoroutine() - before; more > 1 {
		t.Errorf("%d goroutines", more)
	}
	mustDo(t, log.Save(t.Context(), weir.Checkpoint{Name: "epoch-1", Data: map[string]int{"n": 1}}))
	if c := log.Load("epoch-1"); c == nil || c.Status != weir.StatusDone {
		t.Errorf("loaded %+v", c)
	}
	mustDo(t, log.Close())
	if files, err := filepath.Glob(filepath.Join(dir, "*.json")); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}
