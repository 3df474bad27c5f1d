package record

import (
	"bytes"
	"errors"
	"io"
)

// DefaultMaxRecord is the longest line or array element that a Reader hands over
// in one piece unless told: room for any stack trace, and a bound on what one
// broken sender can make a server hold.
const DefaultMaxRecord = 16 << 20

// readerChunk is how much a Reader asks for at once at first.
const readerChunk = 64 << 10

// ErrTooLong comes with a piece of a line that is longer than the limit; the
// following pieces come with it, too, the last one included.
var ErrTooLong = errors.New("the line is longer than the limit")

// ReaderOptions bound a Reader; zero fields take the defaults.
type ReaderOptions struct {
	MaxRecord int // in bytes; default DefaultMaxRecord
}

// Reader finds the records in a body or a stream: NDJSON, that is one record on a
// line; or JSON arrays of records; or objects that are spread over several lines.
// It takes "\n" and "\r\n", skips empty lines and a byte order mark, and needs no
// newline after the last line. It does not decode anything.
type Reader struct {
	src io.Reader
	max int

	buf    []byte
	pos    int   // the next byte of buf to look at
	base   int64 // the offset of buf[0] in the stream
	srcErr error // why no more is read, io.EOF mostly
	failed error // why no more is handed over, after an error in an array

	mode    readerMode
	started bool // past the byte order mark
	pieces  bool // inside a line that is too long
	pretty  bool // objects may go over several lines
	lists   bool // the first element of an array may go over several lines, without being an object
	none    bool // nothing in this array yet
}

type readerMode uint8

const (
	atTop    readerMode = iota // before a line, an object or an array
	inArray                    // before an element
	afterOne                   // after an element
)

// NewReader returns a Reader of r, which it reads in big pieces.
func NewReader(r io.Reader, opt ReaderOptions) *Reader {
	if opt.MaxRecord <= 0 {
		opt.MaxRecord = DefaultMaxRecord
	}
	return &Reader{src: r, max: opt.MaxRecord, pretty: true, lists: true}
}

// Next returns the bytes of the next record, valid until the next call. They are
// not more than a guess: a line that is not a JSON object is returned as it is, for
// the caller to keep as text. A line longer than the limit comes in pieces, each
// with ErrTooLong. The other errors end the reading: io.EOF; inside an array a
// *SyntaxError with its offset in the stream, also for an element beyond the
// limit; or the source's own, after all complete lines that came before it.
func (rd *Reader) Next() ([]byte, error) {
	for rd.failed == nil {
		if rd.mode == atTop {
			raw, err := rd.top()
			if raw != nil || err != nil {
				return raw, err
			}
			continue
		}
		raw, err := rd.element()
		if raw != nil || err != nil {
			return raw, err
		}
	}
	return nil, rd.failed
}

// top reads a line, or an object over several lines; it returns nothing when an
// array begins or a line is empty.
func (rd *Reader) top() ([]byte, error) {
	rd.skipMark()
	first, blank := rd.firstOnLine()
	if first == '[' && !rd.pieces && rd.arrayBegins() {
		return nil, nil
	}
	line, whole, err := rd.line()
	if err != nil {
		return nil, err
	}
	if !whole || rd.pieces {
		rd.pieces = !whole
		return rd.advance(len(line)), ErrTooLong
	}
	length := len(line) // what follows may move the buffer
	switch {
	case blank:
		rd.advance(length)
		return nil, nil
	case first == '{' && rd.pretty:
		if raw := rd.spread(line); raw != nil {
			return raw, nil
		}
	}
	return rd.advance(length), nil
}

// skipMark skips a byte order mark at the start, and waits for no more bytes than
// can tell.
func (rd *Reader) skipMark() {
	if rd.started {
		return
	}
	rd.started = true
	const mark = "\xEF\xBB\xBF"
	for len(rd.buf) < len(mark) && mark[:len(rd.buf)] == string(rd.buf) && rd.fill() {
	}
	if bytes.HasPrefix(rd.buf, []byte(mark)) {
		rd.pos = len(mark)
	}
}

// line returns the bytes up to the next newline, without moving. whole is false
// when there are more than the limit.
func (rd *Reader) line() (line []byte, whole bool, err error) {
	from := rd.pos
	for {
		if i := bytes.IndexByte(rd.buf[from:], '\n'); i >= 0 {
			line = rd.buf[rd.pos : from+i+1]
			break
		}
		// Two bytes more, so that what is left is not the newline alone.
		if len(rd.buf)-rd.pos > rd.max+2 {
			return rd.buf[rd.pos : rd.pos+rd.max], false, nil
		}
		held := len(rd.buf) - rd.pos
		if !rd.fill() {
			if held == 0 || !errors.Is(rd.srcErr, io.EOF) {
				return nil, false, rd.srcErr
			}
			line = rd.buf[rd.pos:]
			break
		}
		from = rd.pos + held
	}
	if len(trimNewline(line)) > rd.max {
		return line[:rd.max], false, nil
	}
	return line, true, nil
}

// advance moves on by length bytes and returns them without a newline at the end.
func (rd *Reader) advance(length int) []byte {
	line := rd.buf[rd.pos : rd.pos+length]
	rd.pos += length
	return trimNewline(line)
}

func trimNewline(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
		if n > 1 && line[n-2] == '\r' {
			line = line[:n-2]
		}
	}
	return line
}

// firstOnLine returns the first byte of the line that is not white space, without
// moving; blank says that there is none.
func (rd *Reader) firstOnLine() (first byte, blank bool) {
	for i := 0; ; i++ {
		if rd.pos+i >= len(rd.buf) && (i > rd.max || !rd.fill()) {
			return 0, true
		}
		switch c := rd.buf[rd.pos+i]; {
		case c == '\n':
			return 0, true
		case !isSpace(c):
			return c, false
		}
	}
}

// fill reads more of the source behind what is there, and moves that to the front
// of the buffer when there is no room. It reports whether anything came.
func (rd *Reader) fill() bool {
	if rd.srcErr != nil {
		return false
	}
	if rd.pos > 0 && (rd.pos == len(rd.buf) || len(rd.buf) == cap(rd.buf)) {
		n := copy(rd.buf[:cap(rd.buf)], rd.buf[rd.pos:])
		rd.base += int64(rd.pos)
		rd.buf, rd.pos = rd.buf[:n], 0
	}
	if len(rd.buf) == cap(rd.buf) {
		grown := make([]byte, len(rd.buf), max(readerChunk, 2*cap(rd.buf)))
		copy(grown, rd.buf)
		rd.buf = grown
	}
	for range 100 {
		n, err := rd.src.Read(rd.buf[len(rd.buf):cap(rd.buf)])
		rd.buf = rd.buf[:len(rd.buf)+n]
		if err != nil {
			rd.srcErr = err
		}
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	rd.srcErr = io.ErrNoProgress
	return false
}
