// Package querytest makes queries for tests: [Random] draws one that parses, of all
// that the search language has, over what recordtest.Random puts into records. It
// is of no use in a program.
package querytest

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/record/recordtest"
)

// Random draws a query.
func Random(rng *rand.Rand) string { return node(rng, 0) }

func pick(rng *rand.Rand, list []string) string { return list[rng.IntN(len(list))] }

func node(rng *rand.Rand, depth int) string {
	n := 12
	if depth > 2 {
		n = 9
	}
	switch rng.IntN(n) {
	case 0, 1:
		return quote(words(rng))
	case 9:
		return "-(" + node(rng, depth+1) + ")"
	case 10:
		return "(" + node(rng, depth+1) + " OR " + node(rng, depth+1) + ")"
	case 11:
		return "(" + node(rng, depth+1) + " " + node(rng, depth+1) + ")"
	}
	return comparison(rng)
}

func words(rng *rand.Rand) string {
	text := recordtest.Text(rng)
	switch rng.IntN(4) {
	case 0:
		return strings.ToUpper(text)
	case 1: // a part of it
		if r := []rune(text); len(r) > 2 && strings.ToValidUTF8(text, "") == text {
			return string(r[1 : len(r)-1])
		}
	}
	return text
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func comparison(rng *rand.Rand) string {
	operator := pick(rng, []string{":", ":", ":", "<", "<=", ">", ">="})
	switch rng.IntN(8) {
	case 0:
		return "level" + operator + pick(rng, []string{"warn", "Error", "INFO", "trace", "fatal", "notice"})
	case 1:
		return pick(rng, []string{"created_at", "observed_at"}) + operator + pick(rng, []string{"2026-01-02", "2050-06-01T10:00Z", "15m", "1999-12-31T23:59:59.5Z"})
	}
	field := pick(rng, recordtest.Keys())
	if rng.IntN(3) == 0 {
		field = record.Fields[rng.IntN(record.NumFields)].Name
	}
	if field == "" || field == "level" || field == "created_at" || field == "observed_at" {
		field = "user.plan"
	}
	if rng.IntN(6) == 0 {
		field = pick(rng, []string{"metadata.user_id", "metadata.a", "user.plan.a", "a.b.c", "a.a", "list.a", "metadata.user.plan"})
	}
	field = quote(field)
	switch rng.IntN(8) {
	case 0:
		return "has:" + field
	case 1:
		return field + ":" + quote(words(rng)) + "*"
	case 2:
		return field + ":/" + pick(rng, []string{"^a", "o+", "[0-9]{2}", "(?i)FAIL", "^$", "ΟΔ", "s$"}) + "/"
	case 3:
		return field + ":" + number(rng) + ".." + pick(rng, []string{"", "500", "1e30"})
	case 4, 5:
		return field + operator + quote(number(rng))
	}
	return field + operator + quote(words(rng))
}

func number(rng *rand.Rand) string {
	return pick(rng, []string{"0", "-0", "3", "3.0", "0.1", "500", "1e3", "-10", "9007199254740993", "9223372036854775807", "18446744073709551615", "123456789012345678901234567890", "1e400", strconv.Itoa(rng.IntN(1000))})
}
