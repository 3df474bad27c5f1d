// Command migrate shows the calls of pulselog, ko-log and the log-collector's client
// with Weir's beside them. It prints the old call and then what Weir's writes; the
// source has Weir's.
//
//	go run ./migrate
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/console"
)

// step is a call of the old library, and Weir's.
type step struct {
	old  string
	weir func()
}

func main() {
	dir, err := os.MkdirTemp("", "weir-migrate-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.RemoveAll(dir)

	log := weir.New("my-app",
		weir.WithSink(console.New(os.Stdout, console.Options{})),
		weir.WithLevel(weir.LevelDebug), weir.WithCheckpointDir(dir))
	defer log.Close()

	ctx := context.Background()
	show(log, "pulselog", fromPulselog(ctx, log))
	show(log, "ko-log", fromKoLog(ctx, log, dir))
	show(log, "log-collector", fromLogCollector(ctx, log))
}

func show(log *weir.Logger, library string, steps []step) {
	fmt.Printf("\n== %s ==\n", library)
	for _, s := range steps {
		fmt.Printf("\n%s\n", s.old)
		s.weir()
		// Calls do not wait for the console; here the records are to stand below them.
		if err := log.Flush(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}
