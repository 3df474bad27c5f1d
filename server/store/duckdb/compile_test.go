package duckdb

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// engineLike is how lower case is on the engine at hand: as in Go.
var (
	engineLike = folding{}
	// greek is an engine that lowers Σ in a way of its own.
	greek = folding{differs: map[rune]struct{}{'σ': {}, 'ς': {}}}
)

func TestCompile(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		query string
		fold  folding
		sql   string // with the parameters put in
		exact bool
	}{
		{"", engineLike, "", true},
		{"Timeout", engineLike, "(message IS NOT NULL AND contains(lower(message), 'timeout') OR stack_trace IS NOT NULL AND contains(lower(stack_trace), 'timeout'))", true},
		{"ΟΔΟΣ", engineLike, "(message IS NOT NULL AND contains(lower(message), 'οδοσ') OR stack_trace IS NOT NULL AND contains(lower(stack_trace), 'οδοσ'))", true},
		{"ΟΔΟΣ", greek, "(message IS NOT NULL AND contains(lower(message), 'οδο') OR stack_trace IS NOT NULL AND contains(lower(stack_trace), 'οδο'))", false},
		{"-ΟΔΟΣ", greek, "", false},
		{"service:Checkout", engineLike, "service IS NOT NULL AND lower(service) = 'checkout'", true},
		{"-service:checkout", engineLike, "NOT (service IS NOT NULL AND lower(service) = 'checkout')", true},
		{"path:/api*", engineLike, "path IS NOT NULL AND starts_with(lower(path), '/api')", true},
		{"service:Σ*", greek, "service IS NOT NULL", false},
		{"service>m", engineLike, "service IS NOT NULL AND lower(service) > 'm'", true},
		{"service>m", greek, "service IS NOT NULL", false},
		{"message:timeout", engineLike, "message IS NOT NULL AND contains(lower(message), 'timeout')", true},
		{"level>=warn", engineLike, "severity IS NOT NULL AND severity BETWEEN 13 AND 24", true},
		{"level:error", engineLike, "severity IS NOT NULL AND severity BETWEEN 17 AND 20", true},
		{"level:info..warn", engineLike, "severity IS NOT NULL AND severity BETWEEN 9 AND 16", true},
		{"level:odd", engineLike, "level IS NOT NULL AND lower(level) = 'odd'", true},
		{"duration_ms>500", engineLike, "duration_ms IS NOT NULL AND duration_ms > 500::DOUBLE", true},
		{"duration_ms>9007199254740993", engineLike, "duration_ms IS NOT NULL AND duration_ms::DOUBLE >= 9.007199254740992e+15::DOUBLE", false},
		{"duration_ms:soon", engineLike, "FALSE", true},
		{"line_number:1..20", engineLike, "line_number IS NOT NULL AND line_number >= 1::BIGINT AND line_number <= 20::BIGINT", true},
		{"line_number<2.5", engineLike, "line_number IS NOT NULL AND line_number::DOUBLE <= 2.5::DOUBLE", false},
		{"seq>-1", engineLike, "seq IS NOT NULL AND seq::HUGEINT > -1::HUGEINT", true},
		{"deleted:false", engineLike, "NOT deleted", true},
		{"created_at<2026-11-20T10:00Z", engineLike, "created_at IS NOT NULL AND created_at < 2026-11-20 10:00:00 +0000 UTC", true},
		{"has:stack_trace", engineLike, "stack_trace IS NOT NULL", true},
		{"message:/time[ou]+ after/", engineLike, "(message IS NOT NULL AND contains(message, ' after'))", false},
		{"message:/(?i)connection reset/", engineLike, "(message IS NOT NULL AND contains(lower(message), 'connection re'))", false},
		{"message:/a|b/", engineLike, "message IS NOT NULL", false},
		{"status:500", engineLike, `(metadata IS NOT NULL AND contains(metadata, 'status"') AND contains(metadata, '500'))`, false},
		{"ratio:0.50", engineLike, `(metadata IS NOT NULL AND contains(metadata, 'ratio"') AND (contains(lower(metadata), '0.50') OR contains(metadata, '0.5')))`, false},
		{"user.plan:Pro", engineLike, `(metadata IS NOT NULL AND contains(metadata, 'plan"') AND contains(lower(metadata), 'pro'))`, false},
		{`user.plan:"say \"hello world\""`, engineLike, `(metadata IS NOT NULL AND contains(metadata, 'plan"') AND contains(lower(metadata), 'hello world'))`, false},
		{"-status:500", engineLike, "", false},
		{"-status:500 timeout level:error", engineLike, "((message IS NOT NULL AND contains(lower(message), 'timeout') OR stack_trace IS NOT NULL AND contains(lower(stack_trace), 'timeout')) AND severity IS NOT NULL AND severity BETWEEN 17 AND 20)", false},
		{"-(status:500 OR level:error)", engineLike, "NOT (severity IS NOT NULL AND severity BETWEEN 17 AND 20)", false},
		{"since:15m has:ip", engineLike, "created_at >= 2026-11-20 09:45:00 +0000 UTC AND ip IS NOT NULL", true},
	} {
		t.Run(test.query, func(t *testing.T) {
			filter, err := query.Parse(test.query, now)
			if err != nil {
				t.Fatal(err)
			}
			p := compile(view.Query{Filter: filter}, test.fold)
			if got := filledIn(p); got != test.sql || p.exact != test.exact {
				t.Errorf("got  %s (exact %v)\nwant %s (exact %v)", got, p.exact, test.sql, test.exact)
			}
			if !p.exact && !slices.Contains(p.fields, record.FieldPosition) {
				t.Error("Match has no id to tell about")
			}
		})
	}
}

// filledIn is a plan's condition with its parameters, for people to read.
func filledIn(p plan) string {
	sql := strings.TrimPrefix(p.sql, " AND ")
	for _, param := range p.params {
		text := fmt.Sprint(param)
		if _, ok := param.(string); ok {
			text = "'" + text + "'"
		}
		sql = strings.Replace(sql, "?", text, 1)
	}
	return sql
}

// TestRequired checks that a literal is in every text that its expression matches.
func TestRequired(t *testing.T) {
	for _, test := range []struct {
		re, text string
		want     literal
	}{
		{"timeout", "a timeout", literal{text: "timeout"}},
		{"^a(bc)+d?$", "abcbc", literal{text: "bc"}},
		{"(?i)KELVIN", "\u212Aelvin", literal{text: "kelvin", folded: true}},
		{"(?i)straſe", "STRASE", literal{text: "tra", folded: true}},
		{"x{2,}y", "xxy", literal{text: "x"}},
		{"x{0,3}", "", literal{}},
		{"a|b", "b", literal{}},
		{"foo.*barbaz", "foo barbaz", literal{text: "barbaz"}},
		{"[ab]c", "bc", literal{text: "c"}},
		{"é+", "é", literal{text: "é"}},
	} {
		re := regexp.MustCompile(test.re)
		got := required(re)
		if got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.re, got, test.want)
		}
		text := test.text
		if got.folded {
			text = strings.ToLower(text)
		}
		if re.MatchString(test.text) && !strings.Contains(text, got.text) {
			t.Errorf("%s matches %q, which does not have %q", test.re, test.text, got.text)
		}
	}
}

func FuzzRequired(f *testing.F) {
	f.Add("(?i)a(bc|s)+ſ", "ABCſ")
	f.Add("x{2,}y[z]", "xxyz")
	f.Fuzz(func(t *testing.T, expression, text string) {
		re, err := regexp.Compile(expression)
		if err != nil || !re.MatchString(text) {
			return
		}
		l := required(re)
		if l.folded {
			text = strings.ToLower(text)
		}
		if !strings.Contains(text, l.text) {
			t.Errorf("%q matches %q, which does not have %+v", expression, text, l)
		}
	})
}
