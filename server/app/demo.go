package app

import (
	"context"
	"errors"
	"io"

	"github.com/weirlog/weir/internal/browser"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/config"
	"github.com/weirlog/weir/server/demo"
	"github.com/weirlog/weir/server/intake"
)

// DefaultDemoRate is lively and can still be read.
const DefaultDemoRate = 30

// DemoOptions say how the demo runs.
type DemoOptions struct {
	Settings  config.Server // without Data the store is a throwaway one
	Version   string
	FixedPort bool // fail when the address is taken
	NoOpen    bool
	Rate      int // records a second, about
	Err       io.Writer
}

// Demo runs a server with a lively feed until ctx ends.
func Demo(ctx context.Context, opts DemoOptions) error {
	s, err := open(ctx, Options{
		Settings: opts.Settings, Version: opts.Version, Err: opts.Err, Name: "demo",
		NextPort: !opts.FixedPort, Throwaway: opts.Settings.Data == "",
	})
	if err != nil {
		return err
	}
	s.notice("live page on %s with a demo feed; Ctrl-C ends it", s.url())
	if !opts.NoOpen {
		browser.Open(s.url())
	}
	fed := make(chan error, 1)
	go func() {
		fed <- demo.Run(ctx, func(batch []record.Record) error {
			_, err := s.gate.Keep(ctx, intake.Source{Protocol: "demo"}, batch)
			return err
		}, demo.Options{Rate: opts.Rate})
	}()
	failed := s.wait(ctx)
	if failed == nil {
		if err := <-fed; !errors.Is(err, context.Canceled) {
			failed = err
		}
	}
	return errors.Join(failed, s.close())
}
