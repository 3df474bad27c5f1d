// Package file follows log files: it reads what is appended to them, across rename,
// truncation, deletion and the switch of a link, and hands the lines over as records.
//
// [Follow] does all of it. A file is known by its identity on the disk and by what
// stands at its start and before the place up to which it was read, not by its name:
// so a rotated file is read to its end and not twice. The file is the buffer: nothing
// is taken out of it before the records are accepted, and with Options.Positions a
// program that was killed goes on where its records ended.
//
// How lines become records is told in package text. The package does not watch
// folders that patterns do not name, and does not read what a rotation removed before
// it could be opened.
package file

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/weirlog/weir/record"
)

// Accept takes a batch of a file's records, and owns it. It returns when they are
// durable; until then no more of that file is read. Path is the name under which the
// file was followed. It is called concurrently, but for one file by one goroutine at
// a time. Its first error ends Follow, so trying again is its own business.
type Accept = func(ctx context.Context, path string, batch []record.Record) error

// Follow reads the files until ctx ends, and then returns the context's error; with
// Options.Once it returns when all are read. What was read and not accepted then is
// read again by the next Follow that has the same positions.
//
// A new file that takes a name's place is read when the old one has been read to its
// end. Files that appear later are read from their start.
func Follow(ctx context.Context, opts Options, accept Accept) error {
	opts = opts.withDefaults()
	if len(opts.Patterns) == 0 {
		return errors.New("no file to follow: name one")
	}
	places, err := loadPlaces(opts.Positions, opts.Clock)
	if err != nil {
		return err
	}
	f := &follower{
		opts: opts, accept: accept, places: places, active: map[string]*tailer{}, looked: map[string]stamp{}, told: map[string]string{},
		there: map[string]string{}, last: map[string]string{}, beside: map[string]stamp{}, began: time.Now(), ended: make(chan *tailer),
	}
	if opts.Once {
		return errors.Join(f.once(ctx), places.save())
	}
	return f.follow(ctx)
}

// follower follows the files of one call of Follow. Its fields belong to the
// goroutine of Follow, but for those of Notice.
type follower struct {
	opts   Options
	accept Accept
	places *places

	active map[string]*tailer // by identity
	looked map[string]stamp   // files that need not be opened until they change
	there  map[string]string  // identity → path of the files that the last look found
	last   map[string]string  // path → identity, "" if there was no file, of the names whose rotations are looked for
	beside map[string]stamp   // files with the name of a rotation that were there at the start
	began  time.Time
	first  bool         // the first look at the files
	opened int          // tailers so far
	ended  chan *tailer // tailers that have ended; all are received

	noticing sync.Mutex
	told     map[string]string // what Notice was told last of a path
	failed   []error           // with Once: what could not be read
}

// stamp tells whether a file has changed.
type stamp struct {
	size  int64
	mtime time.Time
}

func (f *follower) follow(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	w := watch()
	defer w.close()
	saved := make(chan struct{})
	go func() {
		defer close(saved)
		f.places.keepSaved(ctx, f.tellSaved)
	}()
	f.first = true
	for ctx.Err() == nil {
		began := time.Now()
		w.see(f.scan(ctx))
		f.first = false
		f.await(ctx, w, 10*time.Since(began), stop)
	}
	for len(f.active) > 0 {
		f.end(<-f.ended, stop)
	}
	<-saved
	f.tellSaved(f.places.save())
	return context.Cause(ctx)
}

// await returns when the files should be looked at again, after the pause at least:
// looking at a large tree may take long, and at most a tenth of the time goes there.
func (f *follower) await(ctx context.Context, w *watcher, pause time.Duration, stop context.CancelCauseFunc) {
	timer := time.NewTimer(max(f.opts.Poll, pause))
	defer timer.Stop()
	soon := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case t := <-f.ended:
			f.end(t, stop)
			return
		case c := <-w.changed:
			f.wake(c)
			if c.some && !soon {
				soon = true
				timer.Reset(pause)
			}
		}
	}
}

// end forgets a tailer that has ended.
func (f *follower) end(t *tailer, stop context.CancelCauseFunc) {
	delete(f.active, t.id)
	f.opts.Counts.Open.Add(-1)
	if t.removed {
		f.places.former(t.id) // a number is used again; what it had may turn up compressed
	} else {
		f.looked[t.id] = t.stamp
	}
	if t.err != nil {
		stop(t.err)
	}
}

// wake lets the tailers look at files that have changed; those whose names nobody
// knows were perhaps renamed.
func (f *follower) wake(c changes) {
	for _, t := range f.active {
		_, named := c.written[t.path]
		_, real := c.written[t.real]
		if named || real || c.some || t.replaced.Load() {
			t.poke()
		}
	}
}

// notice tells what is new.
func (f *follower) notice(path, event string, err error) {
	f.noticing.Lock()
	defer f.noticing.Unlock()
	what := event
	if err != nil {
		what += ": " + err.Error()
	}
	if event != EventTruncated && f.told[path] == what {
		return
	}
	f.told[path] = what
	if f.opts.Once && err != nil && event != EventSkipped && event != EventDoubled {
		f.failed = append(f.failed, fmt.Errorf("%s: %w", path, err))
	}
	f.opts.Notice(path, event, err)
}

// tellSaved tells when the positions cannot be written, once until they can.
func (f *follower) tellSaved(err error) {
	if err != nil {
		f.notice(f.opts.Positions, EventPositions, err)
		return
	}
	f.readable(f.opts.Positions)
}

// readable forgets what Notice was told of a path.
func (f *follower) readable(path string) {
	f.noticing.Lock()
	defer f.noticing.Unlock()
	delete(f.told, path)
}

// once reads all files up to their ends, one after the other, older ones first.
func (f *follower) once(ctx context.Context) error {
	f.first = true
	l := f.find()
	if len(l.found) == 0 && len(f.failed) == 0 {
		return fmt.Errorf("no file is named or matched by %q", f.opts.Patterns)
	}
	sortByAge(l.found)
	f.saw(l.found)
	for _, c := range l.found {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		t := f.open(c, nil)
		if t == nil {
			continue
		}
		t.once = true
		t.run(ctx)
		f.opts.Counts.Open.Add(-1)
		switch {
		case t.err != nil && ctx.Err() != nil:
			return errors.Join(context.Cause(ctx), t.err)
		case t.err != nil:
			return t.err
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errors.Join(f.failed...)
}
