package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/weirlog/weir/internal/terminal"
	"github.com/weirlog/weir/server/app"
	"github.com/weirlog/weir/server/config"
)

// newRoot returns the command tree. Without a subcommand, weir reads a pipe.
func newRoot() *cobra.Command {
	var opts app.PipeOptions
	cmd := &cobra.Command{
		Use:   "weir",
		Short: "Show, keep and search log records, live in the browser",
		Long: `Weir shows log records live in the browser, keeps them, and searches them.

With a pipe, it reads the pipe, passes it through, and serves the page:

    ./app 2>&1 | weir

Records live in a throwaway store until weir ends; --data DIR keeps them.`,
		Example: `  ./app 2>&1 | weir                 # watch a program
  weir --exit --data logs < app.log  # keep a file's records and end
  weir serve                        # a server for a team's services
  weir demo                         # see it at work`,
		Version:       version,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if terminal.Is(os.Stdin) {
				return cmd.Help()
			}
			settings, err := loadSettings(cmd)
			if err != nil {
				return err
			}
			opts.Settings, opts.Version = settings, version
			opts.FixedPort = listenWasChosen(cmd.Flags())
			opts.In, opts.Out, opts.Err = os.Stdin, os.Stdout, os.Stderr
			return withSignals(cmd.Context(), func(ctx context.Context) error { return app.Pipe(ctx, opts) })
		},
	}
	config.Define(cmd.Flags())
	cmd.Flags().BoolVar(&opts.NoOpen, "no-open", false, "do not open the browser")
	cmd.Flags().BoolVar(&opts.Quiet, "quiet", false, "do not pass the input through")
	cmd.Flags().BoolVar(&opts.Exit, "exit", false, "end with the input instead of keeping the page up")
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{command: cmd.CommandPath(), err: err}
	})
	cmd.CompletionOptions.HiddenDefaultCmd = true
	cmd.AddCommand(newServe(), newDemo(), newVersion())
	markArgumentErrors(cmd)
	return cmd
}

// markArgumentErrors makes wrong arguments usage errors too.
func markArgumentErrors(cmd *cobra.Command) {
	check := cmd.Args
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{command: cmd.CommandPath(), err: err}
		}
		return nil
	}
	for _, sub := range cmd.Commands() {
		markArgumentErrors(sub)
	}
}

func loadSettings(cmd *cobra.Command) (config.Server, error) {
	settings, err := config.Load(cmd.Flags(), os.LookupEnv)
	if err != nil {
		return config.Server{}, &usageError{command: cmd.CommandPath(), err: err}
	}
	return settings, nil
}

// listenWasChosen reports whether the user named the address: then another port
// is no answer when it is taken.
func listenWasChosen(flags *pflag.FlagSet) bool {
	return os.Getenv("WEIR_LISTEN") != "" || flags.Changed("listen")
}
