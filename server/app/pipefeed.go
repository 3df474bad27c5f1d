package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/weirlog/weir/internal/browser"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/config"
	"github.com/weirlog/weir/server/intake"
)

// FeedOptions are what a pipe, a program and files that are followed have in common.
type FeedOptions struct {
	Settings    config.Server // without Data the store is a throwaway one
	Version     string
	FixedPort   bool   // fail when the address is taken
	NoOpen      bool   // do not open the browser
	Server      string // ship the records to this server, and serve no page
	Spool       string // directory for what that server does not take now; empty: none
	Drop        bool   // drop records rather than let the writer wait
	Service     string // of records that do not name theirs
	Environment string // the same
	Out, Err    io.Writer
}

// destination is where records end up. Its methods may be called concurrently.
type destination interface {
	// keep takes a batch, which it owns from then on, and waits as long as it takes to
	// store it. Its error is an *unstoredError: ctx has ended, or nothing more is taken.
	keep(ctx context.Context, source intake.Source, batch []record.Record) error
	// lose counts records that were dropped on the way here.
	lose(source intake.Source, n int)
}

// unstoredError says how many records of a batch did not get where they should. It
// does not wrap why: a context that has ended is also how a reader ends that lost
// nothing.
type unstoredError struct {
	records int
	why     error
}

func (e *unstoredError) Error() string {
	return fmt.Sprintf("%d records could not be stored in time: %v", e.records, e.why)
}

// feed takes the records of a pipe, a program or files to where they should go: to a
// store with a page, or to another server.
type feed struct {
	opts FeedOptions
	dest destination
	page *server   // nil: the records are shipped
	ship *shipment // nil: they are stored here
	drop *dropper  // nil: the writer waits
}

// openFeed opens a feed; the caller closes it. name is shown in the page.
func openFeed(ctx context.Context, opts FeedOptions, name string, durable bool) (*feed, error) {
	f := &feed{opts: opts}
	var err error
	if opts.Server != "" {
		if f.ship, err = newShipment(opts, durable); err != nil {
			return nil, err
		}
		f.dest = f.ship
	} else {
		f.page, err = open(ctx, Options{
			Settings: opts.Settings, Version: opts.Version, Err: opts.Err, Name: name,
			NextPort: !opts.FixedPort, Throwaway: opts.Settings.Data == "",
		})
		if err != nil {
			return nil, err
		}
		f.dest = &stored{f.page}
	}
	if opts.Drop {
		f.drop = newDropper(f.dest, f.notice)
		f.dest = f.drop
	}
	return f, nil
}

// announce says where the records are to be seen, and opens the page there if show is
// set.
func (f *feed) announce(show bool) {
	if f.page == nil {
		f.notice("records are shipped to %s", f.opts.Server)
		return
	}
	f.notice("live page on %s%s", f.page.url(), f.page.fate())
	if show && !f.opts.NoOpen {
		browser.Open(f.page.url())
	}
}

// resource is what is known of the sender of all records.
func (f *feed) resource(service string) record.Resource {
	r := record.Resource{Service: service, Environment: f.opts.Environment}
	if f.opts.Service != "" {
		r.Service = f.opts.Service
	}
	if f.ship != nil { // here it would say the same on every record
		r.Host, _ = os.Hostname() // without a name there is none
	}
	return r
}

// maxLine is where lines are split; 0 is the reader's default.
func (f *feed) maxLine() int {
	if f.ship != nil {
		return shipMaxLine
	}
	return 0
}

// stay keeps the page up until ctx ends.
func (f *feed) stay(ctx context.Context, why string) error {
	f.notice("%s; the page stays up until Ctrl-C", why)
	return f.page.wait(ctx)
}

// close stores or ships what is left, as long as storing lasts, and ends the page.
func (f *feed) close(storing context.Context) error {
	var errs []error
	if f.drop != nil {
		errs = append(errs, f.drop.close(storing))
	}
	if f.ship != nil {
		errs = append(errs, f.ship.close(storing))
	} else {
		errs = append(errs, f.page.close())
	}
	return untold(errs...)
}

// notice tells a person something, in one line.
func (f *feed) notice(format string, args ...any) {
	fmt.Fprintf(f.opts.Err, "weir: "+format+"\n", args...)
}

// untold joins errors; those that people were told of count only when there are no
// others.
func untold(errs ...error) error {
	var told *ExitError
	var rest []error
	for _, err := range errs {
		if was := (*ExitError)(nil); errors.As(err, &was) && was.Err == nil {
			told = was
		} else {
			rest = append(rest, err)
		}
	}
	if err := errors.Join(rest...); err != nil || told == nil {
		return err
	}
	return told
}

// readFailure is what was wrong with reading something, once that has ended. That it was told to
// end is nothing wrong.
func readFailure(what string, err error) error {
	var unstored *unstoredError
	switch {
	case errors.As(err, &unstored):
		return unstored
	case err == nil || errors.Is(err, context.Canceled):
		return nil
	}
	if what == "" {
		return err // it says so
	}
	return fmt.Errorf("read %s: %w", what, err)
}

// outlive returns a context that ends some time after ctx has: what was passed
// through before is stored until then.
func outlive(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	later, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(by, cancel)
		context.AfterFunc(later, func() { timer.Stop() })
	})
	return later, func() { stop(); cancel() }
}

// stored is the destination with a page.
type stored struct{ server *server }

// storeGrace is how long a commit that is under way may take once the time is up: a
// store that stalls for a checkpoint was seen to take 1.6 s.
const storeGrace = 2 * time.Second

// keep implements destination. A commit that has begun cannot be called off: one that
// takes too long is left to itself, and ends at the latest when the server does.
func (s *stored) keep(ctx context.Context, source intake.Source, batch []record.Record) error {
	n := len(batch)
	if ctx.Err() != nil {
		return &unstoredError{records: n, why: context.Cause(ctx)}
	}
	ended := make(chan error, 1)
	go func() {
		done, err := s.server.gate.Keep(ctx, source, batch)
		if err != nil {
			err = &unstoredError{records: n - done, why: err}
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace := time.NewTimer(storeGrace)
	defer grace.Stop()
	select {
	case err := <-ended:
		return err
	case <-grace.C:
		return &unstoredError{records: n, why: errors.New("the store has not answered")}
	}
}

// lose implements destination.
func (s *stored) lose(source intake.Source, n int) { s.server.gate.Lose(source, n) }

// fate says what becomes of the records.
func (s *server) fate() string {
	if s.opts.Throwaway {
		return "; its records go when it ends (--data DIR keeps them)"
	}
	return ", records in " + s.dir
}
