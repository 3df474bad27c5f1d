package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/weirlog/weir/server/app"
	"github.com/weirlog/weir/server/config"
)

// defineFeed adds the flags that a pipe, run and tail have in common.
func defineFeed(cmd *cobra.Command, o *app.FeedOptions) {
	config.Define(cmd.Flags())
	flags := cmd.Flags()
	flags.VisitAll(func(f *pflag.Flag) { // they all work, and would bury the few that matter here
		f.Hidden = f.Name != "listen" && f.Name != "data" && f.Name != "config"
	})
	cmd.Long += "\n\nThe settings of weir serve are understood here too: see weir serve --help."
	flags.Lookup("data").Usage = "`directory` to keep the records in (default: a throwaway one)"
	flags.BoolVar(&o.NoOpen, "no-open", false, "do not open the browser")
	flags.StringVar(&o.Service, "service", "", "service (`name`) of records that do not name theirs")
	flags.StringVar(&o.Environment, "environment", "", "environment (`name`) of records that do not name theirs")
	flags.BoolVar(&o.Drop, "drop", false, "when the store is behind, drop records and say how many, rather than let the writer wait")
	flags.StringVar(&o.Server, "server", "", "ship the records to the server at this `URL` instead of serving a page")
}

// defineSpool adds the flag of those whose records are nowhere else.
func defineSpool(cmd *cobra.Command, o *app.FeedOptions) {
	cmd.Flags().StringVar(&o.Spool, "spool", "", "with --server: `directory` for what the server does not take now; the next start sends it")
}

// loadFeed completes the options that defineFeed's flags say.
func loadFeed(cmd *cobra.Command, o *app.FeedOptions) (err error) {
	flags := cmd.Flags()
	switch {
	case flags.Changed("server") && (flags.Changed("listen") || flags.Changed("data")):
		err = errors.New("--server ships the records and serves no page: leave out --listen and --data")
	case flags.Changed("server") && o.Server == "":
		err = errors.New("--server is empty: give it as http://127.0.0.1:5678")
	case flags.Changed("spool") && o.Server == "":
		err = errors.New("--spool is for records that are shipped: give --server too")
	}
	if err != nil {
		return &usageError{command: cmd.CommandPath(), err: err}
	}
	if o.Settings, err = loadSettings(cmd); err != nil {
		return err
	}
	o.Version, o.FixedPort = version, listenWasChosen(flags)
	o.Out, o.Err = os.Stdout, os.Stderr
	return nil
}

// outliveReaders lets the process go on when nobody reads its stdout any more: the
// write fails then, instead of ending the process. Ignoring the signal would do so too, and
// for the programs that we start as well.
func outliveReaders() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}
