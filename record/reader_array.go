package record

import (
	"bytes"
	"errors"
	"io"
)

// arrayBegins looks whether the line at the present place begins a JSON array,
// and if so goes into it. A line like "[2026-01-02] started" does not. Looking
// beyond the line for it is given up when it was in vain once, as in spread.
func (rd *Reader) arrayBegins() bool {
	from := bytes.IndexByte(rd.buf[rd.pos:], '[') + 1
	length, ok := rd.scan(from, func(p *scanner) bool {
		switch p.peek() {
		case '{':
			return true
		case ']':
			p.i++
			return lineEnds(p)
		}
		if !rd.lists {
			return p.failHere("an object")
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
		if end := bytes.IndexByte(rd.buf[rd.pos:], '\n'); end >= 0 && length > end {
			rd.lists = false
		}
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
	if rd.srcErr != nil && !errors.Is(rd.srcErr, io.EOF) {
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
