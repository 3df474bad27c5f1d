package weirhttp

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Transport returns a RoundTripper that passes the trace of a request's context on,
// in traceparent and x-trace-id, so that the records of the other side can be found
// with ours. A header that the request has already stays. What came in
// through [Middleware] goes on with its flags and tracestate; a trace id that weir.With
// has put into the context goes before it. A trace id that is not 32 hex digits goes
// into x-trace-id only. A request whose context has none is sent as it is.
//
// base does the sending; nil means http.DefaultTransport.
func Transport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{base}
}

type transport struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	tr, ok := outgoing(r.Context())
	if !ok {
		return t.base.RoundTrip(r)
	}
	// A RoundTripper must not change the request that it is given.
	own := r.Clone(r.Context())
	if own.Header == nil {
		own.Header = http.Header{}
	}
	if len(own.Header[headerTraceID]) == 0 {
		own.Header[headerTraceID] = []string{tr.id}
	}
	if len(own.Header[headerTraceparent]) == 0 && len(tr.id) == traceIDDigits && isHex(tr.id) {
		own.Header[headerTraceparent] = []string{"00-" + tr.id + "-" + tr.parent + "-" + tr.flags}
		if tr.state != "" && len(own.Header[headerTracestate]) == 0 {
			own.Header[headerTracestate] = []string{tr.state}
		}
	}
	return t.base.RoundTrip(own)
}

// CloseIdleConnections makes http.Client.CloseIdleConnections reach the base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// outgoing returns the trace that a request with this context belongs to, complete
// with a parent and flags.
func outgoing(ctx context.Context) (t trace, ok bool) {
	for _, a := range weir.ContextAttrs(ctx) {
		if a.Value.Kind() != slog.KindString {
			continue
		}
		switch a.Key {
		case record.Fields[record.FieldTraceID].Name:
			t.id = record.CanonicalTraceID(a.Value.String())
		case record.Fields[record.FieldSpanID].Name:
			t.parent = a.Value.String()
		}
	}
	if in := traceFrom(ctx); in != nil {
		switch {
		case t.id == "" || t.id == in.id:
			t.id, t.flags, t.state = in.id, in.flags, in.state
			if t.parent == "" {
				t.parent = in.parent
			}
		case t.parent == in.parent:
			t.parent = "" // that span is of another trace
		}
	}
	if id, ok := cleanTraceID(t.id); ok {
		t.id = id
	} else {
		return trace{}, false // it could forge a header, or is none
	}
	if len(t.parent) != spanIDDigits || !isHex(t.parent) || allZeros(t.parent) {
		t.parent = newSpanID()
	}
	if t.flags == "" {
		t.flags = "00" // nobody has decided to sample it
	}
	return t, true
}
