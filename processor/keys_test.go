package processor_test

import (
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/record/recordtest"
)

// C14. filter_by_level: lower dropped, equal and higher pass; C19: NOTSET passes all.
func TestFilterByLevel(t *testing.T) {
	for _, c := range []struct {
		min      slog.Leveler
		severity record.Severity
		passes   bool
	}{
		{slog.LevelInfo, record.SeverityDebug, false},
		{slog.LevelInfo, record.SeverityInfo, true},
		{slog.LevelInfo, record.SeverityFatal, true},
		{slog.LevelWarn + 1, record.SeverityWarn, false},
		{slog.LevelWarn + 1, record.SeverityWarn + 1, true},
		{weir.LevelTrace, record.SeverityTrace, true},
		{weir.LevelFatal, record.SeverityError, false},
		{weir.LevelFatal, record.SeverityUnknown, true},
		{nil, record.SeverityDebug, false},
		{nil, record.SeverityInfo, true},
		{slog.Level(-1000), record.SeverityTrace, true},
	} {
		r := info("m")
		r.Severity = c.severity
		if got := len(run(t, processor.Level(c.min), r)) == 1; got != c.passes {
			t.Errorf("severity %d at %v: passes %v", c.severity, c.min, got)
		}
	}
	var level slog.LevelVar
	p := processor.Level(&level)
	level.Set(slog.LevelError)
	if n := len(run(t, p, info("m"))); n != 0 {
		t.Error("a level that was raised meanwhile lets INFO pass")
	}
}

// C14. filter_keys.
func TestFilterKeys(t *testing.T) {
	attrs := []slog.Attr{
		slog.Int("a", 1), user(slog.String("plan", "pro"), slog.String("password", "x"), slog.Group("team", slog.Int("id", 7))),
		slog.String("user.password", "dotted"), slog.Int("a", 2),
		{Key: "items", Value: list(slog.GroupValue(slog.Int("id", 1), slog.Int("price", 2)), slog.GroupValue(slog.Int("price", 3)), slog.IntValue(4))},
	}
	const whole = `{"a":1,"user":{"plan":"pro","password":"x","team":{"id":7}},"user.password":"dotted","a":2,"items":[{"id":1,"price":2},{"price":3},4]}`
	for _, c := range []struct {
		p    weir.Processor
		want string
	}{
		{processor.Drop(), whole},
		{processor.Drop("b", "user.b", "user.plan.b", "a.b", ""), whole},
		{processor.Drop("a"), `{"user":{"plan":"pro","password":"x","team":{"id":7}},"user.password":"dotted","items":[{"id":1,"price":2},{"price":3},4]}`},
		{processor.Drop("user.password"), `{"a":1,"user":{"plan":"pro","team":{"id":7}},"a":2,"items":[{"id":1,"price":2},{"price":3},4]}`},
		{processor.Drop("user.team.id", "user.plan", "user.password"), `{"a":1,"a":2,"items":[{"id":1,"price":2},{"price":3},4]}`},
		{processor.Drop("items.price", "user", "a"), `{"items":[{"id":1},{},4]}`},
		{processor.Keep(), `{}`},
		{processor.Keep("user.team", "a"), `{"a":1,"user":{"team":{"id":7}},"a":2}`},
		{processor.Keep("user.password"), `{"user":{"password":"x"},"user.password":"dotted"}`},
		{processor.Keep("items.id"), `{"items":[{"id":1},{}]}`},
		{processor.Keep("a", "user", "user.password", "items"), whole},
		{processor.Keep("a.b", "items.x.y"), `{"items":[{},{}]}`},
	} {
		if got := attrsJSON(one(t, c.p, info("m", attrs...))); got != c.want {
			t.Errorf("%v: %s\nwant %s", c.p, got, c.want)
		}
	}
}

func TestDropTakesTraceOffTheRecord(t *testing.T) {
	r := info("m")
	r.TraceID, r.SpanID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	if got := one(t, processor.Drop("span_id"), r); got.TraceID == "" || got.SpanID != "" {
		t.Errorf("span_id dropped: %s", line(&got))
	}
	if got := one(t, processor.Drop("trace_id"), r); got.TraceID != "" || got.SpanID == "" {
		t.Errorf("trace_id dropped: %s", line(&got))
	}
}

func TestRename(t *testing.T) {
	type names = map[string]string
	for _, c := range []struct {
		name  string
		names names
		attrs []slog.Attr
		want  string
	}{
		{"nothing", names{"x": "y", "a": "", "b": "b"}, []slog.Attr{slog.Int("a", 1), slog.Int("b", 2)}, `{"a":1,"b":2}`},
		{"in its place", names{"a": "x"}, []slog.Attr{slog.Int("a", 1), slog.Int("b", 2)}, `{"x":1,"b":2}`},
		{"swap", names{"a": "b", "b": "a"}, []slog.Attr{slog.Int("a", 1), slog.Int("b", 2)}, `{"b":1,"a":2}`},
		{"the renamed one wins", names{"a": "b"}, []slog.Attr{slog.Int("a", 1), slog.Int("b", 2)}, `{"b":1}`},
		{"the last renamed one wins", names{"a": "c", "b": "c"}, []slog.Attr{slog.Int("a", 1), slog.Int("c", 0), slog.Int("b", 2)}, `{"c":2}`},
		{"duplicates", names{"a": "x"}, []slog.Attr{slog.Int("a", 1), slog.Int("a", 2)}, `{"x":2}`},
		{"within a group", names{"user.id": "user.name"}, []slog.Attr{user(slog.Int("id", 1), slog.Int("name", 2)), slog.Int("name", 3)}, `{"user":{"name":1},"name":3}`},
		{"a dotted key", names{"user.id": "user.nr"}, []slog.Attr{slog.Int("user.id", 1)}, `{"user.nr":1}`},
		{"out of a group", names{"user.id": "user_id"}, []slog.Attr{slog.Int("user_id", 0), user(slog.Int("id", 1), slog.Int("x", 2)), slog.Int("z", 3)}, `{"user":{"x":2},"z":3,"user_id":1}`},
		{"the group is left empty", names{"user.id": "user_id"}, []slog.Attr{user(slog.Int("id", 1))}, `{"user_id":1}`},
		{"into a group", names{"plan": "user.plan"}, []slog.Attr{slog.String("plan", "pro"), user(slog.Int("id", 1))}, `{"user.plan":"pro","user":{"id":1}}`},
		{"the whole group", names{"user": "account"}, []slog.Attr{user(slog.Int("id", 1))}, `{"account":{"id":1}}`},
		{"in an array", names{"l.a": "l.b"}, []slog.Attr{{Key: "l", Value: list(slog.GroupValue(slog.Int("a", 1)), slog.IntValue(2))}}, `{"l":[{"b":1},2]}`},
	} {
		if got := attrsJSON(one(t, processor.Rename(c.names), info("m", c.attrs...))); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	r := info("m", slog.Int("t", 1))
	r.TraceID = "abc"
	if got := one(t, processor.Rename(names{"trace_id": "t"}), r); got.TraceID != "" || attrsJSON(got) != `{"t":"abc"}` {
		t.Errorf("trace_id renamed: %s", line(&got))
	}
}

// C14. add_context_defaults: added, not overriding.
func TestDefaultsAddedNotOverriding(t *testing.T) {
	p := processor.Defaults(slog.String("region", "eu"), slog.Int("n", 1), slog.String("service", "shop"), slog.String("user.plan", "free"), slog.String("trace_id", "none"))
	r := info("m", slog.Any("region", nil), user(slog.String("plan", "pro")))
	r.Resource = &record.Resource{Service: "pay"}
	r.TraceID = "abc"
	if got := attrsJSON(one(t, p, r)); got != `{"region":null,"user":{"plan":"pro"},"n":1}` {
		t.Error(got)
	}
	if got := attrsJSON(one(t, p, info("m"))); got != `{"region":"eu","n":1,"service":"shop","user.plan":"free","trace_id":"none"}` {
		t.Error(got)
	}
}

// C14. add_callsite_params: few parameters given, the others removed.
func TestFewCallsiteParamsOthersRemoved(t *testing.T) {
	r := info("m", slog.Int("a", 1), slog.String("function_name", "github.com/x/shop/db.(*Pool).Get"), slog.String("file_path", "/src/shop/db/pool.go"), slog.Int("line_number", 12), slog.Int("z", 2))
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{nil, `{"a":1,"z":2}`},
		{[]string{"line_number"}, `{"a":1,"line_number":12,"z":2}`},
		{[]string{"lineno", "funcName"}, `{"a":1,"function_name":"github.com/x/shop/db.(*Pool).Get","line_number":12,"z":2}`},
		{[]string{"pathname", "file_path"}, `{"a":1,"file_path":"/src/shop/db/pool.go","z":2}`},
		{[]string{"filename", "module"}, `{"a":1,"z":2,"filename":"pool.go","module":"github.com/x/shop/db"}`},
		{[]string{"function_name", "file_path", "line_number", "filename"}, `{"a":1,"function_name":"github.com/x/shop/db.(*Pool).Get","file_path":"/src/shop/db/pool.go","line_number":12,"z":2,"filename":"pool.go"}`},
	} {
		if got := attrsJSON(one(t, must(t)(processor.Callsite(c.fields...)), r)); got != c.want {
			t.Errorf("%v: %s\nwant %s", c.fields, got, c.want)
		}
	}
	if got := attrsJSON(one(t, must(t)(processor.Callsite("filename", "module")), info("m"))); got != `{}` {
		t.Errorf("without a place: %s", got)
	}
	if _, err := processor.Callsite("line"); err == nil {
		t.Error("an unknown part is accepted")
	}
}

func TestFilterKeepsWhatMatches(t *testing.T) {
	q, err := query.Parse(`user.plan:pro level>=info`, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, processor.Filter(q), info("yes", user(slog.String("plan", "pro"))), info("no", user(slog.String("plan", "free"))))
	if messages(out) != "yes" {
		t.Error(messages(out))
	}
	if n := len(run(t, processor.Filter(nil), info("m"))); n != 1 {
		t.Error("nil does not keep all")
	}
}

// TestNothingSharedChanges gives every processor records of every kind; run checks what
// they share.
func TestNothingSharedChanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []string
	for _, key := range recordtest.Keys() {
		all = append(all, key, "user."+key, key+".a")
	}
	renames := map[string]string{}
	for i, key := range all {
		renames[key] = all[(i*7+3)%len(all)]
	}
	for range 3000 {
		r := recordtest.Random(rng)
		for _, p := range []weir.Processor{
			processor.Level(weir.LevelTrace), processor.Drop(recordtest.Text(rng), all[rng.IntN(len(all))], all[rng.IntN(len(all))]),
			processor.Keep(all[rng.IntN(len(all))], all[rng.IntN(len(all))]), processor.Rename(renames),
			processor.Defaults(slog.Int("a", 1), slog.Int("b", 2)), must(t)(processor.Callsite("filename", "module", "lineno")),
			must(t)(processor.Redact(processor.RedactOptions{Paths: true, Keys: []string{"count", "*lan"}, Patterns: []string{`\d\d`, `a(.)`}})),
			processor.Sample(processor.SampleOptions{}), processor.Deduplicate(processor.DeduplicateOptions{}),
			processor.RateLimit(processor.RateLimitOptions{}), processor.StripMarkup(processor.StripOptions{Rich: true}),
			processor.Errors(processor.ErrorsOptions{RemoveText: true}),
		} {
			if out := run(t, p, r); len(out) != 1 && p.(interface{ String() string }).String() != "level" {
				t.Fatalf("%v emitted %d records", p, len(out))
			}
		}
	}
}
