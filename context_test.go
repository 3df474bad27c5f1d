package weir_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// jsonOf is a record's attributes as a JSON object, in the order of their keys.
func jsonOf(r *record.Record) string {
	attrs := slices.Clone(r.Attrs)
	slices.SortFunc(attrs, func(a, b slog.Attr) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return string(record.AppendValue(nil, slog.GroupValue(attrs...)))
}

// TestContextAttributes: F-III. Contexts nest, the inner wins, a call wins over
// both, and the outer one is as it was.
func TestContextAttributes(t *testing.T) {
	got := logOnce(t, func(l *weir.Logger) {
		background := context.Background()
		tenant := weir.With(background, "tenant_id", "tenant_1", "plan", "free")
		user := weir.With(tenant, "user_id", "user_123", slog.String("plan", "pro"))
		bound := l.With("service_part", "auth", "plan", "none")

		l.InfoContext(background, "outside")
		l.InfoContext(tenant, "outer")
		l.InfoContext(user, "inner")
		l.InfoContext(tenant, "outer again")
		l.InfoContext(user, "manual", "user_id", "manual_1")
		bound.InfoContext(user, "over the logger's")
		bound.WithGroup("g").LogAttrs(user, weir.LevelInfo, "beside a group", slog.Int("n", 1))
		l.InfoContext(weir.WithoutContext(user), "cleared")
		l.Slog().InfoContext(user, "behind slog", "n", 2)
		l.WithContext(user).Info("bound")
		l.WithContext(user).InfoContext(weir.With(background, "plan", "gold"), "bound, and another")
	}, weir.WithoutSource())
	want := []string{
		`{}`,
		`{"plan":"free","tenant_id":"tenant_1"}`,
		`{"plan":"pro","tenant_id":"tenant_1","user_id":"user_123"}`,
		`{"plan":"free","tenant_id":"tenant_1"}`,
		`{"plan":"pro","tenant_id":"tenant_1","user_id":"manual_1"}`,
		`{"plan":"pro","service_part":"auth","tenant_id":"tenant_1","user_id":"user_123"}`,
		`{"g":{"n":1},"plan":"pro","service_part":"auth","tenant_id":"tenant_1","user_id":"user_123"}`,
		`{}`,
		`{"n":2,"plan":"pro","tenant_id":"tenant_1","user_id":"user_123"}`,
		`{"plan":"pro","tenant_id":"tenant_1","user_id":"user_123"}`,
		`{"plan":"gold","tenant_id":"tenant_1","user_id":"user_123"}`,
	}
	for i, w := range want {
		if text := jsonOf(&got[i]); text != w {
			t.Errorf("%s: %s, want %s", got[i].Message, text, w)
		}
	}
}

func TestContextAttrs(t *testing.T) {
	var nothing context.Context
	if weir.ContextAttrs(nothing) != nil || weir.ContextAttrs(context.Background()) != nil {
		t.Error("an empty context has attributes")
	}
	ctx := weir.With(weir.With(context.Background(), "a", 1, "b", 2), "a", 3)
	attrs := weir.ContextAttrs(ctx)
	if len(attrs) != 2 || attrs[0].Key != "b" || attrs[1].Value.Int64() != 3 {
		t.Errorf("%v", attrs)
	}
	if weir.With(ctx) != ctx || weir.WithoutContext(context.Background()) != context.Background() {
		t.Error("a context that changes nothing is another one")
	}
}

// TestTag: A14. A tag holds for its context, and the one before is back behind it.
func TestTag(t *testing.T) {
	got := logOnce(t, func(l *weir.Logger) {
		training := weir.Tag(context.Background(), "training")
		l.InfoContext(training, "a")
		func() {
			validation := weir.Tag(training, "validation")
			defer func() { _ = recover() }()
			l.InfoContext(validation, "b")
			panic("also on a panic")
		}()
		l.InfoContext(training, "c")
		l.Tagged("sticky").Info("d")
		l.Tagged("sticky").InfoContext(training, "e")
	})
	var tags []string
	for i := range got {
		v, _ := attr(got[i], "tag")
		tags = append(tags, v.String())
	}
	if !slices.Equal(tags, []string{"training", "validation", "training", "sticky", "training"}) {
		t.Errorf("%q", tags)
	}
}

// TestTrace: ids come from Options.Trace, unless the record or its context has them.
func TestTrace(t *testing.T) {
	type key struct{}
	find := func(ctx context.Context) (string, string) {
		trace, _ := ctx.Value(key{}).(string)
		if trace == "panic" {
			panic("no")
		}
		return trace, "00f067aa0ba902b7"
	}
	got := logOnce(t, func(l *weir.Logger) {
		traced := context.WithValue(context.Background(), key{}, "4bf92f3577b34da6a3ce929d0e0e4736")
		l.InfoContext(traced, "from the context")
		l.InfoContext(weir.With(traced, "trace_id", "own"), "from With")
		l.InfoContext(context.WithValue(traced, key{}, "panic"), "a panic is not ours")
		l.Slog().InfoContext(traced, "behind slog")
		l.WithContext(traced).Info("bound")
	}, weir.WithTrace(find))
	for i, want := range []string{"4bf92f3577b34da6a3ce929d0e0e4736", "own", "", "4bf92f3577b34da6a3ce929d0e0e4736", "4bf92f3577b34da6a3ce929d0e0e4736"} {
		if got[i].TraceID != want {
			t.Errorf("%s: trace %q", got[i].Message, got[i].TraceID)
		}
	}
	if got[0].SpanID != "00f067aa0ba902b7" {
		t.Errorf("span %q", got[0].SpanID)
	}
}

// TestTap: only the records of the tapped context, of those made from it and of inner
// taps reach the tap; everything goes its usual way besides.
func TestTap(t *testing.T) {
	var all, outer, inner capture
	l := weir.New("app", weir.WithSink(&all), weir.WithErrorOutput(io.Discard))
	background := context.Background()
	ctx, stop, err := l.Tap(weir.With(background, "k", "v"), &outer)
	if err != nil {
		t.Fatal(err)
	}
	l.Info("elsewhere")
	l.InfoContext(weir.With(ctx, "n", 1), "one")
	ctx2, stop2, err := l.Tap(ctx, &inner)
	if err != nil {
		t.Fatal(err)
	}
	l.Slog().WarnContext(ctx2, "two")
	l.WithContext(ctx).Named("db").Info("three")
	if err := stop2(background); err != nil {
		t.Fatal(err)
	}
	l.InfoContext(ctx2, "the inner tap is closed")
	if err := stop(background); err != nil {
		t.Fatal(err)
	}
	l.InfoContext(ctx, "after")
	if err := stop(background); err != nil {
		t.Errorf("stopping again: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	balance(t, l)
	if got := messages(inner.records); !slices.Equal(got, []string{"two"}) || inner.closed != 1 {
		t.Errorf("inner: %q, closed %d", got, inner.closed)
	}
	if got := messages(outer.records); !slices.Equal(got, []string{"one", "two", "three", "the inner tap is closed"}) || outer.closed != 1 {
		t.Errorf("outer: %q, closed %d", got, outer.closed)
	}
	if len(all.records) != 6 {
		t.Errorf("%q", messages(all.records))
	}
	if v, ok := attr(outer.records[1], "k"); !ok || v.String() != "v" {
		t.Error("the tapped context lost its attributes")
	}
	if _, _, err := l.Tap(background, nil); err == nil {
		t.Error("a nil sink is accepted")
	}
}
