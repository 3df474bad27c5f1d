package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/internal/browser"
	"github.com/weirlog/weir/internal/port"
	"github.com/weirlog/weir/internal/terminal"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// pageSink commits a logger's records to the memory of its page.
type pageSink struct {
	memory *view.Memory
	shown  atomic.Pointer[Dashboard] // nil until the page is there
}

var (
	_ weir.Watched   = (*pageSink)(nil)
	_ weir.Immediate = (*pageSink)(nil)
	_ weir.SelfNamed = (*pageSink)(nil)
)

// SinkName implements weir.SelfNamed.
func (s *pageSink) SinkName() string { return "page" }

// Viewer marks the sink: it does not take the console's place.
func (s *pageSink) Viewer() {}

// Viewers is how many streams are open.
func (s *pageSink) Viewers() int {
	if d := s.shown.Load(); d != nil {
		return int(d.streams.Load())
	}
	return 0
}

// Immediate marks the sink: it takes memory at most.
func (s *pageSink) Immediate() {}

// WriteBatch takes the batch in; it does not fail and does not wait.
func (s *pageSink) WriteBatch(_ context.Context, batch []record.Record) error {
	s.memory.Commit(batch)
	return nil
}

// Close ends the viewers' streams once they have everything.
func (s *pageSink) Close() error {
	s.memory.Hub().Close()
	return nil
}

const (
	// readHeaderTimeout and maxHeaderBytes keep what a stranger can occupy small.
	readHeaderTimeout = 10 * time.Second
	maxHeaderBytes    = 64 << 10
	// farewell is how long Close waits for viewers to take what is left: a logger
	// gives all its sinks five seconds. What else is on its way gets lastWords; a
	// browser's spare connections would hold a longer wait up for nothing.
	farewell  = 2 * time.Second
	lastWords = 100 * time.Millisecond
	// farewellLook is how often Close looks whether the viewers are done.
	farewellLook = 5 * time.Millisecond
)

// autoSink is a pageSink with an HTTP server of its own.
type autoSink struct {
	pageSink
	opts   autoOptions
	page   *Dashboard
	server *http.Server
	served chan struct{} // closed when the server's goroutine has ended
}

var (
	_ weir.Viewer  = (*autoSink)(nil)
	_ weir.Starter = (*autoSink)(nil)
)

func newAutoSink(o autoOptions) *autoSink {
	return &autoSink{pageSink: pageSink{memory: view.NewMemory(o.memory, nil)}, opts: o}
}

// Start begins to serve the page. An error means that there is none.
func (s *autoSink) Start(log *weir.Logger) error {
	listener, err := port.Listen(s.opts.address)
	if err != nil {
		return s.trouble("serve the live page", err, "choose another address with dashboard.Address, or set WEIR_DASHBOARD=off")
	}
	s.serve(listener, log)
	url, out := port.URL(listener.Addr()), log.ErrorOutput()
	fmt.Fprintf(out, "weir: live page on %s\n", url)
	if !s.opts.noOpen && atTerminal(out) {
		browser.Open(url)
	}
	return nil
}

// atTerminal reports whether people read the output; a logger's has another one inside.
func atTerminal(w io.Writer) bool {
	if outer, ok := w.(interface{ Unwrap() io.Writer }); ok {
		w = outer.Unwrap()
	}
	return terminal.Is(w)
}

// trouble makes an error of the page's own server.
func (s *autoSink) trouble(message string, err error, hint string) *weir.Error {
	return &weir.Error{
		Layer: weir.LayerSink, Service: "Page", Category: weir.CategoryIO, Severity: weir.SeverityError,
		Message:     message,
		UserMessage: hint,
		Context:     map[string]any{"address": s.opts.address},
		Err:         err,
	}
}

// serve begins to answer on the listener. That it ends before Close is reported.
func (s *autoSink) serve(listener net.Listener, log *weir.Logger) {
	s.page = New(s.memory, programOptions(log, s.opts.page))
	s.shown.Store(s.page)
	s.server = &http.Server{
		Handler:           s.page,
		ReadHeaderTimeout: readHeaderTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// What clients do wrong is not the program's business.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Report(s.trouble("the live page has ended", err, "records are logged as before; only a new start of the program brings it back"))
		}
	}()
}

// Close sends viewers what is left, then ends the server.
func (s *autoSink) Close() error {
	_ = s.pageSink.Close()
	for waited := time.Duration(0); waited < farewell && s.page.streams.Load() > 0; waited += farewellLook {
		time.Sleep(farewellLook)
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		// A viewer that does not read is no failure of the program's log.
		err = s.server.Close()
	}
	<-s.served
	if err != nil {
		return fmt.Errorf("end the live page: %w", err)
	}
	return nil
}
