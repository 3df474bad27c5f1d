package query_test

import (
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/query/querytest"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/record/recordtest"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func sample() record.Record {
	return record.Record{
		ID: 9007199254740993, Time: now.Add(-10 * time.Minute), Observed: now,
		Severity: record.SeverityWarn + 1, Message: "Payment FAILED for order 100%_done: timeout",
		TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", Logger: "app.db",
		Resource: &record.Resource{Service: "checkout", ServiceVersion: "1.10"},
		Attrs: []slog.Attr{
			slog.String("user_id", "u-42"), slog.Int("status", 503), slog.String("code", "503"), slog.Float64("ratio", 0.1), slog.Float64("duration_ms", 512.5),
			slog.String("stack_trace", "panic: boom\n\tmain.go:12"), slog.Group("user", slog.String("plan", "Pro"), slog.Int("age", 7)),
			slog.Any("tags", []slog.Value{slog.StringValue("Red"), slog.IntValue(5)}), slog.String("a b", "x"), slog.String("file", `C:\temp`),
			slog.String("greek", "ΟΔΟΣ"), slog.Float64("nan", math.NaN()), slog.Bool("ok", true), slog.String("path", "/api/v1/users"),
		},
	}
}

func TestMatch(t *testing.T) {
	r := sample()
	for _, tt := range []struct {
		query string
		want  bool
	}{
		{"", true},
		{"*", true},
		{"payment", true},
		{"PAYMENT failed", true},
		{`"payment failed"`, true},
		{`"failed payment"`, false},
		{"boom", true},
		{"main.go:12", false}, // a field named main.go
		{`"main.go:12"`, true},
		{"timeout*", true},
		{"*timeout*", true},
		{"-timeout", false},
		{"NOT nothing", true},
		{"NOT NOT payment", true},
		{"--payment", false},
		{"payment AND nothing", false},
		{"payment OR nothing", true},
		{"nothing OR payment boom", true},
		{"(nothing OR payment) nothing", false},
		{"100%_done", true},
		{"100__done", false},
		{"order:", false},
		{"done:", true},
		{"https://example.com", false},

		{"level:warn", true},
		{"level:WARNING", true},
		{"level:w", true},
		{"level>=warn", true},
		{"level>warn", false},
		{"level<=warn", true},
		{"level<error", true},
		{"level:info..error", true},
		{"level:..info", false},
		{"level:silly", false},
		{"level:wa*", true},
		{"level:/^WARN$/", true},
		{"-level:error", true},

		{"service:checkout", true},
		{"service:CHECKOUT", true},
		{"service:check", false},
		{"service:check*", true},
		{`service:"check"*`, true},
		{"service:/^check/", true},
		{"service:/CHECK/", false},
		{"service:/CHECK/i", true},
		{"environment:x", false},
		{"-environment:x", true},
		{"has:environment", false},
		{"has:service", true},
		{"service:*", true},
		{"-environment:*", true},
		{"service_version:1.1", false},
		{"service_version:1.10", true},

		{"message:payment", true},
		{`message:"order 100%"`, true},
		{"message:order*", false},
		{"message:pay*", true},
		{"message:/order [0-9]+/", true},
		{"stack_trace:BOOM", true},

		{"status:503", true},
		{"status:503.0", true},
		{"status:5.03e2", true},
		{`status:"503"`, true},
		{"status:500..599", true},
		{"status:504..", false},
		{"status:..503", true},
		{"status>502.9", true},
		{"status>=503", true},
		{"status<503", false},
		{"status:>500", true},
		{"status:50*", true},
		{"code:503", true},
		{"code:503.0", false},
		{"ratio:0.1", true},
		{"ratio:0.10000000000000001", false},
		{"duration_ms>500", true},
		{"nan:nan", true},
		{"nan>5", true},
		{"ok:true", true},
		{"ok:TRUE", true},
		{"id:9007199254740993", true},
		{"id:9007199254740992", false},
		{"id>9007199254740992", true},
		{"severity:14", true},
		{"deleted:false", true},
		{"deleted:true", false},
		{"kind:log", true},

		{"user.plan:pro", true},
		{"user.age>6", true},
		{"metadata.user.plan:pro", true},
		{"metadata.user_id:u-42", false},
		{"user_id:U-42", true},
		{"has:user.plan", true},
		{"has:user.name", false},
		{`user:/"age":7/`, true},
		{"tags:red", true},
		{"tags:5", true},
		{"tags:blue", false},
		{"-tags:blue", true},
		{"tags:re*", true},
		{"has:tags", true},
		{`"a b":x`, true},
		{`has:"a b"`, true},
		{`file:C:\temp`, true},
		{`file:"C:\\temp"`, true},
		{"greek:οδοσ", true},
		{"greek:οδος", false},
		{"path:/api/v1/users", true},
		{"path:/users/", true},
		{"path:/api*", true},
		{"path:/nothing/", false},

		{"trace_id:4bf92f35-77b3-4da6-a3ce-929d0e0e4736", true},
		{"trace_id:4BF92F3577B34DA6A3CE929D0E0E4736", true},
		{"trace_id:4bf92f35-77b3*", true},
		{"logger:app.*", true},

		{"since:15m", true},
		{"since:5m", false},
		{"until:5m", true},
		{"until:2026-11-20T10:00Z", false},
		{"since:2026-11-20 until:2026-11-21 payment", true},
		{"since:15m (nothing OR payment)", true},
		{"created_at:2026-11-20", true},
		{"created_at>2026-11-20", false},
		{"created_at>=2026-11-20", true},
		{"created_at<2026-11-20", false},
		{"created_at<=2026-11-20", true},
		{"created_at:2026-11-01..2026-11-20", true},
		{"created_at>15m", true},
		{"created_at>5m", false},
		{"created_at:2026-11-20T11:50Z", true},
		{"observed_at:2026*", true},
		{`"since":x`, false},
	} {
		f, err := query.Parse(tt.query, now)
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		if got := f.Match(&r); got != tt.want {
			t.Errorf("%s: %v, canonical %s", tt.query, got, f)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		query  string
		offset int
		part   string
	}{
		{`"open`, 0, "closing quote"},
		{`a "b"c`, 5, "space is missing"},
		{"(a", 0, "no )"},
		{"a)", 1, "without its ("},
		{"()", 0, "nothing between"},
		{"a OR", 4, "both sides"},
		{"OR a", 0, "both sides"},
		{"AND a", 0, "both sides"},
		{"a AND", 5, "both sides"},
		{"NOT", 0, "nothing after"},
		{"a OR -(", 6, "no )"},
		{"level: warn", 0, "needs a value"},
		{"since:", 0, "needs a value"},
		{"since:soon", 6, "15m"},
		{"since:15m a OR b", 0, "parentheses"},
		{"(since:15m a)", 1, "whole query"},
		{"-since:15m", 1, "whole query"},
		{"level>silly", 6, "levels are"},
		{"created_at>soon", 11, "needs a time"},
		{"a:b*c", 3, "at the end"},
		{"a:/(/", 2, "RE2"},
		{"a:(b OR c)", 2, "one value"},
		{strings.Repeat("a ", 3000), query.MaxQueryBytes, "4096"},
		{strings.Repeat("a ", 600), 1000, "500"},
		{strings.Repeat("(", 60) + "a" + strings.Repeat(")", 60), 50, "50"},
		{"a:/" + strings.Repeat("x", 1025) + "/", 2, "1024"},
		{"-*", 1, "everything"},
	} {
		_, err := query.Parse(tt.query, now)
		var e *query.Error
		if !errors.As(err, &e) {
			t.Errorf("%.40s: no error", tt.query)
			continue
		}
		if e.Offset != tt.offset || !strings.Contains(e.Message, tt.part) {
			t.Errorf("%.40s: %d %s", tt.query, e.Offset, e.Message)
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, tt := range []struct{ query, want string }{
		{"  a   b ", "a b"},
		{"a AND b", "a b"},
		{"a OR (b OR c)", "a OR b OR c"},
		{"a (b c)", "a b c"},
		{"(a OR b) c", "(a OR b) c"},
		{"a OR b c", "a OR (b c)"},
		{"NOT a", "-a"},
		{"-(a b)", "-(a b)"},
		{"NOT NOT a", "a"},
		{`"AND"`, `"AND"`},
		{`"two words"`, `"two words"`},
		{`a\:b`, `"a:b"`},
		{"field:*", "has:field"},
		{"field:a*", "field:a*"},
		{`field:"a*"`, `field:"a*"`},
		{`field:a\*`, `field:"a*"`},
		{"field:/a\\/b/", `field:/a\/b/`},
		{"field:/a b/i", "field:/(?i)a b/"},
		{"field:/api/x", `field:"/api/x"`},
		{"file_path:../foo", `file_path:"../foo"`},
		{"a:1..2", "a:1..2"},
		{`a:"x y".."z"`, `a:"x y"..z`},
		{`a:1.."z w"`, `a:1.."z w"`},
		{"a:1..", "a:1.."},
		{"a:>=5", "a>=5"},
		{"created_at:2026-11-20", "created_at:2026-11-20T00:00:00Z..2026-11-20T23:59:59.999999Z"},
		{"since:15m a", "since:2026-11-20T11:45:00Z a"},
		{"since:15m since:5m", "since:2026-11-20T11:55:00Z"},
		{"since:15m (a OR b)", "since:2026-11-20T11:45:00Z (a OR b)"},
		{"path:/a or path:/b", `path:"/a" or path:"/b"`},
		{"foo(bar)", `"foo(bar)"`},
		{"--flag", `"--flag"`},
		{"List<String>", `List<"String>"`},
		{"12:34:56", `"12:34:56"`},
	} {
		f, err := query.Parse(tt.query, now)
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		if got := f.String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.query, got, tt.want)
		}
		again, err := query.Parse(f.String(), now)
		if err != nil || again.String() != f.String() {
			t.Errorf("%s: read back: %v %v", f, again, err)
		}
	}
}

func TestPlainText(t *testing.T) {
	r := record.Record{Message: `say "x AND (`}
	f := query.PlainText(`SAY "X and (`)
	if !f.Match(&r) {
		t.Error("no match")
	}
	again, err := query.Parse(f.String(), now)
	if err != nil || !again.Match(&r) {
		t.Error(f.String(), err)
	}
	var none *query.Filter
	if !none.Match(&r) || none.String() != "" || none.Root() != nil {
		t.Error("nil does not match everything")
	}
}

func TestParseTime(t *testing.T) {
	for _, tt := range []struct {
		text string
		want time.Time
	}{
		{"15m", now.Add(-15 * time.Minute)},
		{"1h30m", now.Add(-90 * time.Minute)},
		{"7d", now.AddDate(0, 0, -7)},
		{"2w", now.AddDate(0, 0, -14)},
		{"1.5h", now.Add(-90 * time.Minute)},
		{"now", now},
		{"2026-11-20T10:00Z", time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)},
		{"2026-11-20 10:00:01.5+02:00", time.Date(2026, 11, 20, 8, 0, 1, 500_000_000, time.UTC)},
		{"2026-11-20", time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)},
	} {
		if got, ok := query.ParseTime(tt.text, now); !ok || !got.Equal(tt.want) {
			t.Errorf("%s: %v %v", tt.text, got, ok)
		}
	}
	for _, text := range []string{"", "soon", "15", "5x", "99999999999d", "h", "1hh"} {
		if got, ok := query.ParseTime(text, now); ok && text != "15" {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestRandomQueries checks that every query that querytest makes parses, prints
// itself, and means the same when it is read again, to normalized records.
func TestRandomQueries(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	records := make([]record.Record, 100)
	for i := range records {
		records[i] = recordtest.Random(rng)
		record.Normalize(&records[i])
	}
	matches := 0
	for range 5000 {
		text := querytest.Random(rng)
		f, err := query.Parse(text, now)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, err := query.Parse(f.String(), now)
		if err != nil || again.String() != f.String() {
			t.Fatalf("%s → %s → %v: %v", text, f, again, err)
		}
		for i := range records {
			got := f.Match(&records[i])
			if got != again.Match(&records[i]) {
				t.Fatalf("%s and %s differ", text, again)
			}
			if got {
				matches++
			}
		}
	}
	if share := float64(matches) / 500_000; share < 0.1 || share > 0.9 {
		t.Errorf("%.2f of all match: the queries test little", share)
	}
}

// TestMatchSurvivesTheWire checks that a record means the same to a filter after
// its way through JSON and through a row.
func TestMatchSurvivesTheWire(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		r := recordtest.Random(rng)
		record.Normalize(&r)
		parsed, _, err := record.ParseJSON(record.AppendJSON(nil, &r), record.ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		record.Normalize(&parsed)
		var row record.Row
		r.Row(&row)
		back := record.FromRow(&row)
		for range 10 {
			f, err := query.Parse(querytest.Random(rng), now)
			if err != nil {
				t.Fatal(err)
			}
			if want := f.Match(&r); f.Match(&parsed) != want || f.Match(&back) != want {
				t.Fatalf("%s: %v, parsed %v, from its row %v\n%s", f, want, f.Match(&parsed), f.Match(&back), record.AppendJSON(nil, &r))
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`level>=warn -service:"a b" (x OR y:/z/i) since:15m`, `a:1..2 has:b "c":d* \*`, `created_at:2026-01-02..`, `a:"x".."y" b:""*`, "NOT -(a)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := query.Parse(text, now)
		if err != nil {
			var e *query.Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		printed := filter.String()
		again, err := query.Parse(printed, now)
		if err != nil {
			if len(printed) > query.MaxQueryBytes || len(printed) > len(text) && strings.Contains(err.Error(), "longer") {
				return
			}
			t.Fatalf("%q → %q: %v", text, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q → %q → %q", text, printed, again)
		}
		r := sample()
		if filter.Match(&r) != again.Match(&r) {
			t.Fatalf("%q and %q differ", text, printed)
		}
	})
}
