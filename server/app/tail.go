package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/file"
	"github.com/weirlog/weir/server/ingest/text"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/sink/console"
)

// positionsName is the file in the data directory that keeps how far files were read.
const positionsName = "tail-positions.json"

// DefaultTailLines is how much of a file that is seen for the first time is shown.
const DefaultTailLines = file.DefaultLines

// TailOptions say which files are followed and how.
type TailOptions struct {
	FeedOptions

	Patterns  []string // paths and globs
	FromStart bool     // begin with all that is in a file
	Lines     int      // else with so many of its last lines
	Positions string   // file that keeps how far was read; empty: one in the data directory, if there is one
	Exit      bool     // end when everything is read
	Print     bool     // print the records too
	Quiet     bool     // say nothing about files that come and go
}

// Tail follows files across rotation and serves the page or ships the records, until
// ctx ends. Where positions are kept, nothing is lost by a kill: the next start goes on
// where the stored records ended.
func Tail(ctx context.Context, opts TailOptions) error {
	f, err := openFeed(ctx, opts.FeedOptions, "tail", true)
	if err != nil {
		return err
	}
	f.announce(!opts.Exit)
	storing, giveUp := outlive(ctx, DrainTimeout/2)
	defer giveUp()
	out := &outflow{name: "stdout", notice: f.notice}
	printer := newPrinter(opts, out)
	follow := func(ctx context.Context) error {
		return file.Follow(ctx, opts.files(f), func(_ context.Context, path string, batch []record.Record) error {
			printer.print(batch)
			return f.dest.keep(storing, intake.Source{Protocol: "tail", Sender: path}, batch)
		})
	}
	failed := readFailure("", f.whileServing(ctx, follow))
	return untold(failed, f.close(storing), out.failure())
}

// whileServing runs work until it ends, ctx does, or the page fails.
func (f *feed) whileServing(ctx context.Context, work func(context.Context) error) error {
	if f.page == nil {
		return work(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() {
		defer cancel()
		served <- f.page.wait(ctx)
	}()
	err := work(ctx)
	cancel()
	if failed := <-served; failed != nil {
		return failed
	}
	return err
}

// files are the options of the follower.
func (o *TailOptions) files(f *feed) file.Options {
	opts := file.Options{
		Patterns: o.Patterns, FromStart: o.FromStart, Lines: o.Lines, Positions: o.Positions, Once: o.Exit,
		Text: func(path string) text.Options {
			return text.Options{
				Resource: f.resource(filepath.Base(path)),
				Attrs:    []slog.Attr{slog.String("file", path)},
				MaxLine:  f.maxLine(),
			}
		},
	}
	if o.Lines == 0 {
		opts.Lines = file.NoLines
	}
	if opts.Positions == "" && f.page != nil && !f.page.opts.Throwaway {
		opts.Positions = filepath.Join(f.page.dir, positionsName)
	}
	if !o.Quiet && !o.Exit { // Follow's error says it all when it is to end
		opts.Notice = func(path, event string, err error) { f.notice("%s", describeFile(path, event, err)) }
	}
	return opts
}

// describeFile says what happened to a file, and what comes of it.
func describeFile(path, event string, err error) string {
	var why *fs.PathError
	if errors.As(err, &why) {
		err = why.Err // the path is said
	}
	switch event {
	case file.EventMissing:
		return path + ": there is no such file yet, weir waits for it"
	case file.EventUnreadable:
		return fmt.Sprintf("%s cannot be read: %v; it is tried again", path, err)
	case file.EventRefused:
		return fmt.Sprintf("%s is not followed: %v", path, err)
	case file.EventTruncated:
		return path + " was emptied or written anew: it is read from its start"
	case file.EventSkipped:
		return fmt.Sprintf("%s is not read: %v", path, err)
	case file.EventDoubled:
		return fmt.Sprintf("%s: lines may come twice: %v", path, err)
	case file.EventLost:
		return fmt.Sprintf("%s: %v", path, err)
	}
	if err != nil {
		return fmt.Sprintf("%s: %s: %v", path, event, err)
	}
	return path + ": " + event
}

// printer prints records as Weir's console does. It may be used concurrently.
type printer struct {
	out *outflow

	mu   sync.Mutex
	sink weir.Sink // nil: nothing is printed
}

func newPrinter(opts TailOptions, out *outflow) *printer {
	p := &printer{out: out}
	if opts.Print {
		p.sink = console.New(opts.Out, console.Options{})
	}
	return p
}

func (p *printer) print(batch []record.Record) {
	if p.sink == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.try(func() error { return p.sink.WriteBatch(context.Background(), batch) })
}
