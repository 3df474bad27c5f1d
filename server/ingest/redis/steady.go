package redis

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"time"
)

// steadyDialer is a dialer whose connections time out when nothing moves, not when much
// does: what is read or written sets the deadline anew. The client has one deadline for
// a whole reply, which a batch over a slow link never meets.
func steadyDialer(dial dialer) dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		steady := &steadyConn{Conn: conn}
		if system, ok := conn.(syscall.Conn); ok {
			return steadySystemConn{steady, system}, nil
		}
		return steady, nil
	}
}

// writeAtOnce is how much is written before the deadline is set anew: on the slowest
// links in use it takes a few seconds.
const writeAtOnce = 32 << 10

// steadyConn is a connection whose deadlines count from when something moved last.
type steadyConn struct {
	net.Conn
	read, write atomic.Int64 // how long to wait, as a time.Duration; 0: for ever
}

// steadySystemConn lets the client look whether its socket is still open.
type steadySystemConn struct {
	*steadyConn
	syscall.Conn
}

var (
	_ net.Conn     = steadySystemConn{}
	_ syscall.Conn = steadySystemConn{}
)

func (c *steadyConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if wait := c.read.Load(); n > 0 && wait > 0 && err == nil {
		err = c.Conn.SetReadDeadline(time.Now().Add(time.Duration(wait)))
	}
	return n, err
}

func (c *steadyConn) Write(b []byte) (written int, err error) {
	for {
		n, err := c.Conn.Write(b[:min(len(b), writeAtOnce)])
		written += n
		if b = b[n:]; err != nil || len(b) == 0 {
			return written, err
		}
		if wait := c.write.Load(); wait > 0 {
			if err := c.Conn.SetWriteDeadline(time.Now().Add(time.Duration(wait))); err != nil {
				return written, err
			}
		}
	}
}

func (c *steadyConn) SetDeadline(t time.Time) error {
	c.read.Store(spanUntil(t))
	c.write.Store(spanUntil(t))
	return c.Conn.SetDeadline(t)
}

func (c *steadyConn) SetReadDeadline(t time.Time) error {
	c.read.Store(spanUntil(t))
	return c.Conn.SetReadDeadline(t)
}

func (c *steadyConn) SetWriteDeadline(t time.Time) error {
	c.write.Store(spanUntil(t))
	return c.Conn.SetWriteDeadline(t)
}

// spanUntil is how long it is until a deadline; 0 when there is none, or it has passed.
func spanUntil(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return int64(max(time.Until(t), 0))
}
