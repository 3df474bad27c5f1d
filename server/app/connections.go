package app

import (
	"fmt"
	"io"
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
	telling chan struct{} // full when maxTold are being told
}

// busyHTTP is what an HTTP client is told that comes when there are too many.
func busyHTTP() string {
	const why = `{"error":{"code":"unavailable","message":"too many connections at once","hint":"come again; the server's --max-connections is the limit"}}`
	return fmt.Sprintf("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(why), why)
}

// A connection too many is told so within tellTimeout, and at most maxTold at once are:
// those beyond it are only closed.
const (
	tellTimeout = time.Second
	maxTold     = 64
)

func bound(l net.Listener, most int, answer string) *boundedListener {
	return &boundedListener{Listener: l, most: int64(most), answer: answer, telling: make(chan struct{}, maxTold)}
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
		select {
		case l.telling <- struct{}{}:
			go func() {
				defer func() { <-l.telling }()
				tell(conn, l.answer)
			}()
		default:
			_ = conn.Close() // it was not to be served anyway
		}
	}
}

// tell answers what a client sends, once it has begun to: some take an answer that comes
// before their request for a fault. It reads to the end, because closing with something
// unread would reset the connection, and the client would not see the answer. What goes
// wrong does not matter: the connection was not to be served.
func tell(conn net.Conn, answer string) {
	defer conn.Close() //nolint:errcheck // see above
	if err := conn.SetDeadline(time.Now().Add(tellTimeout)); err != nil {
		return
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		return
	}
	if _, err := io.WriteString(conn, answer); err != nil {
		return
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, conn)
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
