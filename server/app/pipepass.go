package app

import (
	"context"
	"errors"
	"io"
	"sync"
	"syscall"
)

// outflow passes bytes on to one of our own streams. When that fails it says so once
// and passes nothing on from then on: who reads us may leave, as head does, and what
// is read is stored all the same. Its methods may be called concurrently.
type outflow struct {
	to     io.Writer // nil: nothing is passed on
	name   string
	notice func(format string, args ...any)

	mu     sync.Mutex
	failed error
}

// pass writes b, unless that has failed before.
func (o *outflow) pass(b []byte) {
	if o.to == nil || len(b) == 0 {
		return
	}
	o.try(func() error {
		_, err := o.to.Write(b)
		return err
	})
}

// try writes, unless that has failed before.
func (o *outflow) try(write func() error) {
	if o.err() != nil {
		return
	}
	err := write()
	if err == nil {
		return
	}
	o.mu.Lock()
	o.failed = err
	o.mu.Unlock()
	if isReaderGone(err) {
		o.notice("nobody reads %s any more: nothing is passed through from here on, records are taken as before", o.name)
	} else {
		o.notice("%s cannot be written, nothing is passed through from here on, records are taken as before: %v", o.name, err)
	}
}

func (o *outflow) err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}

// failure is what kept bytes from being passed on, unless the reader wanted no more.
func (o *outflow) failure() error {
	if err := o.err(); err != nil && !isReaderGone(err) {
		return &ExitError{Code: 1} // people were told
	}
	return nil
}

func isReaderGone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}

// passing reads and passes on what it read. It ends when ctx does: what comes then is
// neither passed on nor stored.
type passing struct {
	ctx context.Context
	in  io.Reader
	out *outflow
}

// Read implements io.Reader.
func (p *passing) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, io.EOF
	}
	n, err := p.in.Read(b)
	if p.ctx.Err() != nil {
		return 0, io.EOF
	}
	p.out.pass(b[:n])
	return n, err
}
