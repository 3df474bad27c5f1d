package storetest

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// Epoch is when the generated records begin.
var Epoch = time.Date(2026, 3, 14, 9, 26, 53, 589793000, time.UTC)

// FirstPosition is the position of the first generated record, as a committer
// would give it at Epoch.
var FirstPosition = record.NextPosition(0, Epoch)

// Generator makes random records: ordinary ones, with whatever is known to break
// stores strewn in. Records of one seed are always the same.
type Generator struct {
	rng  *rand.Rand
	last record.Position
	n    int
}

// NewGenerator returns a generator.
func NewGenerator(seed uint64) *Generator {
	return &Generator{rng: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), last: FirstPosition - 1}
}

// words are what messages and values are made of. Those that fold, escape or
// parse in surprising ways come back in the queries.
var words = []string{
	"request", "done", "Timeout", "TIMEOUT", "connection", "refused", "user", "alpha", "Alpha", "100%", "50_50", "a%b", "a_b", `back\slash`, "it's", `"quoted"`,
	"ΟΔΟΣ", "οδος", "οδοσ", "İstanbul", "istanbul", "ısı", "ſtraße", "STRASSE", "Straße", "K", "kelvin", "Å", "å", "日本語", "한국어", "emoji😀", "e\u0301", "é", "ǅ", "DŽ",
	"null", "NaN", "true", "42", "42.0", "4.2e1", "0042", "-7", "1e3", "1000", "Infinity", "0x2A", "1_000", "+5", ".5", "5.", "{}", "[1,2]", "a.b.c", "/api/v1/items", "--", ";", "x:y", "tab\there", "line\nbreak", "\uFFFD", "\u2028",
}

func (g *Generator) word() string { return words[g.rng.IntN(len(words))] }

func (g *Generator) text(most int) string {
	n := 1 + g.rng.IntN(most)
	parts := make([]string, n)
	for i := range parts {
		parts[i] = g.word()
	}
	return strings.Join(parts, " ")
}

func (g *Generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

var resources = []*record.Resource{
	nil,
	{Service: "checkout", Environment: "production", ServiceVersion: "v1.2.3", LogType: "BACKEND", Host: "node-1"},
	{Service: "Web-Shop", Environment: "staging", LogType: "FRONTEND"},
	{Service: "ΟΔΟΣ", Host: "İ"},
	{Service: "42", Environment: "a_b%c"},
}

// Record makes the next record, normalized.
func (g *Generator) Record() record.Record {
	g.n++
	g.last += record.Position(1 + g.rng.IntN(3)*g.rng.IntN(1<<20))
	now := Epoch.Add(time.Duration(g.n) * 100 * time.Millisecond)
	r := record.Record{
		ID:       g.last,
		Time:     now.Add(time.Duration(g.rng.IntN(2_000_000)-1_000_000) * time.Microsecond),
		Observed: now,
		Message:  g.text(6),
		Resource: resources[g.rng.IntN(len(resources))],
	}
	if g.chance(90) {
		r.Severity = record.Severity(1 + g.rng.IntN(24))
	} else {
		r.Level = g.word()
	}
	if g.chance(30) {
		r.Logger = "app." + g.word()
	}
	if g.chance(30) {
		r.TraceID = fmt.Sprintf("%032x", g.rng.IntN(20))
		r.SpanID = fmt.Sprintf("%016x", g.rng.IntN(50))
	}
	if g.chance(50) {
		r.SourceID, r.Seq = "emitter-1", uint64(g.n)
	}
	if g.chance(2) {
		r.Seq = 1<<64 - 1
	}
	if g.chance(5) {
		r.Kind = record.Kind(1 + g.rng.IntN(2))
	}
	if g.chance(1) {
		r.Message = ""
	}
	for range g.rng.IntN(6) {
		r.Attrs = append(r.Attrs, g.attr(2))
	}
	record.Normalize(&r)
	return r
}

// Records makes the next n records.
func (g *Generator) Records(n int) []record.Record {
	out := make([]record.Record, n)
	for i := range out {
		out[i] = g.Record()
	}
	return out
}

// keys are attribute names: fields of the projection, with values that fit them
// and values that do not, and others.
var keys = []string{
	"user_id", "session_id", "error_type", "stack_trace", "path", "method", "action_type", "function_name", "file_path", "duration_ms", "deleted", "line_number", "ip", "tenant_id", "tag",
	"status", "user", "plan", "user.plan", "a.b", "a", "b", "Weird Key", "key\"quote", "ключ", "", "metadata", "level_text", "x_y", "x%y",
}

func (g *Generator) attr(depth int) slog.Attr {
	key := keys[g.rng.IntN(len(keys))]
	return slog.Attr{Key: key, Value: g.value(key, depth)}
}

func (g *Generator) value(key string, depth int) slog.Value {
	if f, ok := record.FieldByName(key); ok && g.chance(70) {
		switch f.Type {
		case record.TypeNumber:
			return []slog.Value{slog.Float64Value(float64(g.rng.IntN(200_000)) / 100), slog.Int64Value(int64(g.rng.IntN(2000))), slog.Int64Value(1<<53 + 1)}[g.rng.IntN(3)]
		case record.TypeBool:
			return slog.BoolValue(g.chance(50))
		case record.TypeInteger:
			return slog.Int64Value(int64(g.rng.IntN(1000)))
		}
		return slog.StringValue(g.text(2))
	}
	switch g.rng.IntN(14) {
	case 0:
		return slog.Int64Value([]int64{0, 5, 42, 500, 599, -7, 1000, 1<<63 - 1, -1 << 63}[g.rng.IntN(9)])
	case 1:
		return slog.Float64Value([]float64{0, 5.5, 42, 1e300, 1e-300, -0.5, 1e21, 0.1}[g.rng.IntN(8)])
	case 2:
		return slog.BoolValue(g.chance(50))
	case 3:
		return slog.Uint64Value(1<<64 - 1)
	case 4:
		return slog.DurationValue(time.Duration(g.rng.IntN(5000)) * time.Millisecond)
	case 5:
		return slog.TimeValue(Epoch.Add(time.Duration(g.rng.IntN(5000)) * time.Millisecond))
	case 6:
		return slog.AnyValue(json.Number("123456789012345678901234567890"))
	case 7:
		return slog.AnyValue(nil)
	case 8:
		if depth > 0 {
			return slog.AnyValue([]slog.Value{g.value("", depth-1), g.value("", depth-1)})
		}
	case 9, 10:
		if depth > 0 {
			return slog.GroupValue(g.attr(depth-1), g.attr(depth-1))
		}
	}
	return slog.StringValue(g.text(2))
}

// Query makes a random query in the search language, mostly about what the
// generated records have.
func (g *Generator) Query() string {
	return g.query(2)
}

func (g *Generator) query(depth int) string {
	if depth > 0 {
		switch g.rng.IntN(8) {
		case 0:
			return "(" + g.query(depth-1) + " OR " + g.query(depth-1) + ")"
		case 1:
			return g.query(depth-1) + " " + g.query(depth-1)
		case 2:
			return "-" + g.query(0)
		case 3:
			return "NOT (" + g.query(depth-1) + ")"
		}
	}
	return g.term()
}

// queryFields are what queries ask for besides keys.
var queryFields = []string{
	"level", "severity", "message", "service", "environment", "service_version", "log_type", "host", "logger", "kind", "trace_id", "span_id", "source_id", "seq", "id", "created_at", "observed_at",
	"metadata.user_id", "metadata.status", "user.plan", "a.b", "user.user_id", "nothing",
}

func (g *Generator) term() string {
	field := queryFields[g.rng.IntN(len(queryFields))]
	if g.chance(50) {
		field = keys[g.rng.IntN(len(keys))]
	}
	if strings.ContainsAny(field, " \"") || field == "" {
		field = "status"
	}
	switch g.rng.IntN(12) {
	case 0, 1, 2:
		return quote(g.part(g.word()))
	case 3:
		return quote(g.text(2))
	case 4, 5:
		return field + ":" + quote(g.fieldValue(field))
	case 6:
		if w := g.part(g.word()); !strings.ContainsAny(w, " \"\\\t\n()") {
			return field + ":" + w + "*"
		}
		return field + ":4*"
	case 7:
		return field + []string{"<", "<=", ">", ">="}[g.rng.IntN(4)] + quote(g.fieldValue(field))
	case 8:
		return field + ":" + []string{"1..599", "..42", "5..", "a..m", "0..0"}[g.rng.IntN(5)]
	case 9:
		return "has:" + field
	case 10:
		return field + ":/" + []string{"time", "(?i)timeout", "^a", "[0-9]+", "o.o", "a|b", "Alpha .*done", "σ", ".*", "x{2}", `\d\d`, "line.break"}[g.rng.IntN(12)] + "/"
	}
	return "level" + []string{":", ">=", "<", ">", "<="}[g.rng.IntN(5)] + []string{"warn", "ERROR", "info", "fatal", "debug", "nonsense"}[g.rng.IntN(6)]
}

// fieldValue is a value that the field is likely to have.
func (g *Generator) fieldValue(field string) string {
	switch {
	case field == "level":
		return []string{"warn", "ERROR", "trace", "Timeout"}[g.rng.IntN(4)]
	case field == "trace_id":
		id := fmt.Sprintf("%032x", g.rng.IntN(20))
		if g.chance(30) {
			return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
		}
		return id
	case field == "service" && g.chance(60):
		return []string{"checkout", "WEB-shop", "οδος", "οδοσ", "42.0"}[g.rng.IntN(5)]
	case field == "kind" && g.chance(60):
		return "divider"
	case strings.HasSuffix(field, "_at"):
		return Epoch.Add(time.Duration(g.rng.IntN(60)) * time.Second).Format(time.RFC3339)
	case field == "id":
		return fmt.Sprint(int64(FirstPosition) + int64(g.rng.IntN(1<<28)))
	case g.chance(40):
		return []string{"42", "5", "500", "42.0", "-7", "true", "1e3", "18446744073709551615", "9007199254740993", "1.5s", "NaN"}[g.rng.IntN(11)]
	}
	return g.part(g.word())
}

// part returns a word, or a part of it, in any case.
func (g *Generator) part(w string) string {
	runes := []rune(w)
	if len(runes) > 2 && g.chance(40) {
		from := g.rng.IntN(len(runes) - 1)
		runes = runes[from : from+1+g.rng.IntN(len(runes)-from)]
	}
	switch g.rng.IntN(4) {
	case 0:
		return strings.ToUpper(string(runes))
	case 1:
		return strings.ToLower(string(runes))
	}
	return string(runes)
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
