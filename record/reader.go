package record

import (
	"bytes"
	"errors"
	"io"
	"unsafe"
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
	return &Reader{src: r, max: opt.MaxRecord, pretty: true}
}

// Next returns the bytes of the next record, valid until the next call. They are
// not more than a guess: a line that is not a JSON object is returned as it is, for
// the caller to keep as text. A line longer than the limit comes in pieces, each
// with ErrTooLong. The other errors end the reading: io.EOF; a *SyntaxError with
// its offset in the stream, inside an array, for an element beyond the limit, too; or the source's own, after all
// complete lines that came before it.
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
	line, whole, err := rd.line()
	if err != nil {
		return nil, err
	}
	if !whole || rd.pieces {
		rd.pieces = !whole
		return rd.advance(len(line)), ErrTooLong
	}
	length := len(line) // what follows may move the buffer
	switch first := firstByte(line); {
	case first == 0:
		rd.advance(length)
		return nil, nil
	case first == '[' && rd.arrayBegins():
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
			if held == 0 || rd.srcErr != io.EOF {
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

// firstByte returns the first byte that is not white space, 0 when there is none.
func firstByte(line []byte) byte {
	for _, c := range line {
		if !isSpace(c) {
			return c
		}
	}
	return 0
}

// arrayBegins looks whether the line at the present place begins a JSON array,
// and if so goes into it. A line like "[2026-01-02] started" does not.
func (rd *Reader) arrayBegins() bool {
	from := bytes.IndexByte(rd.buf[rd.pos:], '[') + 1
	_, ok := rd.scan(from, func(p *scanner) bool {
		switch p.peek() {
		case '{':
			return true
		case ']':
			p.i++
			return lineEnds(p)
		}
		if !p.skip() {
			return false
		}
		switch p.peek() {
		case ',':
			return true
		case ']':
			p.i++
			return lineEnds(p)
		}
		return p.failHere("a comma or ]")
	})
	if !ok {
		return false
	}
	rd.pos += from
	rd.mode, rd.none = inArray, true
	return true
}

// lineEnds reports whether only spaces are left on the line.
func lineEnds(p *scanner) bool {
	for ; p.i < len(p.s) && p.s[p.i] != '\n'; p.i++ {
		if !isSpace(p.s[p.i]) {
			return p.failHere("a new line")
		}
	}
	return true
}

// spread returns the object that begins on this line and ends on a later one; nil
// when this line is not the start of one. Once it fails it is not tried again, so
// that a stream with broken lines is not read anew from each of them.
func (rd *Reader) spread(line []byte) []byte {
	p := scanner{s: view(line)}
	rd.pretty = !p.skip() && p.i == len(p.s) && !p.inString
	if !rd.pretty {
		return nil
	}
	length, ok := rd.scan(0, func(p *scanner) bool { return p.skip() && lineEnds(p) })
	if !ok || length > rd.max {
		rd.pretty = false
		return nil
	}
	raw := rd.buf[rd.pos : rd.pos+length]
	rd.pos += length
	return bytes.TrimSpace(raw)
}

// longestWord is the longest token that the scanner takes as a whole or not at
// all; closer to the end of the text a failure may be for want of more.
const longestWord = len("-Infinity")

// scan calls walk on what begins at rd.pos+from, with more of the stream each time
// that walk comes to its end, and returns how many bytes walk passed, from rd.pos.
func (rd *Reader) scan(from int, walk func(*scanner) bool) (length int, ok bool) {
	for {
		p := scanner{s: view(rd.buf[rd.pos+from:])}
		ok = walk(&p)
		left := len(p.s) - p.i
		if ok && left > 0 || !ok && left > longestWord || len(rd.buf)-rd.pos > rd.max || !rd.more() {
			return from + p.i, ok
		}
	}
}

// more fills the buffer: when there is much already, until there is twice as much,
// because it will be looked at again from the start.
func (rd *Reader) more() bool {
	held := len(rd.buf) - rd.pos
	if !rd.fill() {
		return false
	}
	if held >= readerChunk {
		for len(rd.buf)-rd.pos < 2*held && rd.fill() {
		}
	}
	return true
}

// element reads the next element of the array; nothing when the array ends.
func (rd *Reader) element() ([]byte, error) {
	if rd.mode == afterOne || rd.none {
		c, ok := rd.peek()
		switch {
		case ok && c == ']':
			rd.pos++
			rd.mode = atTop
			return nil, nil
		case rd.mode == afterOne && c != ',':
			return nil, rd.syntax("a comma or ]")
		case rd.mode == afterOne:
			rd.pos++
		}
	}
	rd.mode, rd.none = inArray, false
	if _, ok := rd.peek(); !ok {
		return nil, rd.syntax("a value")
	}
	var failed *SyntaxError
	length, ok := rd.scan(0, func(p *scanner) bool {
		ok := p.skip()
		failed = p.err
		return ok
	})
	switch {
	case length > rd.max || !ok && len(rd.buf)-rd.pos > rd.max && failed.Offset >= rd.max:
		return nil, rd.end(&SyntaxError{Message: "an element of the array is longer than the limit"})
	case !ok:
		return nil, rd.end(failed)
	}
	raw := rd.buf[rd.pos : rd.pos+length]
	rd.pos += length
	rd.mode = afterOne
	return raw, nil
}

// syntax ends the reading because something else was expected at the present byte.
func (rd *Reader) syntax(expected string) error {
	p := scanner{s: view(rd.buf[rd.pos:])}
	p.failHere(expected)
	return rd.end(p.err)
}

// end ends the reading with an error at an offset from the present place, unless
// it is the source's fault.
func (rd *Reader) end(err *SyntaxError) error {
	if rd.srcErr != nil && rd.srcErr != io.EOF {
		rd.failed = rd.srcErr
	} else {
		err.Offset += int(rd.base) + rd.pos
		rd.failed = err
	}
	return rd.failed
}

// peek skips white space and returns the next byte.
func (rd *Reader) peek() (byte, bool) {
	for {
		for ; rd.pos < len(rd.buf); rd.pos++ {
			if c := rd.buf[rd.pos]; !isSpace(c) {
				return c, true
			}
		}
		if !rd.fill() {
			return 0, false
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

// view looks at bytes as a string, for scanning; it must not outlive a change of
// the bytes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
