package weir_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
)

// TestWithout: C5. Binding and unbinding make new loggers and leave the old one alone.
func TestWithout(t *testing.T) {
	got := logOnce(t, func(l *weir.Logger) {
		bound := l.With("a", 1, "b", slog.GroupValue(slog.Int("a", 2)), "c", []string{"x"})
		grouped := bound.WithGroup("g").With("a", 3, "d", time.Second)
		bound.Without("a", "nobody").Info("without a")
		bound.Info("as it was")
		less, err := bound.TryWithout("b", "c")
		if err != nil {
			t.Errorf("try: %v", err)
		}
		less.Info("without b and c")
		same, err := bound.TryWithout("a", "nobody")
		var e *weir.Error
		if !errors.As(err, &e) || same != bound {
			t.Errorf("try with an absent key: %v", err)
		}
		grouped.Without("a").Info("in a group", "e", true)
		grouped.Without("d", "a").Info("an empty group")
		grouped.Fresh("n", 1).Info("fresh")
	}, weir.WithoutSource())
	want := []string{
		`{"b":{"a":2},"c":["x"]}`,
		`{"a":1,"b":{"a":2},"c":["x"]}`,
		`{"a":1}`,
		`{"b":{"a":2},"c":["x"],"g":{"d":"1s","e":true}}`,
		`{"b":{"a":2},"c":["x"]}`,
		`{"n":1}`,
	}
	for i, w := range want {
		if text := jsonOf(&got[i]); text != w {
			t.Errorf("%s: %s, want %s", got[i].Message, text, w)
		}
	}
}

// TestDefaults: process-wide attributes, below everything else; they hold from the
// call on.
func TestDefaults(t *testing.T) {
	got := logOnce(t, func(l *weir.Logger) {
		early := l.With("region", "eu")
		l.Info("before")
		l.SetDefaults("region", "us", "shard", 3)
		l.Info("defaults")
		early.Named("db").Info("the logger's own wins")
		l.InfoContext(weir.With(context.Background(), "shard", 4), "the context's wins")
		l.Info("the call's wins", "region", "asia")
		l.ClearDefaults()
		l.Info("cleared")
	}, weir.WithoutSource())
	want := []string{
		`{}`,
		`{"region":"us","shard":3}`,
		`{"region":"eu","shard":3}`,
		`{"region":"us","shard":4}`,
		`{"region":"asia","shard":3}`,
		`{}`,
	}
	for i, w := range want {
		if text := jsonOf(&got[i]); text != w {
			t.Errorf("%s: %s, want %s", got[i].Message, text, w)
		}
	}
}

// TestWithSource: the place is recorded unless the logger or the call says no, and a
// name given by hand wins. F-III: manual override wins.
func TestWithSource(t *testing.T) {
	got := logOnce(t, func(l *weir.Logger) {
		l.Info("with")
		l.WithSource(false).Info("without")
		l.WithSource(false).Named("db").WithSource(true).Info("with again")
		l.WithSource(false).Slog().Info("behind slog")
		l.Info("by hand", "function_name", "mine")
	})
	for i, want := range []string{"github.com/weirlog/weir_test.TestWithSource.func1", "", "github.com/weirlog/weir_test.TestWithSource.func1", "", "mine"} {
		name := ""
		if v, ok := attr(got[i], "function_name"); ok {
			name = v.String()
		}
		if name != want {
			t.Errorf("%s: function %q", got[i].Message, name)
		}
	}
}

// TestSync: a synchronous call returns when the sinks have the record.
func TestSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &capture{before: func() error { time.Sleep(time.Second); return nil }}
		l := weir.New("app", weir.WithSink(slow), weir.WithCloseTimeout(time.Minute))
		defer l.Close()
		begin := time.Now()
		l.Info("not waited for")
		if time.Since(begin) > 0 {
			t.Error("a usual call waited")
		}
		l.Sync().Error("waited for")
		if n := len(slow.all()); n != 2 || time.Since(begin) < time.Second {
			t.Errorf("%d records after %v", n, time.Since(begin))
		}
		l.Sync().Slog().Error("behind slog")
		if n := len(slow.all()); n != 3 {
			t.Errorf("%d records", n)
		}
		l.Sync().InfoFast("fast")
		if n := len(slow.all()); n != 4 {
			t.Errorf("%d records", n)
		}
	})
}
