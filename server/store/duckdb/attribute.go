package duckdb

import (
	"log/slog"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
)

// metadataPrefix skips the fields in a search, as record.Record.Lookup has it.
const metadataPrefix = "metadata."

// attribute looks for the traces that an attribute leaves in the text of the
// column metadata, which is JSON as record.AppendValue writes it: the end of its
// key, and its value when that is compared for equality. The traces may belong to
// something else, so Match decides.
func (c compiler) attribute(n *query.Compare) bounds {
	name := strings.TrimPrefix(n.Field, metadataPrefix)
	// "user.plan" is the key user.plan, or plan inside user: both end alike.
	key := name[strings.LastIndexByte(name, '.')+1:]
	traces := []cond{where("metadata IS NOT NULL")}
	if verbatim(key) == key {
		traces = append(traces, where("contains(metadata, ?)", key+`"`))
	}
	switch n.Op {
	case query.Equal:
		traces = append(traces, c.equalTo(n.Value))
	case query.Prefix:
		traces = append(traces, c.inMetadata(strings.ToLower(n.Value)))
	case query.Regexp:
		l := c.literal(n.Re)
		l.text = verbatim(l.text)
		traces = append(traces, literalIn("metadata", l))
	}
	return atMost(allOf(traces...))
}

// equalTo is the trace of a value that is equal to text: the text itself, or the
// same number as numbers are written.
func (c compiler) equalTo(text string) cond {
	same := c.inMetadata(strings.ToLower(text))
	v, ok := record.ParseNumber(text)
	if !ok {
		return same
	}
	digits, ok := canonical(v)
	switch {
	case !ok:
		return where(always)
	case digits == text:
		return where("contains(metadata, ?)", digits)
	}
	return anyOf(same, where("contains(metadata, ?)", digits))
}

// canonical is the one way in which metadata has a number; ok is false when there
// are several.
func canonical(v slog.Value) (digits string, ok bool) {
	if k := v.Kind(); k != slog.KindInt64 && k != slog.KindFloat64 {
		return "", false
	}
	f := asFloat(v)
	switch abs := math.Abs(f); {
	case f == 0:
		return "0", true // and -0 has it too
	case abs > exactInDouble || abs < 1e-6: // some are kept as they came, or have an exponent
		return "", false
	}
	return strconv.FormatFloat(f, 'f', -1, 64), true
}

// inMetadata says that a folded text stands in some value of metadata.
func (c compiler) inMetadata(lower string) cond {
	part := c.fold.longest(verbatim(lower))
	if part == "" {
		return where(always)
	}
	return where("contains(lower(metadata), ?)", part)
}

// verbatim returns the longest part of a text that JSON has as it is.
func verbatim(text string) string {
	best, start := "", 0
	for i, r := range text {
		if r >= 0x20 && r != '"' && r != '\\' && r != utf8.RuneError {
			continue
		}
		if i-start > len(best) {
			best = text[start:i]
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		start = i + size
	}
	if len(text)-start > len(best) {
		best = text[start:]
	}
	return best
}
