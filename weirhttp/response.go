package weirhttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// response counts what a handler answers. It belongs to the request's goroutine, as
// every http.ResponseWriter does.
type response struct {
	http.ResponseWriter
	status   int // 0: nothing was written yet
	bytes    int64
	hijacked bool
}

// begin notes the status of the answer. An informational one (1xx) is not the
// answer yet; 101 is.
func (r *response) begin(status int) {
	if r.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
}

// WriteHeader implements http.ResponseWriter.
func (r *response) WriteHeader(status int) {
	r.begin(status)
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *response) Write(p []byte) (int, error) {
	r.begin(http.StatusOK)
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// WriteString implements io.StringWriter: without it io.WriteString would copy.
func (r *response) WriteString(s string) (int, error) {
	r.begin(http.StatusOK)
	n, err := io.WriteString(r.ResponseWriter, s)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach what is wrapped: deadlines, full duplex.
func (r *response) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// answered is the status that the client sees.
func (r *response) answered() int {
	switch {
	case r.status != 0:
		return r.status
	case r.hijacked:
		return http.StatusSwitchingProtocols
	}
	return http.StatusOK // net/http's own, when a handler writes nothing
}

// The abilities that a ResponseWriter may have besides; a handler finds out by asking
// for the interface, so the wrapper must have exactly those of what it wraps.
type (
	flusher    struct{ r *response }
	hijacker   struct{ r *response }
	readerFrom struct{ r *response }
)

func (f flusher) Flush() { _ = f.FlushError() }

func (f flusher) FlushError() error {
	f.r.begin(http.StatusOK)
	return http.NewResponseController(f.r.ResponseWriter).Flush()
}

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := h.r.ResponseWriter.(http.Hijacker).Hijack()
	if err == nil {
		h.r.hijacked = true
	}
	return conn, rw, err
}

// ReadFrom keeps sendfile in use.
func (f readerFrom) ReadFrom(src io.Reader) (int64, error) {
	f.r.begin(http.StatusOK)
	n, err := f.r.ResponseWriter.(io.ReaderFrom).ReadFrom(src)
	f.r.bytes += n
	return n, err
}

const (
	canFlush = 1 << iota
	canHijack
	canReadFrom
	canPush
)

// writer returns r with the abilities of what it wraps.
func (r *response) writer() http.ResponseWriter {
	can := 0
	switch r.ResponseWriter.(type) {
	case http.Flusher, interface{ FlushError() error }:
		can |= canFlush
	}
	if _, ok := r.ResponseWriter.(http.Hijacker); ok {
		can |= canHijack
	}
	if _, ok := r.ResponseWriter.(io.ReaderFrom); ok {
		can |= canReadFrom
	}
	pusher, ok := r.ResponseWriter.(http.Pusher)
	if ok {
		can |= canPush
	}
	f, h, rf := flusher{r}, hijacker{r}, readerFrom{r}
	switch can {
	case canFlush | canHijack | canReadFrom: // HTTP/1
		return struct {
			*response
			flusher
			hijacker
			readerFrom
		}{r, f, h, rf}
	case canFlush | canPush: // HTTP/2
		return struct {
			*response
			flusher
			http.Pusher
		}{r, f, pusher}
	case canFlush:
		return struct {
			*response
			flusher
		}{r, f}
	case canFlush | canHijack, canFlush | canHijack | canPush:
		return struct {
			*response
			flusher
			hijacker
		}{r, f, h}
	case canFlush | canReadFrom, canFlush | canReadFrom | canPush:
		return struct {
			*response
			flusher
			readerFrom
		}{r, f, rf}
	case canHijack, canHijack | canPush:
		return struct {
			*response
			hijacker
		}{r, h}
	case canReadFrom, canReadFrom | canPush:
		return struct {
			*response
			readerFrom
		}{r, rf}
	case canHijack | canReadFrom, canHijack | canReadFrom | canPush:
		return struct {
			*response
			hijacker
			readerFrom
		}{r, h, rf}
	case canPush:
		return struct {
			*response
			http.Pusher
		}{r, pusher}
	case canFlush | canHijack | canReadFrom | canPush: // other wrappers that claim all
		return struct {
			*response
			flusher
			hijacker
			readerFrom
			http.Pusher
		}{r, f, h, rf, pusher}
	}
	return r
}
