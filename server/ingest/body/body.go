// Package body reads the body of a request within bounds, and unpacks it.
//
// [Read] is all there is. It neither parses nor answers: its errors say what the
// sender did wrong, and each protocol answers in its own words.
package body

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// Limits bound a body; zero fields take the defaults.
type Limits struct {
	Sent     int64 // bytes as sent; default DefaultSent
	Unpacked int64 // bytes after unpacking; default DefaultUnpacked
}

// Defaults of a body. The log-collector's Python client sends its whole queue of
// 10,000 records at exit: 2.7 MB of small records, 20 MB of large ones.
const (
	DefaultSent     = 32 << 20
	DefaultUnpacked = 64 << 20
)

// WithDefaults returns the limits with defaults for those that are zero.
func (l Limits) WithDefaults() Limits {
	if l.Sent <= 0 {
		l.Sent = DefaultSent
	}
	if l.Unpacked <= 0 {
		l.Unpacked = DefaultUnpacked
	}
	return l
}

// Encodings that a protocol may allow.
const (
	Identity = "identity" // as it is
	Gzip     = "gzip"
	Zstd     = "zstd"
	Snappy   = "snappy" // the block format, which Loki's and Prometheus' clients send
)

// TooLargeError is a body over a limit.
type TooLargeError struct {
	Limit    int64
	Unpacked bool // it was over after unpacking
}

func (e *TooLargeError) Error() string {
	if e.Unpacked {
		return fmt.Sprintf("the body is larger than %d bytes after unpacking", e.Limit)
	}
	return fmt.Sprintf("the body is larger than %d bytes", e.Limit)
}

// EncodingError is a body that is not what its Content-Encoding says, or one whose
// encoding is not known; Err is nil then.
type EncodingError struct {
	Encoding string
	Err      error
}

func (e *EncodingError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("the encoding %q is not known", e.Encoding)
	}
	return fmt.Sprintf("the body is not %s: %v", e.Encoding, e.Err)
}

func (e *EncodingError) Unwrap() error { return e.Err }

// Encoding returns a request's Content-Encoding in lower case, "" for none.
func Encoding(r *http.Request) string {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ", ")))
	if encoding == Identity {
		return ""
	}
	return encoding
}

// Read returns the request's body, unpacked from encoding ("" or [Identity] for a body
// that is not packed). Its errors are *TooLargeError, *EncodingError, those of a connection
// that broke, and those of hold, which is asked as more than so many bytes have come;
// nil: it is not asked.
func Read(r *http.Request, encoding string, limits Limits, hold func(bytes int64) error) ([]byte, error) {
	limits = limits.WithDefaults()
	if r.ContentLength > limits.Sent {
		return nil, &TooLargeError{Limit: limits.Sent}
	}
	sent := &meter{r: r.Body, left: limits.Sent, limit: limits.Sent}
	switch encoding {
	case "", Identity:
		return all(&holder{r: sent, hold: hold}, min(limits.Sent, limits.Unpacked), limits, max(r.ContentLength, 0))
	case Gzip:
		return unpack(Gzip, limits, sent, hold, func() (io.Reader, func(), error) {
			z, err := gzip.NewReader(sent)
			return z, func() {}, err
		})
	case Snappy:
		return unpackBlock(sent, limits, hold)
	case Zstd:
		return unpack(Zstd, limits, sent, hold, func() (io.Reader, func(), error) {
			z, err := zstd.NewReader(sent, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
			if err != nil {
				return nil, nil, err
			}
			return z, z.Close, nil
		})
	}
	return nil, &EncodingError{Encoding: encoding}
}

// unpackBlock unpacks a snappy block, which tells its size in front.
func unpackBlock(sent *meter, limits Limits, hold func(int64) error) ([]byte, error) {
	packed, err := all(&holder{r: sent, hold: hold}, min(limits.Sent, limits.Unpacked), limits, 0)
	if err != nil {
		return nil, err
	}
	n, err := snappy.DecodedLen(packed)
	if err != nil {
		return nil, &EncodingError{Snappy, err}
	}
	if int64(n) > limits.Unpacked {
		return nil, &TooLargeError{Limit: limits.Unpacked, Unpacked: true}
	}
	if hold != nil {
		if err := hold(int64(len(packed)) + int64(n)); err != nil {
			return nil, err
		}
	}
	data, err := snappy.Decode(nil, packed)
	if err != nil {
		return nil, &EncodingError{Snappy, err}
	}
	return data, nil
}

// maxWindow bounds the memory of one zstd stream: 8 MiB is what RFC 8878 asks every
// decoder to support.
const maxWindow = 8 << 20

// unpack reads through a decoder. An error of the connection or of the size comes
// back as that, not as one of the encoding.
func unpack(encoding string, limits Limits, sent *meter, hold func(int64) error, open func() (io.Reader, func(), error)) ([]byte, error) {
	z, done, err := open()
	if err != nil {
		return nil, sent.cause(&EncodingError{encoding, readable(err)})
	}
	defer done()
	held := &holder{r: z, hold: hold}
	data, err := all(held, limits.Unpacked, limits, 0)
	var large *TooLargeError
	if err == nil || held.refused != nil || errors.As(err, &large) {
		return data, err
	}
	return nil, sent.cause(&EncodingError{encoding, readable(err)})
}

// readable gives an end that came too early its name.
func readable(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}

// all reads up to limit bytes. A larger body is a TooLargeError. A sender says how much
// it is going to send before it does, or never does: it gets room for what has come.
func all(r io.Reader, limit int64, limits Limits, expected int64) ([]byte, error) {
	most, first := limit, int64(firstRoom)
	if expected > 0 {
		most, first = min(limit, expected), min(limit, expected, knownRoom)
	}
	data := make([]byte, 0, first+leastRead)
	for {
		if cap(data)-len(data) < leastRead {
			data = grown(data, limit, most)
		}
		n, err := r.Read(data[len(data):min(int64(cap(data)), limit+1)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > limit:
			return nil, &TooLargeError{Limit: limit, Unpacked: limit != limits.Sent}
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			var large *TooLargeError
			if errors.As(err, &large) {
				return nil, large
			}
			return nil, fmt.Errorf("read the body: %w", err)
		}
	}
}

const (
	leastRead = 512       // the least room that is offered to a read
	firstRoom = 64 << 10  // before anything came of a body of unknown size
	knownRoom = 1 << 20   // the same of a known one: the usual body of 700 KB is read without a copy
	quickRoom = 512 << 10 // up to this the room grows fourfold: two copies for the usual body, packed
)

// grown makes more room for a body, but not beyond what it is going to have: the last
// step of a large one would else take twice that.
func grown(data []byte, limit, most int64) []byte {
	size := int64(2 * cap(data))
	if cap(data) <= quickRoom {
		size *= 2
	}
	if most > int64(len(data)) {
		limit = most
	}
	more := make([]byte, len(data), min(size, limit)+2*leastRead)
	copy(more, data)
	return more
}

// meter fails once more than its limit was read, and remembers how reading failed.
type meter struct {
	r           io.Reader
	left, limit int64
	err         error
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left < 0 {
		return 0, m.err
	}
	n, err := m.r.Read(p)
	m.left -= int64(n)
	switch {
	case m.left < 0:
		m.err = &TooLargeError{Limit: m.limit}
		return n, m.err
	case err != nil && err != io.EOF:
		m.err = fmt.Errorf("read the body: %w", err)
	}
	return n, err
}

// cause returns why reading failed, or else when it did not.
func (m *meter) cause(otherwise error) error {
	if m.err != nil {
		return m.err
	}
	return otherwise
}

// holder asks as more comes.
type holder struct {
	r       io.Reader
	hold    func(bytes int64) error
	held    int64 // what was asked for
	taken   int64
	refused error
}

// holdStep is how much is asked for at once.
const holdStep = 64 << 10

func (h *holder) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.taken += int64(n)
	if h.hold != nil && h.taken > h.held {
		h.held = h.taken + holdStep
		if h.refused = h.hold(h.held); h.refused != nil {
			return 0, h.refused
		}
	}
	return n, err
}
