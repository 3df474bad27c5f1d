package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/weirlog/weir/internal/browser"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/config"
	"github.com/weirlog/weir/server/ingest/pipe"
	"github.com/weirlog/weir/server/intake"
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
	out := opts.Out
	if opts.Quiet {
		out = io.Discard
	}
	in := &passing{ctx: ctx, in: opts.In, out: out}
	read := make(chan error, 1)
	// What has been passed through is also stored, so a signal ends the reading only.
	storing, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	go func() {
		read <- pipe.Read(ctx, in, pipe.Options{}, func(batch []record.Record) error {
			return s.accept(storing, "pipe", batch)
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
	var err error
	select {
	case <-ctx.Done():
		select {
		case err = <-read:
		case <-time.After(DrainTimeout / 2):
			return errors.New("not all of what was read could be stored in time")
		}
	case err = <-read:
	}
	switch {
	case errors.Is(err, intake.ErrUnavailable):
		return fmt.Errorf("store what was read: %w", err)
	case err != nil && !errors.Is(err, context.Canceled):
		return fmt.Errorf("read the pipe: %w", err)
	case exit || ctx.Err() != nil:
		return nil
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

// passing reads and passes through what it read. It ends when ctx does: what comes
// then is neither passed through nor stored.
type passing struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
}

// Read implements io.Reader.
func (p *passing) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, io.EOF
	}
	n, err := p.in.Read(b)
	if p.ctx.Err() != nil {
		return 0, io.EOF
	}
	if _, failed := p.out.Write(b[:n]); failed != nil {
		return n, fmt.Errorf("pass the input through: %w", failed)
	}
	return n, err
}
