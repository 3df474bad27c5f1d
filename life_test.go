package weir_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// texts are the levels and messages of records.
func texts(records []record.Record) []string {
	out := make([]string, len(records))
	for i := range records {
		out[i] = records[i].LevelText() + " " + records[i].Message
	}
	return out
}

func wantTexts(t *testing.T, records []record.Record, want ...string) {
	t.Helper()
	if got := texts(records); !slices.Equal(got, want) {
		t.Errorf("records %q, want %q", got, want)
	}
}

// attrText is a top-level attribute as text, "" when it is missing.
func attrText(r record.Record, key string) string {
	v, ok := attr(r, key)
	if !ok {
		return ""
	}
	return v.String()
}

// from checks that records name a function of this package's tests, or one inside
// it, and the file of the caller.
func from(t *testing.T, function string, records ...record.Record) {
	t.Helper()
	_, file, _, _ := runtime.Caller(1)
	for _, r := range records {
		if f := attrText(r, "function_name"); !strings.Contains(f, "weir_test."+function) {
			t.Errorf("%q names function %q, want %s", r.Message, f, function)
		}
		if f := attrText(r, "file_path"); filepath.Base(f) != filepath.Base(file) {
			t.Errorf("%q names file %q, want %s", r.Message, f, file)
		}
	}
}

// panicOf calls f and returns what it panics with.
func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func lifeThatWorks(l *weir.Logger, d time.Duration) (err error) {
	done := l.Life(context.Background(), "import", "file", "a.csv")
	defer done(&err)
	<-time.After(d)
	return nil
}

// C4, and ko-log's bound logger: life = Begin/End.
func TestLifeBeginsAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := logOnce(t, func(l *weir.Logger) {
			_ = lifeThatWorks(l, 500*time.Millisecond)
			_ = lifeThatWorks(l, 90*time.Second+4567*time.Microsecond)
		})
		wantTexts(t, records, "INFO Begin: import", "INFO End (0.50): import", "INFO Begin: import", "INFO End (90.00): import")
		from(t, "lifeThatWorks", records...)
		for i, want := range []string{"", "500", "", "90004.567"} {
			if got := attrText(records[i], "duration_ms"); got != want {
				t.Errorf("record %d: duration_ms %q, want %q", i, got, want)
			}
			if attrText(records[i], "file") != "a.csv" {
				t.Errorf("record %d lacks the life's attribute: %v", i, records[i].Attrs)
			}
		}
		if a, b := attrText(records[0], "line_number"), attrText(records[1], "line_number"); a != b || a == "" {
			t.Errorf("the lines are %s and %s, want that of the call of Life", a, b)
		}
	})
}

func lifeThatFails(l *weir.Logger, failure error) (err error) {
	done := l.Life(context.Background(), "import")
	defer done(&err)
	return failure
}

func lifeThatPanics(l *weir.Logger, value any) (err error) {
	done := l.LifeAt(context.Background(), weir.LevelDebug, "import")
	defer done(&err)
	explode(value)
	return nil
}

//go:noinline
func explode(value any) { panic(value) }

// C4, and ko-log's bound logger: life+exception = 3, in the order Begin, Error, End.
func TestLifeWithAnError(t *testing.T) {
	failure := fmt.Errorf("read table: %w", &fs.PathError{Op: "open", Path: "a.csv", Err: fs.ErrNotExist})
	records := logOnce(t, func(l *weir.Logger) {
		if err := lifeThatFails(l, failure); err != failure { //nolint:errorlint // the very same
			t.Errorf("the error became %v", err)
		}
	})
	wantTexts(t, records, "INFO Begin: import", "ERROR Error in import", "INFO End (0.00): import")
	from(t, "lifeThatFails", records...)
	r := records[1]
	if attrText(r, "error") != failure.Error() || attrText(r, "error_type") != "*fs.PathError" {
		t.Errorf("attributes: %v", r.Attrs)
	}
	if !strings.HasPrefix(attrText(r, "stack_trace"), "github.com/weirlog/weir_test.lifeThatFails\n\t") {
		t.Errorf("stack: %s", attrText(r, "stack_trace"))
	}
	if _, ok := attr(r, "panic"); ok {
		t.Error("an error is marked as a panic")
	}
}

// C4: the panic goes on with its value, after Begin, Error, End.
func TestLifeWithAPanic(t *testing.T) {
	type custom struct{ n int }
	for _, value := range []any{"boom", errors.New("boom"), custom{7}, &custom{8}} {
		records := logOnce(t, func(l *weir.Logger) {
			if got := panicOf(func() { _ = lifeThatPanics(l, value) }); got != value {
				t.Errorf("the panic's value became %v, want %v", got, value)
			}
		}, weir.WithLevel(weir.LevelDebug))
		wantTexts(t, records, "DEBUG Begin: import", "ERROR Error in import", "DEBUG End (0.00): import")
		from(t, "lifeThatPanics", records...)
		r := records[1]
		if attrText(r, "error_type") != fmt.Sprintf("%T", value) || attrText(r, "error") != fmt.Sprint(value) || attrText(r, "panic") != "true" {
			t.Errorf("attributes: %v", r.Attrs)
		}
		if s := attrText(r, "stack_trace"); !strings.HasPrefix(s, "github.com/weirlog/weir_test.explode\n\t") || !strings.Contains(s, "weir_test.lifeThatPanics") {
			t.Errorf("stack: %s", s)
		}
	}
	// A nil panic and one of the runtime.
	records := logOnce(t, func(l *weir.Logger) {
		var nilPanic *runtime.PanicNilError
		if err, _ := panicOf(func() { _ = lifeThatPanics(l, nil) }).(error); !errors.As(err, &nilPanic) {
			t.Errorf("the nil panic became %v", err)
		}
		panicOf(func() {
			done := l.Life(context.Background(), "index")
			defer done(nil)
			_ = at(nil, 1)
		})
	})
	if n := len(records); n != 4 || attrText(records[0], "error_type") != "*runtime.PanicNilError" || attrText(records[2], "error_type") != "runtime.boundsError" {
		t.Errorf("records: %v", records)
	}
}

func at(list []int, i int) int { return list[i] }

// TestLivesNest: each logs the panic that passes through it, with the stack of where
// it came from.
func TestLivesNest(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		panicOf(func() {
			done := l.Scope(context.Background(), "outer")
			defer done(nil)
			_ = lifeThatPanics(l, "boom")
		})
	})
	wantTexts(t, records, "INFO outer", "ERROR Error in import", "ERROR Error in a scope: outer")
	for _, r := range records[1:] {
		if s := attrText(r, "stack_trace"); !strings.HasPrefix(s, "github.com/weirlog/weir_test.explode\n\t") {
			t.Errorf("%q has the stack %s", r.Message, s)
		}
	}
}

func TestLifeLevels(t *testing.T) {
	ctx := context.Background()
	fail := func(l *weir.Logger, level slog.Level) {
		done := l.LifeAt(ctx, level, "x")
		err := errors.New("e")
		done(&err)
	}
	// The error's record is at ERROR, or higher when the life is.
	wantTexts(t, logOnce(t, func(l *weir.Logger) { fail(l, weir.LevelFatal) }), "FATAL Begin: x", "FATAL Error in x", "FATAL End (0.00): x")
	// It is logged when the life is not.
	wantTexts(t, logOnce(t, func(l *weir.Logger) { fail(l, weir.LevelDebug) }), "ERROR Error in x")
	wantTexts(t, logOnce(t, func(l *weir.Logger) { fail(l, weir.LevelInfo) }, weir.WithLevel(weir.LevelFatal)))
}

// C3, and ko-log's bound logger: scope = 2 records, the entry and what is logged in it.
func TestScopeLogsItsEntryAndItsErrorOnly(t *testing.T) {
	ctx := context.Background()
	records := logOnce(t, func(l *weir.Logger) {
		done := l.Scope(ctx, "checking", "id", 7)
		l.Info("inside")
		done(nil)
	})
	wantTexts(t, records, "INFO checking", "INFO inside")
	from(t, "TestScopeLogsItsEntryAndItsErrorOnly", records...)

	records = logOnce(t, func(l *weir.Logger) {
		done := l.ScopeAt(ctx, weir.LevelWarn, "checking", "id", 7)
		err := errors.New("no such id")
		done(&err)
	})
	wantTexts(t, records, "WARN checking", "ERROR Error in a scope: checking")
	if r := records[1]; attrText(r, "error") != "no such id" || attrText(r, "id") != "7" {
		t.Errorf("attributes: %v", r.Attrs)
	}
}

func TestDoneMoreThanOnce(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		value := panicOf(func() {
			done := l.Life(context.Background(), "x")
			defer done(nil)
			defer done(nil)
			panic("boom")
		})
		if value != "boom" {
			t.Errorf("the panic became %v", value)
		}
	})
	wantTexts(t, records, "INFO Begin: x", "ERROR Error in x", "INFO End (0.00): x")
}

// TestLifeWithGoexit: a goroutine that ends itself ends the life as well.
func TestLifeWithGoexit(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer l.Recover()
			done := l.Life(context.Background(), "x")
			defer done(nil)
			runtime.Goexit()
		}()
		<-ended
	})
	wantTexts(t, records, "INFO Begin: x", "INFO End (0.00): x")
}

// TestOwnAttributesLieOutsideGroups: the projection looks for them at the top.
func TestOwnAttributesLieOutsideGroups(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		l = l.With("service_id", 1).WithGroup("request").With("n", 2).WithGroup("deep")
		l.StartTimer().End(context.Background(), weir.LevelInfo, "timed", "k", "v")
		done := l.Life(context.Background(), "x", "k", "v")
		done(nil)
	})
	for _, i := range []int{0, 2} {
		if _, ok := attr(records[i], "duration_ms"); !ok {
			t.Errorf("no duration_ms at the top: %v", records[i].Attrs)
		}
	}
	for _, r := range records {
		if group := attrText(r, "request"); !strings.Contains(group, "n=2") || !strings.Contains(group, "deep=[k=v]") || strings.Contains(group, "duration") {
			t.Errorf("the group is %s", group)
		}
	}
}

// TestWithoutSourceNamesNoPlace for all records of this file.
func TestWithoutSourceNamesNoPlace(t *testing.T) {
	records := logOnce(t, func(l *weir.Logger) {
		_ = lifeThatFails(l, errors.New("e"))
		l.Err(context.Background(), errors.New("e"), "m")
		l.StartTimer().End(context.Background(), weir.LevelInfo, "t")
	}, weir.WithoutSource())
	for _, r := range records {
		if _, ok := attr(r, "function_name"); ok {
			t.Errorf("%q names a function", r.Message)
		}
	}
}
