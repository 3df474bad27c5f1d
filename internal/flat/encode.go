package flat

import (
	"encoding/binary"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// Encoder holds what encoding needs beside the bytes. It is used by one goroutine
// at a time. Its methods append to b and return it.
type Encoder struct {
	// MaxText is the longest text that is copied; longer ones are cut with a mark.
	MaxText int
	// MaxBytes is how long b may become before groups, maps and lists are cut, so that a
	// value that contains itself, or a huge one, does not cost its caller time and memory without
	// bound. Zero: no bound.
	MaxBytes int
	// Cut counts the texts that were cut; the owner sets it to zero.
	Cut int
}

// Begin starts a record whose time is now on the queue's clock.
func (e *Encoder) Begin(b []byte, kind record.Kind, s record.Severity, msg string, pc uintptr, now int64) []byte {
	if len(msg) > e.MaxText {
		msg = e.cut(msg)
	}
	// One growth for the head and a message of usual length.
	b = append(b, make([]byte, headSize)...)
	head := b[len(b)-headSize:]
	head[severityOffset] = uint8(s)
	head[flagsOffset] = uint8(kind)
	binary.LittleEndian.PutUint64(head[timeOffset:], uint64(now))
	binary.LittleEndian.PutUint32(head[lengthOffset:], uint32(len(msg)))
	binary.LittleEndian.PutUint64(head[callerOffset:], uint64(pc))
	return append(b, msg...)
}

// SetOrigin notes which logger the record that starts at b[0] comes from, and which
// tap follows it.
func SetOrigin(b []byte, logger, tap uint32) {
	binary.LittleEndian.PutUint32(b[loggerOffset:], logger)
	binary.LittleEndian.PutUint32(b[tapOffset:], tap)
}

// SetTime replaces the time of the record that starts at b[0] by one that came
// with it. A zero time means that the record has none.
func SetTime(b []byte, t time.Time) {
	if t.IsZero() {
		b[flagsOffset] |= flagNone
		return
	}
	b[flagsOffset] |= flagGiven
	binary.LittleEndian.PutUint64(b[timeOffset:], uint64(t.Unix()))
	binary.LittleEndian.PutUint32(b[nanosOffset:], uint32(t.Nanosecond()))
}

// Attrs appends attributes.
func (e *Encoder) Attrs(b []byte, attrs []slog.Attr) []byte {
	for i := range attrs {
		b = e.Attr(b, &attrs[i])
	}
	return b
}

// Attr appends one attribute by slog's rules: an empty one is left out, so is an
// empty group, and a group without a name is inlined.
func (e *Encoder) Attr(b []byte, a *slog.Attr) []byte {
	switch a.Value.Kind() {
	case slog.KindString:
		return e.String(b, a.Key, a.Value.String())
	case slog.KindInt64:
		return e.scalar(b, opInt, a.Key, uint64(a.Value.Int64()))
	case slog.KindFloat64:
		return e.scalar(b, opFloat, a.Key, math.Float64bits(a.Value.Float64()))
	case slog.KindBool:
		return e.bool(b, a.Key, a.Value.Bool())
	case slog.KindDuration:
		return e.scalar(b, opDuration, a.Key, uint64(a.Value.Duration()))
	case slog.KindUint64:
		return e.scalar(b, opUint, a.Key, a.Value.Uint64())
	case slog.KindTime:
		return e.time(b, a.Key, a.Value.Time())
	default:
		return e.complex(b, a.Key, a.Value, place{})
	}
}

// String appends a text.
func (e *Encoder) String(b []byte, key, s string) []byte {
	if len(s) > e.MaxText || len(key) > maxKeyText {
		key, s = e.cutKey(key), e.cut(s)
	}
	b = appendOp(b, opString, key)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

func (e *Encoder) scalar(b []byte, o op, key string, bits uint64) []byte {
	if len(key) > maxKeyText {
		key = e.cutKey(key)
	}
	b = appendOp(b, o, key)
	return binary.LittleEndian.AppendUint64(b, bits)
}

func (e *Encoder) bool(b []byte, key string, v bool) []byte {
	if v {
		return e.mark(b, opTrue, key)
	}
	return e.mark(b, opFalse, key)
}

func (e *Encoder) time(b []byte, key string, t time.Time) []byte {
	b = e.mark(b, opTime, key)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.Unix()))
	return binary.LittleEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

// mark appends an op that is all in its key.
func (e *Encoder) mark(b []byte, o op, key string) []byte {
	if len(key) > maxKeyText {
		key = e.cutKey(key)
	}
	return appendOp(b, o, key)
}

// Open starts a group that ends with the record. It is left out when nothing
// follows.
func (e *Encoder) Open(b []byte, name string) []byte { return e.mark(b, opGroup, name) }

// maxKeyText is the longest key that is kept whole: longer ones are no names.
const maxKeyText = 64 << 10

// cut shortens a text to MaxText and says so at its end.
func (e *Encoder) cut(s string) string {
	if len(s) <= e.MaxText {
		return s
	}
	e.Cut++
	return cutText(s, e.MaxText)
}

func (e *Encoder) cutKey(key string) string {
	if len(key) <= maxKeyText {
		return key
	}
	e.Cut++
	return cutText(key, maxKeyText)
}

// The mark of a text that was cut.
const (
	cutStart = "… [cut: "
	cutEnd   = " bytes in all]"
	maxMark  = 64
)

// cutText keeps at most n bytes of s, its mark included where n allows one, and
// never splits a character.
func cutText(s string, n int) string {
	mark := cutStart + strconv.Itoa(len(s)) + cutEnd
	if i := strings.LastIndex(s, cutStart); i >= 0 && len(s)-i < maxMark && strings.HasSuffix(s, cutEnd) {
		mark = s[i:] // s was cut before; its mark knows more
	}
	keep := max(n-len(mark), 0)
	for keep > 0 && s[keep]&0xC0 == 0x80 { // inside a character
		keep--
	}
	return s[:keep] + mark
}
