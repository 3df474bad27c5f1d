package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/weirlog/weir/internal/browser"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/config"
	"github.com/weirlog/weir/server/ingest/pipe"
)

// PipeOptions say how a pipe is shown.
type PipeOptions struct {
	Settings  config.Server // without Data the store is a throwaway one
	Version   string
	FixedPort bool // fail when the address is taken
	NoOpen    bool
	Quiet     bool // do not pass the input through
	Exit      bool // end with the input
	In        io.Reader
	Out, Err  io.Writer
}

// Pipe reads records from a pipe, passes the text through, and serves the page.
// At the end of the input it stays until ctx ends, unless it is told to exit.
func Pipe(ctx context.Context, opts PipeOptions) error {
	s, err := open(ctx, Options{
		Settings: opts.Settings, Version: opts.Version, Err: opts.Err, Name: "pipe",
		NextPort: !opts.FixedPort, Throwaway: opts.Settings.Data == "",
	})
	if err != nil {
		return err
	}
	s.notice("live page on %s%s", s.url(), s.fate())
	if !opts.NoOpen && !opts.Exit {
		browser.Open(s.url())
	}
	in := opts.In
	if !opts.Quiet {
		in = io.TeeReader(opts.In, opts.Out)
	}
	read := make(chan error, 1)
	go func() {
		read <- pipe.Read(ctx, in, pipe.Options{}, func(batch []record.Record) error {
			return s.accept(ctx, "pipe", batch)
		})
	}()
	failed := s.drainPipe(ctx, read, opts.Exit)
	if err := s.close(); err != nil && failed == nil {
		failed = err
	}
	return failed
}

// drainPipe waits for the end: of the input when told so, else of ctx.
func (s *server) drainPipe(ctx context.Context, read <-chan error, exit bool) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-read:
		switch {
		case err != nil && !errors.Is(err, context.Canceled):
			return fmt.Errorf("read the pipe: %w", err)
		case exit || ctx.Err() != nil:
			return nil
		}
	}
	s.notice("the input has ended; the page stays up until Ctrl-C")
	return s.wait(ctx)
}

// fate says what becomes of the records.
func (s *server) fate() string {
	if s.opts.Throwaway {
		return "; its records go when it ends (--data DIR keeps them)"
	}
	return ", records in " + s.dir
}
