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

Records live in a throwaway store until weir ends; --data DIR keeps them. At the
end of the input the page stays up until Ctrl-C, unless --exit is given. When
nobody reads weir's stdout any more, as after head, it goes on without.

When the store is behind, the writer waits and nothing is lost. With --drop it
does not wait: what is dropped is counted, and shown where it is missing.

With --server the records go to another server, and weir ends with its input.
While that server is away the writer waits; what could not be delivered half a
minute after the end is lost, said on stderr, unless there is a --spool.

Exit codes: 0 done, 1 failed or not all delivered, 2 wrong usage.`,
		Example: `  ./app 2>&1 | weir                  # watch a program
  weir run -- ./app                  # the same, its stdout and stderr apart
  weir tail 'logs/*.log'             # follow files
  weir --exit --data logs < app.log  # keep a file's records and end
  ./app 2>&1 | weir --server https://logs.example.com --service shop
  weir serve                         # a server for a team's services
  weir demo                          # see it at work`,
		Version:       version,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if terminal.Is(os.Stdin) {
				return cmd.Help()
			}
			if err := loadFeed(cmd, &opts.FeedOptions); err != nil {
				return err
			}
			outliveReaders()
			opts.In = os.Stdin
			return withSignals(cmd.Context(), func(ctx context.Context) error { return app.Pipe(ctx, opts) })
		},
	}
	defineFeed(cmd, &opts.FeedOptions)
	defineSpool(cmd, &opts.FeedOptions)
	cmd.Flags().BoolVar(&opts.Quiet, "quiet", false, "do not pass the input through")
	cmd.Flags().BoolVar(&opts.Exit, "exit", false, "end with the input instead of keeping the page up")
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{command: cmd.CommandPath(), err: err}
	})
	cmd.CompletionOptions.HiddenDefaultCmd = true
	cmd.AddCommand(newServe(), newRun(), newTail(), newDemo(), newVersion())
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
