package redis

import (
	"context"
	"errors"
	"net"
	"time"
)

// dialer makes a connection.
type dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

// quietDialer is a dialer without errors: where none is to be had, it returns a
// connection that fails with the error at once. The client writes errors of dialing to
// the standard error itself, each time; this package tells them its own way.
func quietDialer(dial dialer) dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return failed{&dialError{err}}, nil
		}
		return conn, nil
	}
}

// dialError says that nobody was reached.
type dialError struct{ err error }

// isDial reports whether nobody was reached. The client may have taken the outermost
// error off.
func isDial(err error) bool {
	var own *dialError
	var op *net.OpError
	return errors.As(err, &own) || errors.As(err, &op) && op.Op == "dial"
}

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// failed is a connection that never was.
type failed struct{ err error }

var _ net.Conn = failed{}

func (f failed) Read([]byte) (int, error)         { return 0, f.err }
func (f failed) Write([]byte) (int, error)        { return 0, f.err }
func (f failed) Close() error                     { return nil }
func (f failed) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (f failed) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (f failed) SetDeadline(time.Time) error      { return nil }
func (f failed) SetReadDeadline(time.Time) error  { return nil }
func (f failed) SetWriteDeadline(time.Time) error { return nil }
