package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/weirlog/weir/server/app"
	"github.com/weirlog/weir/server/config"
)

func newDemo() *cobra.Command {
	var opts app.DemoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a server on a throwaway store with a lively feed, and open its page",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := loadSettings(cmd)
			if err != nil {
				return err
			}
			if opts.Rate < 1 {
				return &usageError{command: cmd.CommandPath(), err: fmt.Errorf("--rate %d: it takes a number from 1", opts.Rate)}
			}
			opts.Settings, opts.Version, opts.Err = settings, version, os.Stderr
			opts.FixedPort = listenWasChosen(cmd.Flags())
			return withSignals(cmd.Context(), func(ctx context.Context) error { return app.Demo(ctx, opts) })
		},
	}
	config.Define(cmd.Flags())
	cmd.Flags().BoolVar(&opts.NoOpen, "no-open", false, "do not open the browser")
	cmd.Flags().IntVar(&opts.Rate, "rate", app.DefaultDemoRate, "records a second, about (`number`)")
	return cmd
}
