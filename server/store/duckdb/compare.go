package duckdb

import (
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
)

// field compares a field of the projection, which has a column.
func (c compiler) field(f record.Field, n *query.Compare) bounds {
	present := where(f.Name + " IS NOT NULL")
	if n.Op == query.Exists {
		return exactly(present)
	}
	if f.ID == record.FieldLevel {
		if b, ok := severities(n); ok {
			return b
		}
	}
	switch f.Type {
	case record.TypeText:
		return c.textField(f, n)
	case record.TypeID, record.TypeInteger, record.TypeNumber:
		return numberField(f, n)
	case record.TypeTime:
		return timeField(f, n)
	case record.TypeBool:
		return boolField(f, n)
	}
	return atMost(present)
}

// textField compares folded texts, byte by byte; messages and stack traces are
// equal to what they contain.
func (c compiler) textField(f record.Field, n *query.Compare) bounds {
	lower := strings.ToLower(n.Value)
	present := f.Name + " IS NOT NULL"
	folded := "lower(" + f.Name + ")"
	switch n.Op {
	case query.Equal, query.Prefix:
		if n.Op == query.Equal && (f.ID == record.FieldMessage || f.ID == record.FieldStackTrace) {
			return c.contains(f.Name, lower)
		}
		if !c.fold.exact(lower) {
			return atMost(c.contains(f.Name, lower).over)
		}
		if n.Op == query.Prefix {
			return exactly(where(present+" AND starts_with("+folded+", ?)", lower))
		}
		return exactly(where(present+" AND "+folded+" = ?", lower))
	case query.Regexp:
		return atMost(allOf(where(present), literalIn(f.Name, c.literal(n.Re))))
	}
	if !c.fold.same() || !plain(n.Value) || !plain(n.High) {
		return atMost(where(present)) // an order is about every rune
	}
	return exactly(ordered(n, present, func(operator, value string) (string, any) {
		return folded + operator + "?", strings.ToLower(value)
	}))
}

// plain reports whether a text can be a parameter of a statement as it is.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.Contains(text, "\x00")
}

// ordered makes the condition of Less … AtLeast and Range; compare makes one
// comparison.
func ordered(n *query.Compare, present string, compare func(operator, value string) (sql string, param any)) cond {
	parts, params := []string{present}, []any(nil)
	add := func(operator, value string) {
		sql, param := compare(operator, value)
		parts, params = append(parts, sql), append(params, param)
	}
	switch n.Op {
	case query.Equal:
		add(" = ", n.Value)
	case query.Less:
		add(" < ", n.Value)
	case query.AtMost:
		add(" <= ", n.Value)
	case query.Greater:
		add(" > ", n.Value)
	case query.AtLeast:
		add(" >= ", n.Value)
	case query.Range:
		if n.Value != "" {
			add(" >= ", n.Value)
		}
		if n.High != "" {
			add(" <= ", n.High)
		}
	}
	return where(strings.Join(parts, " AND "), params...)
}

// severities compares levels: each has four severities, and an unknown one is no
// level. ok is false when the texts are compared.
func severities(n *query.Compare) (b bounds, ok bool) {
	low, lowOK := record.ParseLevel(n.Value)
	high, highOK := record.ParseLevel(n.High)
	switch n.Op {
	case query.Prefix, query.Regexp:
		return bounds{}, false
	case query.Range:
		if n.Value != "" && !lowOK || n.High != "" && !highOK {
			return unknown(), true
		}
	default:
		if !lowOK {
			return bounds{}, false
		}
	}
	const least, most, perLevel = int64(record.SeverityTrace), int64(record.SeverityFatal) + 3, 4
	first := func(s record.Severity) int64 { return (int64(s)-1)/perLevel*perLevel + 1 }
	from, to := least, most
	switch n.Op {
	case query.Equal:
		from, to = first(low), first(low)+3
	case query.Less:
		to = first(low) - 1
	case query.AtMost:
		to = first(low) + 3
	case query.Greater:
		from = first(low) + perLevel
	case query.AtLeast:
		from = first(low)
	case query.Range:
		if lowOK {
			from = first(low)
		}
		if highOK {
			to = first(high) + 3
		}
	}
	return exactly(where("severity IS NOT NULL AND severity BETWEEN ? AND ?", from, to)), true
}

// timeField compares times; a pattern is matched with their text.
func timeField(f record.Field, n *query.Compare) bounds {
	present := f.Name + " IS NOT NULL"
	if n.Op == query.Prefix || n.Op == query.Regexp {
		return atMost(where(present))
	}
	whole := true
	b := ordered(n, present, func(operator, value string) (string, any) {
		t, ok := record.ParseTime(value)
		whole = whole && ok && t.Nanosecond()%int(time.Microsecond) == 0
		return f.Name + operator + "?", t
	})
	if !whole {
		return atMost(where(present)) // the engine would cut it
	}
	return exactly(b)
}

// boolField compares the texts true and false; the column is never null.
func boolField(f record.Field, n *query.Compare) bounds {
	if n.Op != query.Equal {
		return unknown()
	}
	switch strings.ToLower(n.Value) {
	case "true":
		return exactly(where(f.Name))
	case "false":
		return exactly(where("NOT " + f.Name))
	}
	return exactly(where(never))
}

// numberField compares a column of numbers. With a text that is no number, texts
// are compared; no number's text is equal to such a one.
func numberField(f record.Field, n *query.Compare) bounds {
	present := where(f.Name + " IS NOT NULL")
	values := []string{n.Value}
	switch n.Op {
	case query.Prefix, query.Regexp:
		return atMost(present)
	case query.Range:
		values = append(values, n.High)
	}
	exact := true
	for _, text := range values {
		if n.Op == query.Range && text == "" {
			continue
		}
		v, ok := record.ParseNumber(text)
		if !ok {
			if n.Op == query.Equal {
				return exactly(where(never))
			}
			return atMost(present)
		}
		exact = exact && exactFor(f, v)
	}
	if !exact {
		return nearly(f, n, present)
	}
	column, param := f.Name, "?::BIGINT"
	switch {
	case f.Type == record.TypeNumber:
		param = "?::DOUBLE"
	case f.ID == record.FieldSeq: // unsigned: a negative bound must not fail
		column, param = f.Name+"::HUGEINT", "?::HUGEINT"
	}
	return exactly(ordered(n, present.sql, func(operator, text string) (string, any) {
		v, _ := record.ParseNumber(text)
		if f.Type == record.TypeNumber {
			return column + operator + param, asFloat(v)
		}
		return column + operator + param, v.Int64()
	}))
}

// exactFor reports whether the engine's own comparison of the column with v is
// exact.
func exactFor(f record.Field, v slog.Value) bool {
	switch v.Kind() {
	case slog.KindInt64:
		return f.Type != record.TypeNumber || v.Int64() <= exactInDouble && v.Int64() >= -exactInDouble
	case slog.KindFloat64:
		return f.Type == record.TypeNumber
	}
	return false
}

// exactInDouble is the largest integer up to which a float64 holds every one.
const exactInDouble = 1 << 53

// nearly compares as doubles with a number that the column's type does not hold.
// Rounding keeps the order of what it does not make equal, so what is less is at
// most equal afterwards.
func nearly(f record.Field, n *query.Compare, present cond) bounds {
	loose := *n
	switch n.Op {
	case query.Less:
		loose.Op = query.AtMost
	case query.Greater:
		loose.Op = query.AtLeast
	}
	finite := true
	over := ordered(&loose, present.sql, func(operator, text string) (string, any) {
		x, err := strconv.ParseFloat(text, 64)
		finite = finite && err == nil
		return f.Name + "::DOUBLE" + operator + "?::DOUBLE", x
	})
	if !finite {
		return atMost(present)
	}
	return atMost(over)
}

func asFloat(v slog.Value) float64 {
	if v.Kind() == slog.KindInt64 {
		return float64(v.Int64())
	}
	return v.Float64()
}
