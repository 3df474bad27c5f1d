// Package body reads the body of a request within bounds, and unpacks it.
//
// [NewReader] makes what reads all of a server's, [Reader.Read] reads one. It neither
// parses nor answers: its errors say what the sender did wrong, and each protocol
// answers in its own words.
package body

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/snappy"
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

// PackedRatio is how many times its size a packed body is expected to be: logs of servers
// pack to a fifth to a seventeenth, and most to about a tenth.
const PackedRatio = 12

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

// Reader reads bodies within limits. It keeps decoders from one body to the next, because
// making one costs more than unpacking a small body; the garbage collector takes those
// that are not needed. It may be used concurrently.
type Reader struct {
	limits Limits
	gzips  sync.Pool // of *gunzipper
	zstds  sync.Pool // of *unzstder
}

// NewReader makes a reader.
func NewReader(limits Limits) *Reader { return &Reader{limits: limits.WithDefaults()} }

// Read returns the request's body, unpacked from encoding ("" or [Identity] for a body
// that is not packed). Its errors are *TooLargeError, *EncodingError, those of a connection
// that broke, and those of hold, which is asked before more than FirstRoom bytes are taken
// of memory, each time with all that the body then takes; nil: it is not asked.
func (rd *Reader) Read(r *http.Request, encoding string, hold func(bytes int64) error) ([]byte, error) {
	if r.ContentLength > rd.limits.Sent {
		return nil, &TooLargeError{Limit: rd.limits.Sent}
	}
	sent := &meter{r: r.Body, left: rd.limits.Sent, limit: rd.limits.Sent}
	known := max(r.ContentLength, 0)
	switch encoding {
	case "", Identity:
		return rd.packed(sent, known, hold)
	case Snappy:
		return rd.unpackBlock(sent, known, hold)
	case Zstd:
		return rd.unpackFrames(sent, known, hold)
	case Gzip:
		return rd.unpack(encoding, sent, known, hold)
	}
	return nil, &EncodingError{Encoding: encoding}
}

// packed reads a body as it came.
func (rd *Reader) packed(sent *meter, known int64, hold func(int64) error) ([]byte, error) {
	limit := min(rd.limits.Sent, rd.limits.Unpacked)
	return rd.all(sent, &buffer{limit: limit, most: known, data: room(min(limit, known)), hold: hold})
}

// unpackBlock unpacks a snappy block, which tells its size in front.
func (rd *Reader) unpackBlock(sent *meter, known int64, hold func(int64) error) ([]byte, error) {
	packed, err := rd.packed(sent, known, hold)
	if err != nil {
		return nil, err
	}
	n, err := snappy.DecodedLen(packed)
	if err != nil {
		return nil, &EncodingError{Snappy, err}
	}
	if int64(n) > rd.limits.Unpacked {
		return nil, &TooLargeError{Limit: rd.limits.Unpacked, Unpacked: true}
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

// unpackFrames unpacks zstd. A decoder takes a window of up to maxWindow as soon as the
// first bytes say so, and a sender that stalls then would keep it: the body is read
// first, and room taken for the window.
func (rd *Reader) unpackFrames(sent *meter, known int64, hold func(int64) error) ([]byte, error) {
	packed, err := rd.packed(sent, known, hold)
	if err != nil {
		return nil, err
	}
	size := int64(len(packed))
	if hold != nil {
		outer, beside := hold, size+window(packed)
		hold = func(bytes int64) error { return outer(beside + bytes) }
		if err := hold(FirstRoom); err != nil {
			return nil, err
		}
	}
	return rd.unpack(Zstd, &meter{r: bytes.NewReader(packed), left: size, limit: size}, size, hold)
}

// unpack reads through a decoder. An error of the connection or of the size comes
// back as that, not as one of the encoding.
func (rd *Reader) unpack(encoding string, sent *meter, known int64, hold func(int64) error) ([]byte, error) {
	z, done, err := rd.decoder(encoding, sent)
	defer done()
	if err != nil {
		return nil, sent.cause(&EncodingError{encoding, readable(err)})
	}
	into := &buffer{limit: rd.limits.Unpacked, data: room(min(rd.limits.Unpacked, PackedRatio*known)), hold: hold}
	data, err := rd.all(z, into)
	var large *TooLargeError
	switch {
	case err == nil:
		return fitted(data), nil
	case into.refused || errors.As(err, &large):
		return nil, err
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

// all reads up to the buffer's limit. A larger body is a TooLargeError.
func (rd *Reader) all(r io.Reader, b *buffer) ([]byte, error) {
	for {
		free, err := b.free()
		if err != nil {
			return nil, err
		}
		n, err := r.Read(free)
		b.data = b.data[:len(b.data)+n]
		switch {
		case int64(len(b.data)) > b.limit:
			return nil, &TooLargeError{Limit: b.limit, Unpacked: b.limit != rd.limits.Sent}
		case errors.Is(err, io.EOF):
			return b.data, nil
		case err != nil:
			var large *TooLargeError
			if errors.As(err, &large) {
				return nil, large
			}
			return nil, fmt.Errorf("read the body: %w", err)
		}
	}
}
