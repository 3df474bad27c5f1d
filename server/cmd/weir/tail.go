package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weirlog/weir/server/app"
)

func newTail() *cobra.Command {
	var opts app.TailOptions
	cmd := &cobra.Command{
		Use:   "tail FILE…",
		Short: "Follow log files across rotation, and serve the page",
		Long: `Follow log files, as tail -F does, and serve the page.

A file is followed when it is renamed, emptied or copied and emptied by a
rotation; what was rotated is read to its end. A file that is not there yet is
waited for. Quote globs, so that files that appear later are found too: *, ?,
[a-z], {a,b}, and ** for any folders.

A file begins with its last lines, one that appears later with its first. With
--data or --positions the places are kept, and the next start goes on where
this one ended, also after a kill: nothing is lost, the records of a quarter of
a second may come twice then.

A record's service is the file's name, unless it names its own; its file is the
path. Nothing is printed but notices, unless --print is given.

Exit codes: 0 done, 1 failed or not all delivered, 2 wrong usage.`,
		Example: `  weir tail app.log
  weir tail 'logs/*.log' /var/log/syslog
  weir tail --data kept 'logs/**/*.log'       # keep records and places
  weir tail --exit --data kept old.log        # take a whole file in, and end
  weir tail --server https://logs.example.com --positions places.json app.log`,
		Args: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				if name == "" {
					return errors.New("the name of a file is empty")
				}
			}
			if len(args) == 0 {
				return errors.New("which files? weir tail FILE… (a pipe: app | weir)")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := loadFeed(cmd, &opts.FeedOptions); err != nil {
				return err
			}
			lines := cmd.Flags().Changed("lines")
			switch {
			case opts.Lines < 0:
				return &usageError{command: cmd.CommandPath(), err: fmt.Errorf("--lines %d: it takes a number from 0", opts.Lines)}
			case lines && opts.FromStart:
				return &usageError{command: cmd.CommandPath(), err: errors.New("--lines and --from-start are two beginnings: give one")}
			}
			outliveReaders()
			opts.Patterns = args
			opts.FromStart = opts.FromStart || opts.Exit && !lines
			return withSignals(cmd.Context(), func(ctx context.Context) error { return app.Tail(ctx, opts) })
		},
	}
	defineFeed(cmd, &opts.FeedOptions)
	flags := cmd.Flags()
	flags.Lookup("service").Usage = "service (`name`) of records that do not name theirs (default: the file's name)"
	flags.IntVarP(&opts.Lines, "lines", "n", app.DefaultTailLines, "begin with the last `number` of lines of files that were not read before")
	flags.BoolVar(&opts.FromStart, "from-start", false, "begin with the first line of files that were not read before")
	flags.StringVar(&opts.Positions, "positions", "", "`file` that keeps how far files were read (default: in the directory of --data, else none)")
	flags.BoolVar(&opts.Exit, "exit", false, "read the files from their start to their end, and end")
	flags.BoolVar(&opts.Print, "print", false, "print the records too, as lines for people")
	flags.BoolVar(&opts.Quiet, "quiet", false, "say nothing about files that come and go")
	return cmd
}
