package main

import (
	"errors"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/weirlog/weir/server/app"
)

func newRun() *cobra.Command {
	var opts app.RunOptions
	var exit bool
	cmd := &cobra.Command{
		Use:   "run [flags] -- CMD [ARGS…]",
		Short: "Run a program, keep its stdout and stderr apart, serve the page; its exit code is ours",
		Long: `Run a program and serve the page of what it prints.

Both of its streams are passed through as they are, at once; its records have
stream=stdout or stream=stderr, and the program's name as their service. Its
stdin is ours, and signals are passed on to it.

weir ends with the program: the page goes, and without --data the records.
--stay keeps the page up until Ctrl-C.

The program writes to pipes, not to a terminal. Some programs print later or
without colours then; give those a terminal:

    weir run -- script -qec './app' /dev/null
    weir run -- unbuffer ./app

What the program started and left behind is not waited for.

Exit codes: the program's own; 128 and the signal's number when a signal ended
it; 127 when there is no such program, 126 when it cannot be run; 1 when the
page could not start, 2 for wrong usage. Trouble with storing or shipping is
told on stderr and does not change the program's exit code.`,
		Example: `  weir run -- ./app --port 8080
  weir run --stay -- make test            # look at it when it has ended
  weir run --data logs -- sh -c 'a | b'   # keep the records
  weir run --server https://logs.example.com --service shop -- ./app`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "" {
				return errors.New("which program? weir run -- CMD ARGS…")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := loadFeed(cmd, &opts.FeedOptions); err != nil {
				return err
			}
			switch {
			case opts.Stay && exit:
				return &usageError{command: cmd.CommandPath(), err: errors.New("--stay and --exit are opposites")}
			case opts.Stay && opts.Server != "":
				return &usageError{command: cmd.CommandPath(), err: errors.New("--stay keeps a page up: with --server there is none")}
			}
			outliveReaders()
			signals := make(chan os.Signal, 16) // those of one kind merge anyway, and there are fewer kinds
			signal.Notify(signals, passedOn()...)
			defer signal.Stop(signals)
			opts.Command, opts.In, opts.Signals = args, os.Stdin, signals
			opts.Release = func() { signal.Stop(signals) }
			return app.Run(cmd.Context(), opts)
		},
	}
	defineFeed(cmd, &opts.FeedOptions)
	defineSpool(cmd, &opts.FeedOptions)
	cmd.Flags().Lookup("service").Usage = "service (`name`) of records that do not name theirs (default: the program's name)"
	cmd.Flags().BoolVar(&opts.Quiet, "quiet", false, "do not pass the program's output through")
	cmd.Flags().BoolVar(&opts.Stay, "stay", false, "keep the page up until Ctrl-C when the program has ended")
	cmd.Flags().BoolVar(&exit, "exit", false, "end with the program (as it is without --stay)")
	cmd.Flags().SetInterspersed(false) // what follows CMD is its own
	return cmd
}
