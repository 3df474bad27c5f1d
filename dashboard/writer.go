package dashboard

import (
	"errors"
	"net/http"
	"os"
	"time"
)

// writer writes to a client that may stop reading: each write must be taken
// within the timeout, else the client is dropped and counted.
type writer struct {
	d       *Dashboard
	w       http.ResponseWriter
	control *http.ResponseController
}

// newWriter takes over w. A server's read deadline ends with it: it would cut a
// long answer off.
func (d *Dashboard) newWriter(w http.ResponseWriter) *writer {
	out := &writer{d, w, http.NewResponseController(w)}
	// A writer without deadlines (a test's recorder) is one that cannot hang.
	_ = out.control.SetReadDeadline(time.Time{})
	return out
}

// chunk is what must be taken within the timeout: small enough for a slow line.
const chunk = 64 << 10

// write sends body on its way; the client's machine, or the buffers before it,
// have it when it returns nil.
func (o *writer) write(body []byte) error {
	for first := true; first || len(body) > 0; first = false {
		_ = o.control.SetWriteDeadline(time.Now().Add(o.d.opts.WriteTimeout))
		n := min(len(body), chunk)
		if _, err := o.w.Write(body[:n]); err != nil {
			return o.failed(err)
		}
		body = body[n:]
	}
	if err := o.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return o.failed(err)
	}
	return nil
}

func (o *writer) failed(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		o.d.viewersDropped.Add(1)
	}
	return err
}

// finish gives the connection's next request a fresh start.
func (o *writer) finish() { _ = o.control.SetWriteDeadline(time.Time{}) }
