package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
)

// The rhythm of a target.
const (
	// checkInterval is how often a path is compared with the open file: two system
	// calls a second, and at most a second's records go to a file that was deleted.
	checkInterval = time.Second
	// pruneInterval is how often MaxAge is looked at without a rotation.
	pruneInterval = time.Hour
	// Opening is tried again after openRetryLeast, then half as often each time, up to
	// openRetryMost: what a person who has just freed the disk waits at most.
	openRetryLeast = 100 * time.Millisecond
	openRetryMost  = 5 * time.Second
	// A rotation that failed costs no records, so it can wait longer.
	rotateRetryLeast = time.Second
	rotateRetryMost  = time.Minute
	// tellInterval is how often OnError is called at most.
	tellInterval = time.Minute
)

// target is one file on the disk with its backups, written by one or several sinks.
//
//	sink: encode ─→ write: ready (open, check, period) ─→ makeRoom (rotate) ─→ put
type target struct {
	settings
	given    string // the path of New, resolved
	location *time.Location
	onError  atomic.Pointer[func(error)] // who hears of errors; nil: nobody was named
	clock    func() time.Time

	users   int    // guarded by files.mu
	claimed string // guarded by files.mu

	counters   counters
	compressor compressor

	// What follows is guarded by mu. size, period and torn are of f.
	mu      sync.Mutex
	path    string      // in use
	f       *os.File    // nil: not open
	info    fs.FileInfo // who f is
	regular bool        // not a device or a pipe
	size    int64       // mirrored in counters
	period  period
	torn    bool // ends in the middle of a line

	opened  bool // once, so that a mode is not applied again
	closed  bool
	checked time.Time // when the path was compared with f
	pruned  time.Time // when old backups were looked for

	opening  retry
	openErr  error // of the last attempt
	rotation retry
}

func newTarget(path string, o *Options) *target {
	t := &target{
		settings: o.settings(),
		given:    path,
		path:     path,
		location: o.Location,
		clock:    o.Clock,
		users:    1,
		opening:  retry{least: openRetryLeast, most: openRetryMost},
		rotation: retry{least: rotateRetryLeast, most: rotateRetryMost},
	}
	t.hear(o.OnError)
	t.counters.path.Store(&path)
	t.compressor.init(t)
	return t
}

// ready opens the file when it is not open, looks whether it is still the path's, and
// rotates it when its time is over. An error means that nothing can be written.
func (t *target) ready(now time.Time) error {
	if t.closed {
		return failure("Failed to write to the file at path", t.path, errClosed)
	}
	switch {
	case t.f == nil:
		if !t.opening.due(now) {
			return t.openErr
		}
		if err := t.open(now); err != nil {
			return err
		}
	case since(now, t.checked) >= checkInterval:
		if err := t.check(now); err != nil {
			return err
		}
	}
	if t.interval > 0 {
		if t.size > 0 && t.period.over(now) {
			if _, err := t.makeRoom(now); err != nil {
				return err
			}
		}
		if t.size == 0 {
			t.period = periodOf(now, t.interval, t.location)
		}
	}
	if t.maxAge > 0 && since(now, t.pruned) >= pruneInterval {
		t.prune(now)
	}
	return nil
}

// since is how long ago t was; for ever when a clock was set back.
func since(now, t time.Time) time.Duration {
	if d := now.Sub(t); d >= 0 {
		return d
	}
	return 1<<63 - 1
}

// check compares the path with the open file, and opens what is at the path when that
// is another file, or none.
func (t *target) check(now time.Time) error {
	t.checked = now
	if !t.regular {
		return nil
	}
	info, err := os.Stat(t.path)
	switch {
	case err == nil && os.SameFile(info, t.info):
		t.info = info
		// It is shorter after a copy and truncation by logrotate, longer when other
		// processes append to it.
		t.setSize(info.Size())
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil // nothing is known about the file; writing will tell
	}
	return t.reopen(now)
}

// reopen closes the file and opens what is at its path.
func (t *target) reopen(now time.Time) error {
	if err := t.closeFile(); err != nil {
		t.tell(now, failure("Failed to close the file at path", t.path, err))
	}
	if err := t.open(now); err != nil {
		return err
	}
	t.counters.reopened.Add(1)
	return nil
}

// closeFile closes the file, forced to the disk first when it shall be.
func (t *target) closeFile() error {
	f := t.f
	t.f = nil
	t.setSize(0)
	t.torn = false
	if f == nil {
		return nil
	}
	var err error
	if t.sync != SyncNever && t.regular {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (t *target) setSize(n int64) {
	if n == 0 {
		t.torn = false
	}
	t.size = n
	t.counters.size.Store(n)
}

// force forces what was written to the disk.
func (t *target) force() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.f == nil || !t.regular {
		return nil
	}
	if err := t.f.Sync(); err != nil {
		t.counters.writeErrors.Add(1)
		t.counters.note(err)
		return failure("Failed to force to the disk the file at path", t.path, err)
	}
	return nil
}

// tell counts an error that costs no records and lets people know of it.
func (t *target) tell(now time.Time, err *weir.Error) {
	t.counters.backups.Add(1)
	t.counters.note(err)
	if !t.counters.mayTell(now) {
		return
	}
	if f := t.onError.Load(); f != nil {
		(*f)(err)
		return
	}
	// Nobody can be told when this fails.
	_, _ = fmt.Fprintf(os.Stderr, "weir: sink/file: %v\n", err)
}

// hear names who hears of errors, unless there is somebody.
func (t *target) hear(f func(error)) {
	if f != nil {
		t.onError.CompareAndSwap(nil, &f)
	}
}

// close is called once, by the last sink. Backups that are being compressed have
// closeGrace to be done.
func (t *target) close() error {
	t.mu.Lock()
	t.closed = true
	err := t.closeFile()
	t.mu.Unlock()
	t.compressor.stop()
	if err != nil {
		t.counters.note(err)
		return failure("Failed to close the file at path", t.path, err)
	}
	return nil
}
