// Package record holds the log record and its wire form: the contract that the
// library, the page, the server and every store share.
//
// A [Record] is what a log call, a line of a pipe or a POST becomes. Its
// projection ([Fields]) is the one set of names that the JSON, the columns of the
// table `logs` and the search language use. [AppendJSON] writes a record,
// [ParseJSON] reads one, [Normalize] makes a record fit to be stored.
//
// The package does no I/O and keeps no state.
package record

import (
	"log/slog"
	"time"
)

// Position is a record's place in the order of commits and its id. It is
// assigned by one committer, as max(last+1, clock in milliseconds << 20), so
// positions only grow and survive a clock that steps back. Zero means that the
// record has not been committed. On the wire it is a decimal string, because
// JavaScript's numbers end at 2^53.
type Position int64

// positionClockShift leaves 2^20 positions for each millisecond of the clock.
const positionClockShift = 20

// NextPosition returns the first position that may be given to a batch after
// last when the clock shows now.
func NextPosition(last Position, now time.Time) Position {
	return max(last+1, Position(now.UnixMilli())<<positionClockShift)
}

// Kind says what a record is.
type Kind uint8

// The kinds of records.
const (
	KindLog        Kind = iota // an ordinary record
	KindDivider                // a visual separator in the stream; its message is the label
	KindCheckpoint             // a job's named state was saved
)

// Record is one log event.
//
// A record is a value; copying it shares Resource and Attrs, which nobody
// changes once the record has left its maker. Whoever receives records in a
// slice that it must not keep (a sink) calls [Record.Clone] to keep one.
type Record struct {
	ID       Position  // zero until committed
	Time     time.Time // when it was emitted (created_at); zero: unknown, taken from Observed
	Observed time.Time // when the committer saw it

	Severity Severity // zero when the level is unknown
	Level    string   // the level as it came when Severity is zero, else ignored

	Kind    Kind
	Message string
	Logger  string // dotted name, as "app.db"

	TraceID string // 32 hex digits without dashes, or whatever came
	SpanID  string

	SourceID string // the emitter, new for each process start
	Seq      uint64 // the emitter's own count, from 1; zero: the emitter does not count

	Resource *Resource   // what is common to the sender; nil is allowed
	Attrs    []slog.Attr // see Attribute values
}

// Attribute values: a record's Attrs hold values of these kinds only: string,
// int64, uint64, float64, bool, time, duration, group (a JSON object), and
// slog.AnyValue of nil (JSON null), of []slog.Value (a JSON array) or of
// json.Number (a number that float64 and int64 cannot hold exactly). No value is
// a LogValuer and none may change after the record is made. One more, opaque, value
// stands for an empty JSON object, because slog.GroupValue drops empty groups:
// [EmptyObject].
//
// On the wire durations are text as time.Duration prints them, times are RFC 3339
// in UTC with microseconds, and NaN and the infinities are the texts "NaN",
// "Infinity" and "-Infinity".

// Resource describes a sender. It is shared by all the sender's records and must
// not be changed once a record refers to it.
type Resource struct {
	Service        string
	Environment    string
	ServiceVersion string
	LogType        string // BACKEND, FRONTEND, MOBILE, IOT or WORKER, or whatever came
	Host           string
}

// LevelText returns the projection of the level: the canonical name, or the
// text that came when the level is unknown; "" when there was none.
func (r *Record) LevelText() string {
	if r.Severity != SeverityUnknown {
		return r.Severity.Level()
	}
	return r.Level
}

// Clone returns a copy that shares nothing that its maker may use again: the
// slice of attributes, and those of groups and arrays in it, are copied. Strings
// and the resource are shared.
func (r *Record) Clone() Record {
	c := *r
	c.Attrs = cloneAttrs(r.Attrs)
	return c
}

func cloneAttrs(attrs []slog.Attr) []slog.Attr {
	if len(attrs) == 0 {
		return nil
	}
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = slog.Attr{Key: a.Key, Value: cloneValue(a.Value)}
	}
	return out
}

func cloneValue(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindGroup:
		return slog.GroupValue(cloneAttrs(v.Group())...)
	case slog.KindAny:
		if list, ok := v.Any().([]slog.Value); ok {
			out := make([]slog.Value, len(list))
			for i := range list {
				out[i] = cloneValue(list[i])
			}
			return slog.AnyValue(out)
		}
	}
	return v
}

// String returns the kind's name on the wire.
func (k Kind) String() string {
	switch k {
	case KindDivider:
		return "divider"
	case KindCheckpoint:
		return "checkpoint"
	}
	return "log"
}

// ParseKind reads a kind's name; ok is false when there is no such kind.
func ParseKind(name string) (k Kind, ok bool) {
	switch name {
	case "log":
		return KindLog, true
	case "divider":
		return KindDivider, true
	case "checkpoint":
		return KindCheckpoint, true
	}
	return KindLog, false
}
