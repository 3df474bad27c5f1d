package otlp

import (
	"encoding/hex"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// entry is a LogRecord as both encodings say it. Whoever reads one gives its slices
// away.
type entry struct {
	time, observed uint64 // nanoseconds since 1970; 0: not given
	severity       int64  // 1 to 24; 0: not given
	severityText   string
	body           slog.Value // null: none
	attrs          []slog.Attr
	dropped        uint64
	flags          uint64
	traceID        string // hexadecimal digits, or what came instead
	spanID         string
	event          string

	odd     []slog.Attr // fields that could not be read
	repairs []record.Repair
}

// resource is a Resource, scope an InstrumentationScope, each with the schema of the
// message around it.
type resource struct {
	attrs   []slog.Attr
	dropped uint64
	schema  string
}

type scope struct {
	name, version string
	attrs         []slog.Attr
	dropped       uint64
	schema        string
}

// maxValues is how many values one record may hold, all levels together: a hundred times
// what real ones do. An empty value takes two bytes of a body and 24 of memory.
const maxValues = 100_000

var errTooMany = fmt.Errorf("more than %d values in one record", maxValues)

// Reasons of repairs.
const (
	reasonNotHex  = "not hexadecimal digits: kept as it came"
	reasonTooDeep = "deeper than 64 levels: kept as encoded"
)

// The bytes of ids.
const (
	traceIDBytes = 16
	spanIDBytes  = 8
)

// hexID returns an id's digits. An id of zeros means none.
func (e *entry) hexID(id []byte, want int, field string) string {
	if len(id) == 0 || len(id) == want && strings.Trim(string(id), "\x00") == "" {
		return ""
	}
	if len(id) != want {
		e.repair(field, wrongLength(len(id), want))
	}
	return hex.EncodeToString(id)
}

// textID is hexID of an id that is a text, which stays what it is when it is none.
func (e *entry) textID(id string, want int, field string) string {
	if len(id) == 2*want && strings.Trim(id, "0") == "" {
		return ""
	}
	if _, err := hex.DecodeString(id); err != nil {
		e.repair(field, reasonNotHex)
		return id
	}
	if id != "" && len(id) != 2*want {
		e.repair(field, wrongLength(len(id)/2, want))
	}
	return strings.ToLower(id)
}

func wrongLength(got, want int) string {
	return fmt.Sprintf("%d bytes, not %d: kept as it came", got, want)
}

func (e *entry) repair(field, reason string) {
	e.repairs = append(e.repairs, record.Repair{Field: field, Reason: reason})
}

// strange keeps a field that cannot be read as an attribute.
func (e *entry) strange(field, reason string, v slog.Value) {
	e.odd = append(e.odd, slog.Attr{Key: field, Value: v})
	e.repair(field, reason)
}

// at returns the time of nanoseconds since 1970, which may be more than an int64 holds.
func at(nanos uint64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	const second = uint64(time.Second)
	return time.Unix(int64(nanos/second), int64(nanos%second)).UTC()
}

func isNull(v slog.Value) bool { return v.Kind() == slog.KindAny && v.Any() == nil }

func group(attrs []slog.Attr) slog.Value {
	if len(attrs) == 0 {
		return record.EmptyObject()
	}
	return slog.GroupValue(attrs...)
}

// valid makes a text for the sender's eyes UTF-8.
func valid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// count makes an attribute's value of a number that is an int64 in practice.
func count(n uint64) slog.Value {
	if n > math.MaxInt64 {
		return slog.Uint64Value(n)
	}
	return slog.Int64Value(int64(n))
}
