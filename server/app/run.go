package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// RunOptions say how a program is run.
type RunOptions struct {
	FeedOptions

	Command []string // the program and its arguments
	Quiet   bool     // do not pass its output through
	Stay    bool     // keep the page up when it has ended
	In      *os.File // is its stdin
	Signals <-chan os.Signal
	Release func() // called when the next signal may end the process at once; may be nil
}

// ExitError is how a command ends that does not just fail. Err may be nil: then there
// is nothing to tell.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *ExitError) Unwrap() error { return e.Err }

// Exit codes of a program that could not be started, as shells have them.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// signalGrace is how long after a program's end a signal counts as one of those that
// ended it: a terminal sends Ctrl-C to both at once, and which is seen first is chance.
const signalGrace = 200 * time.Millisecond

// Run runs a program, passes both of its streams through, takes each as records, and
// ends with it: its exit code is that of the *ExitError, 128 and the signal's number when a
// signal ended it. Signals are passed on to it. What it has written is stored before
// Run returns; trouble with that is told and does not change the exit code.
func Run(ctx context.Context, opts RunOptions) error {
	if _, err := exec.LookPath(opts.Command[0]); err != nil {
		return startError(opts.Command[0], err)
	}
	f, err := openFeed(ctx, opts.FeedOptions, "run", false)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	storing, giveUp := outlive(ctx, DrainTimeout/2)
	defer giveUp()

	f.announce(true)
	p, err := startProgram(opts)
	if err != nil {
		return errors.Join(err, f.close(storing))
	}
	relayed := p.relay(opts, cancel)
	failed := p.read(ctx, storing, f, opts)
	code := p.exitCode()
	if how := describeEnd(p.cmd.ProcessState); how != "" {
		f.notice("%s %s", p.name, how)
	}
	if opts.Stay && f.page != nil && ctx.Err() == nil {
		failed = errors.Join(failed, f.stay(ctx, fmt.Sprintf("%s has ended with exit code %d", p.name, code)))
	}
	failed = untold(failed, f.close(storing))
	relayed()
	if told := (*ExitError)(nil); failed != nil && !errors.As(failed, &told) {
		f.notice("%v", failed)
	}
	if code != 0 {
		return &ExitError{Code: code}
	}
	return nil
}

// startError says why a program could not be started, and what to do.
func startError(name string, err error) error {
	code, hint := exitNotExecutable, ""
	switch {
	case errors.Is(err, exec.ErrDot):
		code, hint = exitNotFound, fmt.Sprintf(" (for the program in this directory: .%c%s)", filepath.Separator, name)
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		code = exitNotFound
		if strings.ContainsAny(name, " \t") {
			hint = " (give the program and each argument by itself, or a command line to a shell: weir run -- sh -c '…')"
		}
	case isNoProgram(err):
		hint = " (a script needs a first line such as #!/bin/sh, or run it with its shell: weir run -- sh " + name + ")"
	}
	var path *fs.PathError
	var lookup *exec.Error
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &lookup):
		err = lookup.Err
	}
	return &ExitError{Code: code, Err: fmt.Errorf("run %s: %w%s", name, err, hint)}
}

// program is a program that runs.
type program struct {
	name    string
	cmd     *exec.Cmd
	streams []*stream

	mu    sync.Mutex
	ended time.Time // zero: it runs
}

// startProgram starts the program with a pipe for each of its streams. Its stdin is
// ours.
func startProgram(opts RunOptions) (*program, error) {
	p := &program{name: filepath.Base(opts.Command[0]), cmd: exec.Command(opts.Command[0], opts.Command[1:]...)}
	p.cmd.Stdin = opts.In
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close() // the program has its own
		}
	}()
	for _, name := range []string{"stdout", "stderr"} {
		r, w, err := os.Pipe()
		if err != nil {
			p.closeStreams()
			return nil, fmt.Errorf("make a pipe for the program: %w", err)
		}
		p.streams = append(p.streams, &stream{name: name, file: r})
		theirs = append(theirs, w)
	}
	p.cmd.Stdout, p.cmd.Stderr = theirs[0], theirs[1]
	if !hasTerminal() {
		ownGroup(p.cmd)
	}
	if err := p.cmd.Start(); err != nil {
		p.closeStreams()
		return nil, startError(opts.Command[0], err)
	}
	return p, nil
}

func (p *program) closeStreams() {
	for _, s := range p.streams {
		_ = s.file.Close() // only ever read
	}
}

// relay passes signals on until the program has ended. From then on the first one
// that asks for an end calls hurry, and the next one ends the process as if weir knew
// nothing of signals. The caller calls stop.
func (p *program) relay(opts RunOptions, hurry func()) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case sig := <-opts.Signals:
				if p.running() || !p.endedFor(signalGrace) {
					p.pass(sig)
				} else if asksForEnd(sig) {
					hurry()
					if opts.Release != nil {
						opts.Release()
					}
				}
			case <-quit:
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}

// pass passes a signal on, unless the terminal has sent it to the program as well.
func (p *program) pass(sig os.Signal) {
	if !sharedByTerminal(sig) {
		_ = p.cmd.Process.Signal(sig) // it may have ended
	}
}

func (p *program) running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended.IsZero()
}

func (p *program) endedFor(d time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.ended.IsZero() && time.Since(p.ended) >= d
}

// wait waits for the program's end and tells its streams.
func (p *program) wait() error {
	err := p.cmd.Wait()
	p.mu.Lock()
	p.ended = time.Now()
	p.mu.Unlock()
	for _, s := range p.streams {
		s.writerEnded()
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("wait for %s: %w", p.name, err)
	}
	return nil
}

// exitCode is the program's, or as shells give it for one that a signal ended.
func (p *program) exitCode() int {
	state := p.cmd.ProcessState
	if state == nil {
		return 1 // it could not be waited for
	}
	if sig := endingSignal(state); sig > 0 {
		return 128 + sig
	}
	return state.ExitCode()
}
