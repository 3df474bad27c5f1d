// Package elva serves the live records to Elva's page: GET /events, as server-sent
// events of python-redis-log's JSON.
//
// [New] makes the handler of a backend. A frame is what Elva's own server sends, "data: "
// with eleven fields and an empty line, so that its script needs no change. In between
// are lines without data, which a browser does not show to the script: a comment that
// keeps the connection, and an id after each step, with which a browser that
// reconnects goes on where it was.
//
// The handler does not serve Elva's page, and does not judge who may ask: the guard
// around it does.
package elva

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// Path is where Elva's script looks.
const Path = "/events"

const (
	// DefaultMaxStreams is how many pages may be open unless told.
	DefaultMaxStreams = 100
	// DefaultWriteTimeout is how long a page may take to read one step before it is
	// dropped.
	DefaultWriteTimeout = 30 * time.Second
	// keepalive comes when nothing else does, before proxies cut the line.
	keepalive = 15 * time.Second
	// frameInterval, maxRecords and maxBytes (estimated) bound a step. Elva's page moves
	// its rows once a second.
	frameInterval = 50 * time.Millisecond
	maxRecords    = 1000
	maxBytes      = 1 << 20
	// maxReplay is the most that replay may ask for.
	maxReplay = 10_000
)

// Options bound a Handler; zero fields take the defaults.
type Options struct {
	MaxStreams   int
	WriteTimeout time.Duration
	Clock        func() time.Time
}

// Handler answers GET /events. Its methods may be called concurrently.
type Handler struct {
	backend view.Backend
	opts    Options
	form    format.Formatter

	streams atomic.Int64
	skipped atomic.Uint64
	dropped atomic.Uint64
}

var _ http.Handler = (*Handler)(nil)

// New makes a handler over a backend.
func New(backend view.Backend, opts Options) *Handler {
	if opts.MaxStreams <= 0 {
		opts.MaxStreams = DefaultMaxStreams
	}
	if opts.WriteTimeout <= 0 {
		opts.WriteTimeout = DefaultWriteTimeout
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	return &Handler{backend: backend, opts: opts, form: format.RedisLog(format.RedisLogOptions{})}
}

// Skipped is how many records were passed over because pages were too slow.
func (h *Handler) Skipped() uint64 { return h.skipped.Load() }

// Dropped is how many pages were left because they did not read any more.
func (h *Handler) Dropped() uint64 { return h.dropped.Load() }

// ServeHTTP implements http.Handler. Beside what Elva has it takes q, a search; replay,
// a number of records to begin with; and a Last-Event-ID.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "bad_method", "this path does not take "+r.Method, "it is read with GET")
		return
	}
	opts, problem := h.follow(r)
	if problem != "" {
		refuse(w, http.StatusBadRequest, "bad_request", problem, "leave it out to see what arrives from now on")
		return
	}
	if h.streams.Add(1) > int64(h.opts.MaxStreams) {
		h.streams.Add(-1)
		refuse(w, http.StatusTooManyRequests, "busy", "too many streams are open", "close a few pages of this server")
		return
	}
	defer h.streams.Add(-1)
	feed, err := view.Follow(r.Context(), h.backend, opts)
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "unavailable", "records cannot be read now", "reload the page")
		return
	}
	defer feed.Close()
	head := w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "no-cache")
	head.Set("X-Accel-Buffering", "no") // else nginx collects the stream before it passes it on
	if r.Method == http.MethodHead {
		return
	}
	h.stream(r.Context(), feed, newOutput(h, w))
}

func refuse(w http.ResponseWriter, status int, code, message, hint string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// Whoever does not read it has left.
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message, "hint": hint}})
}

// follow reads what a page wants to see. A new one gets what arrives, as a subscriber
// of Redis does.
func (h *Handler) follow(r *http.Request) (opts view.FollowOptions, problem string) {
	values := r.URL.Query()
	opts.MaxBytes = maxBytes
	if q := values.Get("q"); q != "" {
		f, err := query.Parse(q, h.opts.Clock())
		if err != nil {
			return opts, "q: " + err.Error()
		}
		opts.Filter = f
	}
	if text := values.Get("replay"); text != "" {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return opts, "replay is not a number from 0 to " + strconv.Itoa(maxReplay)
		}
		opts.Replay = int(min(n, maxReplay))
	}
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		c, err := hub.ParseCursor(id)
		if err != nil {
			return opts, "Last-Event-ID: " + err.Error()
		}
		opts.After, opts.Replay = &c, -1
	}
	return opts, ""
}

// stream writes steps until the page or the server leaves.
func (h *Handler) stream(ctx context.Context, feed *view.Feed, out *output) {
	defer out.finish()
	if out.write(nil) != nil { // the headers: the page knows that it is connected
		return
	}
	var buf []byte
	for {
		f, err := feed.NextWithin(ctx, maxRecords, keepalive)
		if err != nil {
			return // the browser comes back with the last id
		}
		if cap(buf) > 4*maxBytes {
			buf = nil // one large step does not keep its memory for the stream's life
		}
		buf = h.step(buf[:0], &f)
		if err := out.write(buf); err != nil {
			return
		}
		if len(f.Records) > 0 && pause(ctx, frameInterval) != nil {
			return
		}
	}
}

// step appends a frame of the feed: the gap as a record that says so, the records, and
// where the page is then.
func (h *Handler) step(dst []byte, f *view.Frame) []byte {
	if g := f.Gap; g != nil {
		h.skipped.Add(g.Skipped)
		dst = h.data(dst, &record.Record{
			Time: h.opts.Clock(), Severity: record.SeverityWarn, Logger: "weir.elva",
			Message: strconv.FormatUint(g.Skipped, 10) + " records were passed over here (" + g.Reason + ")",
		})
	}
	for i := range f.Records {
		dst = h.data(dst, &f.Records[i])
	}
	if len(dst) == 0 && f.Seen == 0 {
		return append(dst, ":\n\n"...)
	}
	dst = append(dst, "id: "...)
	dst = append(dst, f.Cursor.String()...)
	return append(dst, "\n\n"...)
}

func (h *Handler) data(dst []byte, r *record.Record) []byte {
	dst = append(dst, "data: "...)
	dst = h.form.Append(dst, r) // with its line end
	return append(dst, '\n')
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// output writes to a page that may stop reading: each step must be taken within the
// timeout, else the page is dropped and counted.
type output struct {
	h       *Handler
	w       http.ResponseWriter
	control *http.ResponseController
}

func newOutput(h *Handler, w http.ResponseWriter) *output {
	out := &output{h, w, http.NewResponseController(w)}
	// A writer without deadlines (a test's recorder) is one that cannot hang.
	_ = out.control.SetReadDeadline(time.Time{})
	return out
}

func (o *output) write(step []byte) error {
	_ = o.control.SetWriteDeadline(time.Now().Add(o.h.opts.WriteTimeout))
	_, err := o.w.Write(step)
	if err == nil {
		err = o.control.Flush()
	}
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		o.h.dropped.Add(1)
	}
	return err
}

// finish gives the connection's next request a fresh start.
func (o *output) finish() { _ = o.control.SetWriteDeadline(time.Time{}) }
