package weir_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

func TestLevels(t *testing.T) {
	ctx := context.Background()
	use := func(l *weir.Logger) {
		l.Trace("trace")
		l.Debug("debug")
		l.Info("info")
		l.Warn("warn")
		l.Error("error")
		l.Critical("fatal")
		l.TraceContext(ctx, "trace")
		l.DebugContext(ctx, "debug")
		l.InfoContext(ctx, "info")
		l.WarnContext(ctx, "warn")
		l.ErrorContext(ctx, "error")
		l.CriticalContext(ctx, "fatal")
		l.TraceFast("trace")
		l.DebugFast("debug")
		l.InfoFast("info")
		l.WarnFast("warn")
		l.ErrorFast("error")
		l.CriticalFast("fatal")
	}
	records := logOnce(t, use, weir.WithLevel(weir.LevelTrace))
	if len(records) != 18 {
		t.Fatalf("%d records, want 18", len(records))
	}
	for _, r := range records {
		if !strings.EqualFold(r.LevelText(), r.Message) {
			t.Errorf("%q was logged at %s", r.Message, r.LevelText())
		}
	}
	if n := len(logOnce(t, use)); n != 12 {
		t.Errorf("%d records at the default level, want 12 from INFO on", n)
	}
	var level slog.LevelVar
	records = logOnce(t, func(l *weir.Logger) {
		level.Set(weir.LevelError)
		l.Warn("no")
		level.Set(weir.LevelDebug)
		l.Debug("yes")
		l.Log(ctx, slog.LevelInfo+2, "between")
		if l.Enabled(ctx, weir.LevelTrace) {
			t.Error("TRACE is enabled")
		}
	}, weir.WithLevel(&level))
	if len(records) != 2 || records[1].Severity != record.SeverityInfo+2 {
		t.Errorf("got %+v", records)
	}
}

func TestRecord(t *testing.T) {
	before := time.Now()
	records := logOnce(t, func(l *weir.Logger) {
		l.Info("one", "a", 1, slog.Bool("b", true), "trace_id", "abc", "span_id", "def")
		l.LogAttrs(context.Background(), weir.LevelWarn, "two", slog.Group("g", slog.String("k", "v")))
		l.Divider("three")
		l.Info("four", "lonely")
		l.Info("five", 5)
	}, weir.WithoutSource(), weir.WithResource(record.Resource{Environment: "test"}))
	after := time.Now()
	for i, r := range records {
		if r.Seq != uint64(i+1) || r.SourceID == "" || r.SourceID != records[0].SourceID || r.Logger != "app" {
			t.Errorf("record %d: seq %d of %q by %q", i, r.Seq, r.SourceID, r.Logger)
		}
		if r.Resource.Service != "app" || r.Resource.Environment != "test" || r.Resource != records[0].Resource {
			t.Errorf("record %d: resource %+v", i, r.Resource)
		}
		const slack = time.Millisecond
		if r.Time.Before(before.Add(-slack)) || r.Time.After(after.Add(slack)) || r.Time.Location() != time.UTC {
			t.Errorf("record %d: time %v, not between %v and %v", i, r.Time, before, after)
		}
	}
	if r := records[0]; fmt.Sprint(r.Attrs) != "[a=1 b=true]" || r.TraceID != "abc" || r.SpanID != "def" {
		t.Errorf("attributes %v, trace %q, span %q", r.Attrs, r.TraceID, r.SpanID)
	}
	if got := fmt.Sprint(records[1].Attrs); got != "[g=[k=v]]" {
		t.Errorf("attributes %v", got)
	}
	if r := records[2]; r.Kind != record.KindDivider || r.Message != "three" {
		t.Errorf("divider %+v", r)
	}
	if got := fmt.Sprint(records[3].Attrs, records[4].Attrs); got != "[!BADKEY=lonely] [!BADKEY=5]" {
		t.Errorf("arguments without keys: %v", got)
	}
	if other := logOnce(t, func(l *weir.Logger) { l.Info("x") }); other[0].SourceID == records[0].SourceID {
		t.Error("two loggers count under one source_id")
	}
}

func TestWith(t *testing.T) {
	for _, c := range []struct {
		use  func(l *weir.Logger)
		want string
	}{
		{func(l *weir.Logger) { l.With("a", 1).Info("m", "b", 2) }, "[a=1 b=2]"},
		{func(l *weir.Logger) { l.With("a", 1).InfoFast("m") }, "[a=1]"},
		{func(l *weir.Logger) { l.With("a", 1).With("b", 2).Info("m") }, "[a=1 b=2]"},
		{func(l *weir.Logger) { l.WithGroup("g").Info("m", "a", 1) }, "[g=[a=1]]"},
		{func(l *weir.Logger) { l.WithGroup("g").Info("m") }, "[]"},
		{func(l *weir.Logger) { l.WithGroup("g").Info("m", slog.Attr{}) }, "[]"},
		{func(l *weir.Logger) { l.WithGroup("g").With("a", 1).WithGroup("h").Info("m", "b", 2) }, "[g=[a=1 h=[b=2]]]"},
		{func(l *weir.Logger) { l.WithGroup("g").With("a", 1).WithGroup("h").Info("m") }, "[g=[a=1]]"},
		{func(l *weir.Logger) { l.WithGroup("g").WithGroup("h").With("a", 1).Info("m") }, "[g=[h=[a=1]]]"},
		{func(l *weir.Logger) { l.With().WithGroup("").Info("m", "a", 1) }, "[a=1]"},
		{func(l *weir.Logger) { l.Slog().With("a", 1).WithGroup("g").Info("m", "b", 2) }, "[a=1 g=[b=2]]"},
		{func(l *weir.Logger) { l.With("a", 1).Handler().Logger().Info("m", "b", 2) }, "[a=1 b=2]"},
		{func(l *weir.Logger) { p := l.With("a", 1); p.With("b", 2); p.With("c", 3).Info("m") }, "[a=1 c=3]"},
	} {
		records := logOnce(t, c.use, weir.WithoutSource())
		if got := fmt.Sprint(records[0].Attrs); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestSource: the place is that of the call, whichever method it calls.
func TestSource(t *testing.T) {
	ctx := context.Background()
	for name, call := range map[string]func(l *weir.Logger){
		"Info":        func(l *weir.Logger) { l.Info("m") },
		"InfoContext": func(l *weir.Logger) { l.InfoContext(ctx, "m") },
		"Critical":    func(l *weir.Logger) { l.Critical("m") },
		"Log":         func(l *weir.Logger) { l.Log(ctx, weir.LevelInfo, "m") },
		"LogAttrs":    func(l *weir.Logger) { l.LogAttrs(ctx, weir.LevelInfo, "m") },
		"TryLog":      func(l *weir.Logger) { _ = l.TryLog(ctx, weir.LevelInfo, "m") },
		"slog":        func(l *weir.Logger) { l.Slog().Info("m") },
		"With":        func(l *weir.Logger) { l.With("a", 1).Info("m") },
	} {
		t.Run(name, func(t *testing.T) {
			_, file, line, _ := runtime.Caller(0)
			r := logOnce(t, func(l *weir.Logger) { call(l) })[0]
			function, _ := attr(r, "function_name")
			path, _ := attr(r, "file_path")
			at, _ := attr(r, "line_number")
			if !strings.Contains(function.String(), "TestSource") || path.String() != file {
				t.Errorf("function %v in %v", function, path)
			}
			if n := int(at.Int64()); n >= line || n < line-20 || filepath.Base(path.String()) != "logger_test.go" {
				t.Errorf("line %d, the call is a few lines above %d", n, line)
			}
		})
	}
	r := logOnce(t, func(l *weir.Logger) { l.Info("m", "function_name", "mine") })[0]
	if v, _ := attr(r, "function_name"); v.String() != "mine" {
		t.Errorf("the call's own function_name lost to %v", v)
	}
}

func TestTruncation(t *testing.T) {
	var stats weir.Stats
	records := logOnce(t, func(l *weir.Logger) {
		l.Info("m", "body", strings.Repeat("x", 100_000), "n", 1)
		l.Info("short")
		stats = l.Stats()
	}, weir.WithMaxRecordBytes(4000))
	body, _ := attr(records[0], "body")
	n, _ := attr(records[0], "n")
	if s := body.String(); len(s) > 4000 || !strings.HasSuffix(s, "[cut: 100000 bytes in all]") || n.Int64() != 1 {
		t.Errorf("%d bytes, n %v", len(s), n)
	}
	if stats.Truncated != 1 {
		t.Errorf("%d records counted as cut, want 1", stats.Truncated)
	}
}

func TestLargeRecord(t *testing.T) {
	large := strings.Repeat("x", 3<<20)
	records := logOnce(t, func(l *weir.Logger) {
		l.Info("before")
		l.Info(large)
		l.Info("after")
	})
	if len(records) != 3 || records[1].Message != large || records[2].Message != "after" {
		t.Errorf("%d records", len(records))
	}
}
