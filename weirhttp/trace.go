package weirhttp

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/weirlog/weir/record"
)

// The names of headers. X-Trace-Id is what the log-collector's clients send, the
// others are the W3C's.
const (
	headerTraceID     = "X-Trace-Id"
	headerTraceparent = "Traceparent"
	headerTracestate  = "Tracestate"
)

// maxTraceID bounds an x-trace-id. The ids in use have 16 (Zipkin) to 36 (a dashed UUID)
// characters; some put a prefix before them.
const maxTraceID = 64

// trace is where a request stands in a distributed trace.
type trace struct {
	id     string // what records carry as trace_id; never empty
	parent string // span id of the caller, 16 hex digits; may be empty
	flags  string // of traceparent, two hex digits; empty when there was none
	state  string // tracestate, as it came
}

type traceKey struct{}

// traceFrom returns the trace that Middleware has put into ctx; nil: none.
func traceFrom(ctx context.Context) *trace {
	t, _ := ctx.Value(traceKey{}).(*trace)
	return t
}

// traceOf reads the trace of a request: traceparent, else x-trace-id, else a new one.
func traceOf(h http.Header) *trace {
	if values := h[headerTraceparent]; len(values) == 1 {
		if t, ok := parseTraceparent(values[0]); ok {
			t.state = strings.Join(h[headerTracestate], ",")
			return &t
		}
	}
	if id, ok := cleanTraceID(h.Get(headerTraceID)); ok {
		return &trace{id: id}
	}
	return &trace{id: newTraceID()}
}

// The lengths of a traceparent's parts and of the whole in version 00.
const (
	traceIDDigits     = 32
	spanIDDigits      = 16
	traceparentLength = 2 + 1 + traceIDDigits + 1 + spanIDDigits + 1 + 2
)

// parseTraceparent reads version-traceid-parentid-flags as W3C Trace Context says:
// digits are lower case, ids are not all zeros, version ff does not exist, and only
// versions after 00 may have more behind the flags.
func parseTraceparent(s string) (t trace, ok bool) {
	s = strings.Trim(s, " \t")
	if len(s) < traceparentLength || s[2] != '-' || s[35] != '-' || s[52] != '-' {
		return trace{}, false
	}
	version := s[:2]
	t = trace{id: s[3:35], parent: s[36:52], flags: s[53:55]}
	switch {
	case !isHex(version) || version == "ff",
		version == "00" && len(s) != traceparentLength,
		len(s) > traceparentLength && s[traceparentLength] != '-',
		!isHex(t.id) || allZeros(t.id),
		!isHex(t.parent) || allZeros(t.parent),
		!isHex(t.flags):
		return trace{}, false
	}
	return t, true
}

// cleanTraceID returns an x-trace-id as records are stored with it. It refuses what
// cannot be an id: empty, too long, all zeros, or with other characters than
// letters, digits and -_.:
func cleanTraceID(id string) (string, bool) {
	id = record.CanonicalTraceID(strings.TrimSpace(id))
	if id == "" || len(id) > maxTraceID || allZeros(id) {
		return "", false
	}
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && strings.IndexByte("-_.:", c) < 0 {
			return "", false
		}
	}
	if lower := strings.ToLower(id); len(id) == traceIDDigits && isHex(lower) {
		return lower, true
	}
	return id, true
}

func newTraceID() string {
	var b [traceIDDigits / 2]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}

func newSpanID() string {
	var b [spanIDDigits / 2]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// isHex reports whether s holds lower-case hex digits only.
func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func allZeros(s string) bool { return strings.Trim(s, "0") == "" }
