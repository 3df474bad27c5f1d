package weirtest

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/weirlog/weir/record"
)

// The bounds of what a failure shows.
const (
	maxShown    = 10  // records
	maxCompared = 200 // runes of two messages; further ones rarely tell more
)

// instead shows what was logged, the nearest first.
func (w *wanted) instead(records []record.Record) string {
	if len(records) == 0 {
		return "nothing was logged"
	}
	type candidate struct {
		at       int
		distance int
	}
	candidates := make([]candidate, len(records))
	for i := range records {
		candidates[i] = candidate{i, w.distance(&records[i])}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var b strings.Builder
	fmt.Fprintf(&b, "logged, the nearest first (%d in all):", len(records))
	for i, c := range candidates {
		if i == maxShown {
			b.WriteString("\n  …")
			break
		}
		r := &records[c.at]
		fmt.Fprintf(&b, "\n  %d: %s", c.at+1, show(r))
		if d := w.differences(r); len(d) > 0 {
			b.WriteString("   <- " + strings.Join(d, ", "))
		}
	}
	return b.String()
}

// distance is how far a record is from what is wanted. A message that has little in common
// outweighs all else.
func (w *wanted) distance(r *record.Record) int {
	d := 0
	if r.Severity != w.severity {
		d += 5
	}
	if a, b := []rune(w.message), []rune(r.Message); r.Message != w.message {
		a, b = a[:min(len(a), maxCompared)], b[:min(len(b), maxCompared)]
		d += 1 + 20*edits(a, b)/max(len(a), len(b), 1)
	}
	for _, want := range w.attrs {
		switch v, ok := lookup(r, want.Key); {
		case !ok:
			d += 3
		case wire(v) != wire(want.Value):
			d += 2
		}
	}
	return d
}

// edits is the number of insertions, removals and replacements between two texts.
func edits(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// show writes a record on one line.
func show(r *record.Record) string {
	var b strings.Builder
	level := levelName(r.Severity)
	if r.Severity == record.SeverityUnknown {
		level = r.Level + "(unknown level)"
	}
	fmt.Fprintf(&b, "%s %q", level, r.Message)
	if r.Logger != "" && r.Logger != Name {
		b.WriteString(" logger=" + r.Logger)
	}
	for _, a := range flatten(nil, "", r.Attrs) {
		if !isPlace(a.Key) {
			b.WriteString(" " + a.Key + "=" + wire(a.Value))
		}
	}
	return b.String()
}

// isPlace knows the attributes of the place of the call, which every record has.
func isPlace(key string) bool {
	switch key {
	case record.Fields[record.FieldFunctionName].Name, record.Fields[record.FieldFilePath].Name, record.Fields[record.FieldLineNumber].Name:
		return true
	}
	return false
}

// wire is a value as JSON. One that is no attribute's value yet, as a test gives it,
// becomes what the logger makes of it.
func wire(v slog.Value) string {
	if v.Kind() != slog.KindAny {
		return string(record.AppendValue(nil, v))
	}
	switch x := v.Any().(type) {
	case nil, []slog.Value, json.Number:
		return string(record.AppendValue(nil, v))
	case error:
		return wire(slog.StringValue(x.Error()))
	case []byte:
		return wire(slog.StringValue(string(x)))
	case json.Marshaler, encoding.TextMarshaler:
	case fmt.Stringer:
		if !v.Equal(record.EmptyObject()) {
			return wire(slog.StringValue(x.String()))
		}
		return "{}"
	}
	if text, err := json.Marshal(v.Any()); err == nil {
		return string(text)
	}
	return string(record.AppendValue(nil, v))
}
