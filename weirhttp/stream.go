package weirhttp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

// The defaults of StreamOptions.
const (
	// DefaultTitle is the title of the HTML page.
	DefaultTitle = "Streaming Logs"
	// DefaultLayout and DefaultDateFormat are those of the example that made streams
	// of this kind known.
	DefaultLayout     = "%(asctime)s.%(msecs)06d - %(name)s - %(levelname)s - %(message)s"
	DefaultDateFormat = "%Y-%m-%d %H:%M:%S"
	// DefaultBuffer holds about ten thousand lines: what a burst of a second makes while
	// the network has a hiccup.
	DefaultBuffer = 1 << 20
	// DefaultWriteTimeout is how long a client may take nothing at all. A lost
	// connection is noticed by then.
	DefaultWriteTimeout = 30 * time.Second
	// drainTimeout bounds the wait for the last records of a stream. They come within
	// milliseconds unless the program logs more than it can handle.
	drainTimeout = 5 * time.Second
)

// ErrClientLeft is the cause (context.Cause) with which a stream's context ends when
// its client has left or takes nothing any more, or the request was cancelled.
var ErrClientLeft = errors.New("weirhttp: the client of the stream has left")

// StreamOptions configure Stream. The zero value is a good default.
type StreamOptions struct {
	// Form is text or HTML. Default: what the request's Accept prefers.
	Form Form
	// Title is the HTML page's. Default DefaultTitle.
	Title string
	// Opening is a line before the first record, Closing one after the last when all
	// went well. Default: none.
	Opening, Closing string
	// Format makes a record's text. Streams share it, in turn; it must not be in use
	// elsewhere. Default: format.Text with DefaultLayout and DefaultDateFormat.
	Format format.Formatter
	// Buffer bounds, in bytes, the text that waits for a slow client. What finds no
	// room is left out, and the stream says how many records that were. Default
	// DefaultBuffer.
	Buffer int
	// WriteTimeout is how long a client may take nothing before it counts as gone.
	// Default DefaultWriteTimeout.
	WriteTimeout time.Duration
}

// Stream returns a handler that runs fn and meanwhile streams into the response the
// records that fn logs: those of this request alone, with the logger that fn is given, or
// with any logger of the same New and the context of fn's request. They go their usual way as
// well. It works in a browser without JavaScript, and with curl -N.
//
// fn runs in the request's goroutine, and may read the body. r.Context() ends when the
// client leaves, with the cause ErrClientLeft; fn should return then. An error of fn is logged at ERROR, with the
// stream's context, and the stream says that the work failed; a panic is logged with its
// stack, which the client sees as it sees all records, and ends the stream likewise. HEAD does not run fn. Whoever can reach the handler
// starts the work, and GET can be sent by links on any page: let it ask for what the work
// deserves.
func Stream(log *weir.Logger, o StreamOptions, fn func(r *http.Request, log *weir.Logger) error) http.Handler {
	return &stream{log: log, o: o.complete(), text: newTexter(o.Format), fn: fn}
}

func (o StreamOptions) complete() StreamOptions {
	o.Title = cmp.Or(o.Title, DefaultTitle)
	if o.Buffer <= 0 {
		o.Buffer = DefaultBuffer
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = DefaultWriteTimeout
	}
	return o
}

// form is the one for a request.
func (o *StreamOptions) form(r *http.Request) form {
	if o.Form == FormHTML || o.Form == FormAuto && prefersHTML(r.Header) {
		return htmlForm{}
	}
	return textForm{}
}

// head is what a stream sends before the first record.
func (o *StreamOptions) head(f form) []byte {
	b := f.head(nil, o.Title)
	if o.Opening != "" {
		b = f.say(b, o.Opening)
	}
	return b
}

// texter lets streams take turns with one formatter.
type texter struct {
	mu     sync.Mutex
	format format.Formatter
}

func newTexter(f format.Formatter) *texter {
	if f == nil {
		f = defaultFormat()
	}
	return &texter{format: f}
}

// defaultFormat indents the further lines of a record, such as its stack, under the
// first: people read them, and none can look like a record of its own.
func defaultFormat() format.Formatter {
	f, err := format.Text(DefaultLayout, format.TextOptions{DateFormat: DefaultDateFormat, MultiLine: format.MultiLineIndent})
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return f
}

func (t *texter) append(b []byte, r *record.Record) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.format.Append(b, r)
}

type stream struct {
	log  *weir.Logger
	o    StreamOptions
	text *texter
	fn   func(*http.Request, *weir.Logger) error
}

// The ways for fn to end that are no error of its own.
var (
	errPanicked = errors.New("it panicked; the log has the stack")
	errExited   = errors.New("its goroutine was ended")
)

// ServeHTTP implements http.Handler.
func (s *stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.o.form(r)
	setHeaders(w.Header(), f)
	if r.Method == http.MethodHead {
		return
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.Context()))
	defer cancel(nil)
	left := func(why error) { cancel(fmt.Errorf("%w: %w", ErrClientLeft, why)) }
	defer context.AfterFunc(r.Context(), func() { left(context.Cause(r.Context())) })()
	q := newLines(f, s.o.Buffer)
	tapped, stop, err := s.log.Tap(ctx, &tap{lines: q, text: s.text})
	if err != nil {
		http.Error(w, "the stream cannot start: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	c := newClient(w, s.o.WriteTimeout)
	defer c.finish()
	pumped := make(chan error, 1) // the pump's goroutine has w until it has sent
	go func() {
		err := c.write(s.o.head(f)) // the first paint does not wait for a record
		if err == nil {
			err = c.pump(ctx, q)
		}
		if err != nil {
			left(err)
		}
		pumped <- err
	}()
	result := errExited
	defer func() {
		end := s.end(tapped, stop, q, result)
		if <-pumped == nil {
			_ = c.write(f.foot(end(f))) // when it fails nobody is left to tell
		}
	}()
	result = s.run(r.WithContext(tapped))
}

// end waits for the last records and returns what the stream says after them.
func (s *stream) end(tapped context.Context, stop func(context.Context) error, q *lines, result error) func(form) []byte {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tapped), drainTimeout)
	defer cancel()
	err := stop(ctx)
	q.close()
	return func(f form) (b []byte) {
		if err != nil {
			b = f.note(b, "the last records may be missing: "+err.Error())
		}
		switch {
		case result != nil:
			b = f.note(b, "failed: "+result.Error())
		case s.o.Closing != "":
			b = f.say(b, s.o.Closing)
		}
		return b
	}
}

// run calls fn and logs how it failed.
func (s *stream) run(r *http.Request) (err error) {
	ctx := r.Context()
	defer func() {
		if p := recover(); asksToAbort(p) {
			panic(p)
		} else if p != nil {
			logPanic(ctx, s.log, "Panic in a stream", p)
			err = errPanicked
		}
	}()
	if err = s.fn(r, s.log.WithContext(ctx)); err == nil {
		return nil
	}
	log := s.log.WithSource(false)
	attrs := []slog.Attr{
		slog.String("error", err.Error()),
		slog.String(record.Fields[record.FieldErrorType].Name, reflect.TypeOf(err).String()),
	}
	if ctx.Err() != nil {
		attrs = append(attrs, slog.String("cause", context.Cause(ctx).Error()))
		log.LogAttrs(ctx, weir.LevelWarn, "Stream ended before its work", attrs...)
		return err
	}
	log.LogAttrs(ctx, weir.LevelError, "Stream failed", attrs...)
	return err
}

// tap is the sink of one stream's records. It is called by the logger's worker and only
// takes memory: the client's pace is the pump's matter.
type tap struct {
	lines *lines
	text  *texter
	buf   []byte
}

var _ weir.Immediate = (*tap)(nil)

// WriteBatch implements weir.Sink.
func (t *tap) WriteBatch(_ context.Context, batch []record.Record) error {
	for i := range batch {
		t.buf = t.text.append(t.buf[:0], &batch[i])
		t.lines.record(&batch[i], t.buf)
	}
	return nil
}

// Close implements weir.Sink.
func (t *tap) Close() error {
	t.lines.close()
	return nil
}

// Immediate implements weir.Immediate.
func (t *tap) Immediate() {}
