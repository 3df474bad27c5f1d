package weirhttp

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Options configure Middleware. The zero value is a good default.
type Options struct {
	// TrustedProxies are the addresses of proxies whose word about the client is
	// taken: X-Forwarded-For (read from the right), Forwarded or X-Real-IP. Without
	// them ip is the other end of the connection.
	TrustedProxies []netip.Prefix
	// ForwardedHeader is the one of these three headers that the trusted proxies set. Default: the
	// first of them that a request has; a proxy that sets one and lets the others through
	// would let clients write their own.
	ForwardedHeader string

	// TraceHeader is the response header that the trace id is returned in. Default
	// X-Trace-Id.
	TraceHeader string
	// Trace returns the trace of a context, as weir.Options.Trace does. When it knows
	// one, the request's headers are not asked, and the logger is left to put it on
	// records. A program with OpenTelemetry sets it, so that records have the ids of
	// their own spans and not the caller's. Default: none.
	Trace func(context.Context) (traceID, spanID string)

	// UserID takes user_id from the header x-user-id. Anybody can send it: turn it on where
	// only a gateway that sets it can reach the program.
	UserID bool
	// Attrs returns more attributes for all records of a request.
	Attrs func(*http.Request) []slog.Attr

	// Received also logs "Request received", at INFO, before the handler runs.
	Received bool
	// Level is the level of "Request completed" for a status. Default: [StatusLevel].
	Level func(status int) slog.Level
	// Skip reports requests that are not worth a record, such as health checks. Their
	// context has its attributes all the same, and a panic is logged.
	Skip func(*http.Request) bool

	// Repanic raises a handler's panic again once it is logged, for a middleware
	// further out that answers it.
	Repanic bool
}

// The bounds of what a client can make each of its records carry. They are far above what
// browsers send; the server's own limit for all headers is a megabyte.
const (
	maxPath      = 4096
	maxUserAgent = 512
	maxHeaderID  = 256 // of x-request-id and x-user-id
)

// The texts of the middleware's records.
const (
	messageReceived  = "Request received"
	messageCompleted = "Request completed"
	messagePanic     = "Panic in a handler"
)

// StatusLevel is ERROR for the server's failures (5xx), WARN for the client's (4xx), and
// else INFO.
func StatusLevel(status int) slog.Level {
	switch {
	case status >= 500:
		return weir.LevelError
	case status >= 400:
		return weir.LevelWarn
	}
	return weir.LevelInfo
}

// Middleware returns a middleware that logs requests to log.
//
// The request's context gets the attributes path, method, ip, user_agent, trace_id,
// span_id (the caller's), request_id and user_id, as far as there are any: every
// record that is logged with it has them. The trace id comes from traceparent or x-trace-id, or
// is made, and is returned in Options.TraceHeader. When the handler has returned, a record
// "Request completed" follows, with status_code, bytes, duration_ms and route, the pattern that
// http.ServeMux found.
//
// A handler's panic is logged at ERROR with its stack. When nothing was written the
// client gets status 500; otherwise the middleware panics with http.ErrAbortHandler, which
// makes the server cut the connection: the client must not take half an answer for
// a whole one. http.ErrAbortHandler itself is passed on without a record of a panic.
//
// Options that make no sense are told as a *weir.Error, to weir.Options.Diagnostics or on
// the logger's error output, and left out.
func Middleware(log *weir.Logger, o Options) func(http.Handler) http.Handler {
	m := newMiddleware(log, o)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.serve(next, w, r) })
	}
}

type middleware struct {
	log    *weir.Logger // without the place of calls, which would be this package
	panics *weir.Logger // a panic's place is the program's
	client *clientIP
	o      Options
}

func newMiddleware(log *weir.Logger, o Options) *middleware {
	client, err := newClientIP(o.TrustedProxies, o.ForwardedHeader)
	if err != nil {
		log.Report(&weir.Error{
			Layer: weir.LayerConfiguration, Service: "Middleware", Category: weir.CategoryValidation, Severity: weir.SeverityError,
			Message: err.Error() + "; no proxy is trusted",
			Context: map[string]any{"logger": log.Name()},
		})
		client = &clientIP{}
	}
	if o.TraceHeader == "" {
		o.TraceHeader = headerTraceID
	}
	o.TraceHeader = http.CanonicalHeaderKey(o.TraceHeader)
	if o.Level == nil {
		o.Level = StatusLevel
	}
	return &middleware{log: log.WithSource(false), panics: log, client: client, o: o}
}

// serve runs the handler inside the request's context.
func (m *middleware) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	t, attrs := m.describe(r)
	// Setting the map spares the canonical form of a name that has it.
	w.Header()[m.o.TraceHeader] = []string{t.id}
	ctx := weir.With(context.WithValue(r.Context(), traceKey{}, t), attrs...)
	r = r.WithContext(ctx)
	routed := r.Pattern != ""

	skip := m.o.Skip != nil && m.o.Skip(r)
	if m.o.Received && !skip {
		m.log.LogAttrs(ctx, weir.LevelInfo, messageReceived)
	}
	out := &response{ResponseWriter: w}
	returned := false
	defer func() {
		p := recover()
		if p != nil && !asksToAbort(p) {
			logPanic(ctx, m.panics, messagePanic, p)
			if out.status == 0 && !out.hijacked && !m.o.Repanic {
				http.Error(out, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
				returned, p = true, nil
			} else if !m.o.Repanic {
				p = http.ErrAbortHandler
			}
			out.begin(http.StatusInternalServerError) // by whom the panic is for
		}
		if !skip {
			m.completed(ctx, r, out, completion{duration: time.Since(start), aborted: !returned, route: !routed})
		}
		if p != nil {
			panic(p)
		}
	}()
	next.ServeHTTP(out.writer(), r)
	returned = true
}

// describe returns the request's trace and its attributes.
func (m *middleware) describe(r *http.Request) (*trace, []any) {
	attrs := make([]any, 0, 12)
	add := func(key, value string, limit int) {
		if value != "" {
			attrs = append(attrs, slog.String(key, bounded(value, limit)))
		}
	}
	add(record.Fields[record.FieldPath].Name, r.URL.Path, maxPath)
	add(record.Fields[record.FieldMethod].Name, r.Method, maxHeaderID)
	add(record.Fields[record.FieldIP].Name, m.client.of(r), maxHeaderID)
	add("user_agent", r.UserAgent(), maxUserAgent)
	add("route", r.Pattern, maxPath)
	add("request_id", r.Header.Get("X-Request-Id"), maxHeaderID)
	if m.o.UserID {
		add(record.Fields[record.FieldUserID].Name, r.Header.Get("X-User-Id"), maxHeaderID)
	}
	t, own := m.trace(r)
	if own {
		add(record.Fields[record.FieldTraceID].Name, t.id, maxTraceID)
		add(record.Fields[record.FieldSpanID].Name, t.parent, spanIDDigits)
	}
	if m.o.Attrs != nil {
		for _, a := range m.o.Attrs(r) {
			attrs = append(attrs, a)
		}
	}
	return t, attrs
}

// trace returns the request's trace, and whether records get it from here.
func (m *middleware) trace(r *http.Request) (t *trace, own bool) {
	if m.o.Trace != nil {
		if id, span := m.o.Trace(r.Context()); id != "" {
			return &trace{id: id, parent: span}, false
		}
	}
	return traceOf(r.Header), true
}

// bounded cuts a text, at a character's begin, and says so.
func bounded(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	const mark = "…"
	return strings.ToValidUTF8(s[:limit-len(mark)], "") + mark
}

// completion is what is known when a handler has returned.
type completion struct {
	duration time.Duration
	aborted  bool // the handler did not return, and the answer is not whole
	route    bool // the pattern was found behind the middleware
}

func (m *middleware) completed(ctx context.Context, r *http.Request, out *response, c completion) {
	status := out.answered()
	level := m.o.Level(status)
	if !m.log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 3, 6)
	attrs[0] = slog.Int("status_code", status)
	attrs[1] = slog.Int64("bytes", out.bytes)
	attrs[2] = slog.Float64(record.Fields[record.FieldDurationMS].Name, float64(c.duration.Round(time.Microsecond))/float64(time.Millisecond))
	if c.route && r.Pattern != "" {
		attrs = append(attrs, slog.String("route", r.Pattern))
	}
	if out.hijacked {
		attrs = append(attrs, slog.Bool("hijacked", true))
	}
	if c.aborted {
		attrs = append(attrs, slog.Bool("aborted", true))
	}
	m.log.LogAttrs(ctx, level, messageCompleted, attrs...)
}
