package weirhttp

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// client is the other end of a stream. It belongs to one goroutine at a time.
type client struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
}

// newClient takes over w. A server's read deadline ends with it: it would cut a long
// answer off. The request's body can still be read once the answer has begun, which
// HTTP/1 must be told.
func newClient(w http.ResponseWriter, timeout time.Duration) *client {
	c := &client{w, http.NewResponseController(w), timeout}
	// A writer without deadlines (a test's recorder) is one that cannot hang.
	_ = c.control.SetReadDeadline(time.Time{})
	_ = c.control.EnableFullDuplex()
	return c
}

// chunk is what must be taken within the timeout: small enough for a slow line.
const chunk = 64 << 10

// write sends text on its way. Its error means that the client has left, or takes
// nothing any more.
func (c *client) write(text []byte) error {
	for first := true; first || len(text) > 0; first = false {
		_ = c.control.SetWriteDeadline(time.Now().Add(c.timeout))
		n := min(len(text), chunk)
		if _, err := c.w.Write(text[:n]); err != nil {
			return err
		}
		text = text[n:]
	}
	if err := c.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// finish gives the connection's next request a fresh start.
func (c *client) finish() { _ = c.control.SetWriteDeadline(time.Time{}) }

// silence is after how long without a record the stream shows that it is alive: half
// of what common proxies (nginx, 60 s) wait before they cut a connection.
const silence = 30 * time.Second

// pump writes what comes in q until q is closed, the client fails, or ctx ends. No
// line waits for another: what is there is written and flushed at once.
func (c *client) pump(ctx context.Context, q *lines) error {
	timer := time.NewTimer(silence)
	defer timer.Stop()
	var spare []byte
	for {
		text, open := q.take(spare)
		spare = text
		if len(text) > 0 {
			if err := c.write(text); err != nil {
				return err
			}
			timer.Reset(silence)
			continue
		}
		if !open {
			return nil
		}
		select {
		case <-q.ready:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			timer.Reset(silence)
			if err := c.write(q.form.idle(nil)); err != nil {
				return err
			}
		}
	}
}
