package app

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// boundedListener bounds the connections to one address. One too many is answered in a
// word and closed: a client that waits in the backlog would not know why.
type boundedListener struct {
	net.Listener

	most    int64
	answer  string // what a connection too many is told
	open    atomic.Int64
	refused atomic.Uint64
}

// busyHTTP is what an HTTP client is told that comes when there are too many.
func busyHTTP() string {
	const why = `{"error":{"code":"unavailable","message":"too many connections at once","hint":"come again; the server's --max-connections is the limit"}}`
	return fmt.Sprintf("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(why), why)
}

// tellTimeout bounds how long a connection too many may take to be told so.
const tellTimeout = time.Second

func bound(l net.Listener, most int, answer string) *boundedListener {
	return &boundedListener{Listener: l, most: int64(most), answer: answer}
}

// Accept implements net.Listener.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= l.most {
			return &countedConn{Conn: conn, open: &l.open}, nil
		}
		l.open.Add(-1)
		l.refused.Add(1)
		// A short text fits the socket's buffer, so this does not wait for the client.
		if err := conn.SetDeadline(time.Now().Add(tellTimeout)); err == nil {
			_, err = conn.Write([]byte(l.answer))
			_ = errors.Join(err, conn.Close()) // it was not to be served anyway
		}
	}
}

// countedConn gives its place back once, when it is closed.
type countedConn struct {
	net.Conn

	once sync.Once
	open *atomic.Int64
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}
