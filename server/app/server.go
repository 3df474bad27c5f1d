// Package app puts Weir's parts together: it is the only package that imports
// them all. [Serve] runs a server, [Pipe] shows what comes through a pipe, [Demo]
// runs a server with a lively feed. It decides nothing about records.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/internal/port"
	"github.com/weirlog/weir/server/config"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/duckdb"
)

// DrainTimeout is how long a server takes to end: what was taken in is committed,
// viewers get what was published. Process managers kill after ten seconds or more.
const DrainTimeout = 8 * time.Second

// farewell is how long answers and streams may take once all is committed.
const farewell = time.Second

// Options are what a server is made from.
type Options struct {
	Settings  config.Server
	Version   string
	Err       io.Writer // notices for people, and the server's own log
	Name      string    // shown in the page; default "weir"
	NextPort  bool      // take the next free port when the address is taken
	Throwaway bool      // keep the records in a directory that is removed at the end
}

// server is a running server. Its parts are made in the order of the path of a
// record and closed in that order too.
type server struct {
	opts     Options
	log      *weir.Logger
	dir      string
	started  time.Time
	store    *duckdb.Store
	hub      *hub.Hub
	intake   *intake.Intake
	gate     *gate.Gate
	listener *boundedListener
	otlp     *boundedListener // nil: not listened on
	http     *http.Server
	served   chan error // the end of http.Serve
	others   *receivers // the ways in beside HTTP
	also     []string   // what else is listened on, for people
}

// open makes a server that takes records and answers requests. The caller closes
// it.
func open(ctx context.Context, opts Options) (*server, error) {
	setGC()
	s := &server{opts: opts, started: time.Now().UTC(), served: make(chan error, 1)}
	if err := s.start(ctx); err != nil {
		// What could not be given back matters less than why it did not start.
		_ = s.release()
		return nil, err
	}
	return s, nil
}

func (s *server) start(ctx context.Context) (err error) {
	settings := s.opts.Settings
	if s.log, err = newLog(s.opts.Err, settings.LogLevel); err != nil {
		return err
	}
	listener, err := listen(settings.Listen, s.opts.NextPort)
	if err != nil {
		return err
	}
	s.listener = bound(listener, settings.MaxConnections, busyHTTP())
	if s.dir = settings.Data; s.opts.Throwaway {
		if s.dir, err = os.MkdirTemp("", "weir-"); err != nil {
			return fmt.Errorf("make a throwaway store: %w", err)
		}
	}
	s.store, err = duckdb.Open(ctx, duckdb.Options{Dir: s.dir, MemoryLimit: settings.StoreMemory, Address: s.listener.Addr().String()})
	if err != nil {
		return err
	}
	last, err := s.store.LastCommit(ctx)
	if err != nil {
		return err
	}
	s.hub = hub.New(hub.Options{}, last.Position)
	if s.intake, err = intake.New(s.store, s.hub, intake.Options{QueueBytes: settings.Queue, MaxRecord: settings.MaxRecord}); err != nil {
		return err
	}
	s.gate = gate.New(s.intake, gate.Options{
		Body:    body.Limits{Sent: settings.MaxBody, Unpacked: settings.MaxDecoded},
		Bodies:  settings.MaxBodies,
		PerBody: settings.MaxBatch,
		Rate:    settings.MaxRate,
		Origins: settings.AllowOrigins,
		Log:     s.log.Slog(),
	})
	others, err := s.openReceivers()
	if err != nil {
		return err
	}
	s.http = &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	go func() { s.served <- s.http.Serve(s.listener) }()
	s.others = startReceivers(others)
	return nil
}

// url is where the page is.
func (s *server) url() string { return port.URL(s.listener.Addr()) }

// wait blocks until ctx ends or the server fails.
func (s *server) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.served:
		s.served <- err
		return fmt.Errorf("serve %s: %w", s.listener.Addr(), err)
	case err := <-s.others.failed:
		return err
	}
}

// close drains and ends the server: no new connections, the queue is committed,
// viewers read to the end, the store is closed. Who is still sending when nothing
// more is taken in, or does not read, is cut off: nothing of his was acknowledged.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), DrainTimeout)
	defer cancel()
	s.gate.Stopping()
	var errs []error
	ctxFarewell, endFarewell := context.WithCancel(context.Background())
	defer endFarewell()
	stopped := make(chan error, 1)
	go func() { stopped <- s.http.Shutdown(ctxFarewell) }()
	ctxOthers, endOthers := context.WithTimeout(ctx, DrainTimeout/2)
	defer endOthers()
	if err := s.others.end(ctxOthers); err != nil {
		errs = append(errs, err)
	}
	if err := s.intake.Close(ctx); err != nil {
		errs = append(errs, err)
	}
	s.hub.Close()
	time.AfterFunc(farewell, endFarewell)
	if err := <-stopped; err != nil {
		errs = append(errs, s.http.Close())
	}
	if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, s.giveBack()...)...)
}

// release gives back what a start that failed took, however far it came.
func (s *server) release() error {
	var errs []error
	if s.intake != nil {
		ctx, cancel := context.WithTimeout(context.Background(), DrainTimeout)
		defer cancel()
		errs = append(errs, s.intake.Close(ctx))
	}
	if s.hub != nil {
		s.hub.Close()
	}
	if s.listener != nil {
		errs = append(errs, s.listener.Close())
	}
	return errors.Join(append(errs, s.giveBack()...)...)
}

// giveBack closes what nobody uses any more once the intake is closed.
func (s *server) giveBack() (errs []error) {
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.opts.Throwaway && s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	if s.log != nil {
		errs = append(errs, s.log.Close())
	}
	return errs
}

// notice tells a person something, in one line.
func (s *server) notice(format string, args ...any) {
	fmt.Fprintf(s.opts.Err, "weir: "+format+"\n", args...)
}
