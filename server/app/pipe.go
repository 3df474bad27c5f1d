package app

import (
	"context"
	"io"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/pipe"
	"github.com/weirlog/weir/server/intake"
)

// PipeOptions say how a pipe is shown.
type PipeOptions struct {
	FeedOptions

	Quiet bool // do not pass the input through
	Exit  bool // end with the input
	In    io.Reader
}

// Pipe reads records from a pipe, passes the text through, and serves the page or
// ships the records. At the end of the input the page stays until ctx ends, unless it
// is told to exit. When ctx ends, what was passed through is also stored.
func Pipe(ctx context.Context, opts PipeOptions) error {
	f, err := openFeed(ctx, opts.FeedOptions, "pipe", false)
	if err != nil {
		return err
	}
	f.announce(!opts.Exit)
	out := &outflow{name: "stdout", notice: f.notice}
	if !opts.Quiet {
		out.to = opts.Out
	}
	storing, giveUp := outlive(ctx, DrainTimeout/2)
	defer giveUp()
	source := intake.Source{Protocol: "pipe", Sender: "stdin"}
	in := &passing{ctx: ctx, in: opts.In, out: out}
	err = pipe.Read(ctx, in, pipe.Options{Resource: f.resource(""), MaxLine: f.maxLine()}, func(batch []record.Record) error {
		return f.dest.keep(storing, source, batch)
	})
	failed := readFailure("the pipe", err)
	if failed == nil && ctx.Err() == nil && f.page != nil && !opts.Exit {
		failed = f.stay(ctx, "the input has ended")
	}
	return untold(failed, f.close(storing), out.failure())
}
