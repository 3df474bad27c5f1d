// Package recordtest makes records for tests: [Random] draws one from everything a
// record may hold, [Same] says whether two are the same on the wire. It is of no
// use in a program.
package recordtest

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"github.com/weirlog/weir/record"
)

// Same reports whether two records are the same: whether their JSON is.
func Same(a, b *record.Record) bool {
	return bytes.Equal(record.AppendJSON(nil, a), record.AppendJSON(nil, b))
}

// Words returns texts that are hard to store, search or compare: what Random
// builds its texts from, for tests that need queries that hit.
func Words() []string {
	return []string{
		"", "checkout", "Payment failed", "timeout", "ΟΔΟΣ", "οδος", "οδοσ", "İstanbul", "istanbul", "ſecret", "secret", "Kelvin \u212A", "straße",
		"100%", "50_50", `back\slash`, `C:\temp`, `"quoted"`, "it's", "line one\nline two", "tab\there", "a\r\nb", "\x00", "a\x00b", "\xff", "\xc3\x28",
		"\xed\xa0\x80", "\xed\xa0\xbd\xed\xb8\x80", "😀", "\uFFFD", "<script>", "&amp;", "\u2028", "{\"a\":1}", "[1,2]", "null", "true", "NaN", "0", "42", "-1", "1e3", "007",
		"2026-01-02T03:04:05Z", "1.5s", "/api/v1/orders?id=7", "*", "a*", "(x)", "-x", "AND", "level:error", "a..b", " ", "  padded  ", "\x1b[31mred\x1b[0m",
	}
}

// Keys returns the keys that Random gives attributes: plain, dotted, those of
// fields, and strange ones.
func Keys() []string {
	return []string{
		"user", "user.plan", "plan", "status", "count", "tags", "a", "b", "a.b", "a.b.c", "empty", "list", "Größe", "with space", "", "\xff", "\xfe", "nul\x00",
		"user_id", "session_id", "error_type", "stack_trace", "path", "method", "action_type", "function_name", "file_path", "duration_ms", "deleted", "line_number", "ip", "tenant_id", "tag",
		"service", "environment", "service_version", "log_type", "host", "trace_id", "span_id", "logger",
		"id", "created_at", "level", "message", "metadata", "observed_at", "severity", "kind", "seq", "source_id",
		"level_text", "_replaced", "_repaired", "_rest", "_conflict.a", "_conflict.trace_id", "x%y", "x_y", `quo"te`,
	}
}

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// Text draws a text: one of Words, or two of them.
func Text(rng *rand.Rand) string {
	words := Words()
	if rng.IntN(3) == 0 {
		return pick(rng, words) + " " + pick(rng, words)
	}
	return pick(rng, words)
}

// Random draws a record that is not normalized: with NUL, invalid UTF-8, lone
// surrogates, NaN, numbers of any size, dotted and duplicate keys, attributes named
// like fields, and values of every kind nested in each other.
func Random(rng *rand.Rand) record.Record {
	r := record.Record{
		ID:       record.Position(rng.Int64N(1 << 62)),
		Observed: Time(rng),
		Severity: record.Severity(rng.IntN(25)),
		Kind:     record.Kind(rng.IntN(3)),
		Message:  Text(rng),
	}
	if rng.IntN(8) > 0 {
		r.Time = Time(rng)
	}
	if rng.IntN(3) == 0 {
		r.Level = pick(rng, []string{"", "Notice", "silly", "INFO+2", "ERROR", "bad\xff", "CRITICAL", "\x00"})
	}
	if rng.IntN(2) == 0 {
		r.Logger = pick(rng, []string{"app", "app.db", "app\x00", "ΟΔΟΣ"})
	}
	if rng.IntN(2) == 0 {
		r.TraceID = pick(rng, []string{"4bf92f3577b34da6a3ce929d0e0e4736", "4BF92F35-77b3-4da6-a3ce-929d0e0e4736", "other", "\xff"})
		r.SpanID = pick(rng, []string{"", "00f067aa0ba902b7"})
	}
	if rng.IntN(2) == 0 {
		r.SourceID, r.Seq = "source-1", rng.Uint64()
	}
	if rng.IntN(4) > 0 {
		r.Resource = &record.Resource{
			Service:        pick(rng, []string{"", "checkout", "payment", "se\xffrvice"}),
			Environment:    pick(rng, []string{"", "production"}),
			ServiceVersion: pick(rng, []string{"", "v1.10", "1.1"}),
			LogType:        pick(rng, []string{"", "BACKEND"}),
			Host:           pick(rng, []string{"", "host-1"}),
		}
	}
	r.Attrs = attrs(rng, rng.IntN(8), 0)
	return r
}

// Time draws a time between the years 1970 and 2100, seldom far from them.
func Time(rng *rand.Rand) time.Time {
	switch rng.IntN(40) {
	case 0:
		return time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	case 1:
		return time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)
	}
	return time.Unix(rng.Int64N(4_102_444_800), rng.Int64N(1e9)).In(time.FixedZone("", rng.IntN(20)*900))
}

func attrs(rng *rand.Rand, n, depth int) []slog.Attr {
	var list []slog.Attr
	keys := Keys()
	for range n {
		list = append(list, slog.Attr{Key: pick(rng, keys), Value: Value(rng, depth)})
	}
	return list
}

// Value draws an attribute's value, inside depth groups and arrays.
func Value(rng *rand.Rand, depth int) slog.Value {
	n := 16
	if depth > 3 {
		n = 13
	}
	switch rng.IntN(n) {
	case 0, 1, 2:
		return slog.StringValue(Text(rng))
	case 3:
		return slog.Int64Value(rng.Int64N(1000) - 10)
	case 4:
		return slog.Int64Value(pick(rng, []int64{math.MaxInt64, math.MinInt64, 1<<53 + 1, 0, 500}))
	case 5:
		return slog.Uint64Value(pick(rng, []uint64{math.MaxUint64, 1 << 63, 7}))
	case 6:
		return slog.Float64Value(rng.NormFloat64() * 1000)
	case 7:
		return slog.Float64Value(pick(rng, []float64{0, math.Copysign(0, -1), 3, 0.1, 1e21, 1e-7, 1e300, 5e-324, 1.5, math.NaN(), math.Inf(1), math.Inf(-1)}))
	case 8:
		return slog.BoolValue(rng.IntN(2) == 0)
	case 9:
		return slog.TimeValue(Time(rng))
	case 10:
		return slog.DurationValue(time.Duration(rng.Int64N(int64(time.Hour))))
	case 11:
		return slog.AnyValue(pick(rng, []json.Number{"0.1000000000000000055", "123456789012345678901234567890", "1e400", "5", "5.0", "not a number", "-0"}))
	case 12:
		return slog.Value{}
	case 13, 14:
		return slog.GroupValue(attrs(rng, rng.IntN(4), depth+1)...)
	}
	list := make([]slog.Value, rng.IntN(4))
	for i := range list {
		list[i] = Value(rng, depth+1)
	}
	return slog.AnyValue(list)
}
