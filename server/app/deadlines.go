package app

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// HTTP limits. A body may take long to arrive, for slow links send large batches, but
// not stand still, and neither may an answer: both hold room that others wait for.
const (
	readHeaderTimeout = 10 * time.Second
	bodyTimeout       = 2 * time.Minute
	bodyPause         = 15 * time.Second
	answerPause       = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// timed bounds how long a request's body may take to arrive, whether anybody reads it or
// not. It belongs around every route.
func timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := http.NewResponseController(w)
		_ = conn.SetWriteDeadline(time.Time{}) // the last request's on this connection
		if r.ContentLength != 0 {
			b := &timedBody{ReadCloser: r.Body, conn: conn, end: time.Now().Add(bodyTimeout)}
			if err := b.bound(); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			r.Body = b
		}
		next.ServeHTTP(w, r)
	})
}

// timedBody is a body that must go on arriving.
type timedBody struct {
	io.ReadCloser

	conn *http.ResponseController
	end  time.Time // when it must be there
}

// bound gives the next read its time.
func (b *timedBody) bound() error {
	pause := time.Now().Add(bodyPause)
	if pause.After(b.end) {
		pause = b.end
	}
	return b.deadline(pause)
}

// deadline sets the connection's; a writer without any (a test's recorder) cannot hang.
func (b *timedBody) deadline(t time.Time) error {
	if err := b.conn.SetReadDeadline(t); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("bound the time of a body: %w", err)
	}
	return nil
}

// Read implements io.Reader. Once the body is there its time is over: what the server
// listens for then is only whether the client leaves.
func (b *timedBody) Read(p []byte) (int, error) {
	if err := b.bound(); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		if err := b.deadline(time.Time{}); err != nil {
			return n, err
		}
	}
	return n, err
}

// patient bounds how long each piece of an answer may take to be read. Streams have
// bounds of their own.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &timedAnswer{ResponseWriter: w, conn: http.NewResponseController(w)}
		next.ServeHTTP(out, r)
		out.end()
	})
}

// timedAnswer is an answer that must go on being read.
type timedAnswer struct {
	http.ResponseWriter

	conn *http.ResponseController
}

// answerPiece is what must be read within answerPause: little enough for a slow line.
const answerPiece = 64 << 10

// Write implements io.Writer.
func (a *timedAnswer) Write(p []byte) (written int, err error) {
	for first := true; first || len(p) > 0; first = false {
		a.bound()
		n, err := a.ResponseWriter.Write(p[:min(len(p), answerPiece)])
		written += n
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}

// end gives what is still in the server's buffer its time.
func (a *timedAnswer) end() { a.bound() }

// bound ignores a writer without deadlines, which cannot hang, and a connection that is
// gone, which the next write tells.
func (a *timedAnswer) bound() { _ = a.conn.SetWriteDeadline(time.Now().Add(answerPause)) }

// Unwrap is for http.ResponseController.
func (a *timedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
