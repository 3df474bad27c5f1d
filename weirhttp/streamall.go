package weirhttp

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// DefaultMaxViewers bounds the memory of all viewers to 16 MiB, with DefaultBuffer.
const DefaultMaxViewers = 16

// StreamAllOptions configure StreamAll. The zero value is a good default.
type StreamAllOptions struct {
	// Allow decides who may read the whole program's log. Default: only who asks from
	// this machine, under a local name, without a proxy between, and not from a
	// web page of another site. Behind a proxy, also one on the same machine, set it.
	Allow func(*http.Request) bool
	// MaxViewers is how many may look at once. Default DefaultMaxViewers.
	MaxViewers int
	// StreamOptions are as for Stream. Form applies where a request has no parameter format.
	StreamOptions
}

// StreamAll returns a handler that streams all records of the logger's New from now
// on, until the client leaves or the logger is closed. The query parameters level (as
// level=warn: that and above) and format (text, html or json) say what and how.
// A viewer's level shows less of what is logged, never makes the program log more.
//
// The logger has one more sink as long as somebody looks, and none otherwise. A viewer that
// reads too slowly misses records and is told how many; it holds nobody up.
//
// A viewer's request lasts: http.Server.Shutdown waits for it until the logger is closed,
// so bound Shutdown by its context.
func StreamAll(log *weir.Logger, o StreamAllOptions) http.Handler {
	if o.Allow == nil {
		o.Allow = fromThisMachine
	}
	if o.MaxViewers <= 0 {
		o.MaxViewers = DefaultMaxViewers
	}
	o.StreamOptions = o.StreamOptions.complete()
	return &streamAll{log: log, o: o, text: newTexter(o.Format)}
}

type streamAll struct {
	log  *weir.Logger
	o    StreamAllOptions
	text *texter

	mu      sync.Mutex
	viewers int
	sink    *fanOut // nil while nobody looks
}

// ServeHTTP implements http.Handler.
func (s *streamAll) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.o.Allow(r) {
		http.Error(w, "this log is not for you: ask from the machine itself as localhost, or let StreamAllOptions.Allow let you in", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a log is only read: use GET", http.StatusMethodNotAllowed)
		return
	}
	v, err := s.viewer(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	setHeaders(w.Header(), v.lines.form)
	if r.Method == http.MethodHead {
		return
	}
	sink, err := s.join(v)
	if err != nil {
		w.Header().Set("Retry-After", "10")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.leave(sink, v)
	s.show(w, r, v)
}

// show writes to the viewer until it leaves or the log ends.
func (s *streamAll) show(w http.ResponseWriter, r *http.Request, v *viewer) {
	f := v.lines.form
	c := newClient(w, s.o.WriteTimeout)
	defer c.finish()
	if c.write(s.o.head(f)) != nil || c.pump(r.Context(), v.lines) != nil {
		return // the viewer has left, which is nobody's fault
	}
	b := f.note(nil, "the log has ended")
	if s.o.Closing != "" {
		b = f.say(b, s.o.Closing)
	}
	_ = c.write(f.foot(b)) // when it fails nobody is left to tell
}

// viewer reads the parameters.
func (s *streamAll) viewer(r *http.Request) (*viewer, error) {
	params := r.URL.Query()
	v := &viewer{}
	if level := params.Get("level"); level != "" {
		severity, ok := record.ParseLevel(level)
		if !ok {
			return nil, errors.New("level is none of trace, debug, info, warn, error, fatal")
		}
		v.least = severity
	}
	var f form
	switch params.Get("format") {
	case "":
		f = s.o.form(r)
	case "text":
		f = textForm{}
	case "html":
		f = htmlForm{}
	case "json":
		f = jsonForm{}
	default:
		return nil, errors.New("format is none of text, html, json")
	}
	v.lines = newLines(f, s.o.Buffer)
	return v, nil
}

// join lets a viewer in; the first one brings the sink.
func (s *streamAll) join(v *viewer) (*fanOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.viewers >= s.o.MaxViewers {
		return nil, errors.New("too many are looking at this log: close another stream, or raise StreamAllOptions.MaxViewers")
	}
	if s.sink == nil {
		sink := newFanOut(s.log, s.text)
		if err := s.log.AddSink(weir.ConfigureSink(sink, weir.SinkOptions{Name: sink.name})); err != nil {
			return nil, err
		}
		s.sink = sink
	}
	s.sink.add(v)
	s.viewers++
	return s.sink, nil
}

// leave takes a viewer out, and with the last one the sink.
func (s *streamAll) leave(sink *fanOut, v *viewer) {
	sink.remove(v)
	s.mu.Lock()
	s.viewers--
	last := s.viewers == 0
	if last {
		s.sink = nil
	}
	s.mu.Unlock()
	if last {
		ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
		defer cancel()
		// It fails when the logger is closed, which has removed the sink then.
		_ = s.log.RemoveSink(ctx, sink)
	}
}
