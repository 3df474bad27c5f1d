package weir

import (
	"context"
	"io"
	"sync"
	"time"
)

// maxErrorLines bounds the lines that wait for an error output that does not take
// them, as a terminal that was stopped. Further ones are lost: nobody can be told.
const maxErrorLines = 100

// errorOutput tells people about trouble. A line is written by a goroutine that lives
// as long as there are lines, so that an output that waits holds nobody up. It may be used
// concurrently.
type errorOutput struct {
	w io.Writer

	mu      sync.Mutex
	lines   [][]byte
	running chan struct{} // closed when all lines are written; nil: nothing is to be written
}

func newErrorOutput(w io.Writer) *errorOutput { return &errorOutput{w: w} }

// Write lets others share the output.
func (e *errorOutput) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.lines) < maxErrorLines {
		e.lines = append(e.lines, append([]byte(nil), p...))
	}
	if e.running == nil {
		e.running = make(chan struct{})
		go e.run()
	}
	return len(p), nil
}

func (e *errorOutput) run() {
	finished := false
	defer func() {
		if !finished { // the writer has ended the goroutine
			go e.run()
		}
	}()
	for {
		line, ok := e.next()
		if !ok {
			finished = true
			return
		}
		// A writer that fails or panics is not the program's fault, and nobody can be told.
		_ = guard(func() error {
			_, err := e.w.Write(line)
			return err
		})
	}
}

func (e *errorOutput) next() (line []byte, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.lines) == 0 {
		close(e.running)
		e.running = nil
		return nil, false
	}
	line = e.lines[0]
	e.lines = e.lines[1:]
	return line, true
}

// patientOutput is for those who may wait a little.
type patientOutput struct{ *errorOutput }

func (e patientOutput) Write(p []byte) (int, error) {
	n, err := e.errorOutput.Write(p)
	e.wait(context.Background())
	return n, err
}

// Unwrap returns Options.ErrorOutput, for those who ask whether it is a terminal.
func (e patientOutput) Unwrap() io.Writer { return e.w }

// errorPatience is how long those who may wait do so for lines to be written.
const errorPatience = 100 * time.Millisecond

// wait waits until all lines are written.
func (e *errorOutput) wait(ctx context.Context) {
	e.mu.Lock()
	running := e.running
	e.mu.Unlock()
	if running == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, errorPatience)
	defer cancel()
	select {
	case <-running:
	case <-ctx.Done():
	}
}
