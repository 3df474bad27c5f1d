package syslog

import "bytes"

// framer finds the messages in the bytes of one connection. Each may be framed in any
// of the ways in use:
//
//	56 <13>1 …      its length in bytes and a space in front (RFC 6587, RFC 5425)
//	<13>1 …\n       a newline behind it
//	<13>1 …\0       a NUL behind it, as Python writes; newlines are then part of it
//
// A number is a length only when a space and a priority follow it. Where lengths turn
// out to be wrong, the framer goes on at the next length with a priority behind it.
//
// The connection's goroutine takes frames from next until there is none, and then
// reads more into space. Every byte is part of a frame, or of the framing.
type framer struct {
	buffer
	max int // the longest message that is handed over in one piece

	seen  int // of rest: bytes without the end of the message
	clean int // of rest: bytes without a NUL

	part    int  // pieces of the present message that were handed over
	cramped bool // it is in pieces because the memory for long messages is in use
	left    int  // of a counted message that is handed over in pieces: bytes to come
	counted bool // the last message had a length
	nul     bool // messages end in NUL
}

// frame is a message, or a piece of a long one.
type frame struct {
	data  []byte // without its framing; valid until the framer is used again
	part  int    // 0: the whole message; else the piece's number, from 1
	note  string // what was wrong with the framing
	stray bool   // it is what a wrong length left over
}

func newFramer(m *memory, longest int) *framer {
	return &framer{buffer: newBuffer(m, longest+2*headRoom), max: longest}
}

// next returns the next message or piece, if it is there.
func (f *framer) next() (frame, bool) {
	switch {
	case f.left > 0:
		return f.countedPiece()
	case f.part > 0:
		return f.line()
	}
	f.skipEnds()
	rest := f.rest()
	if len(rest) == 0 {
		return frame{}, false
	}
	n, digits, sure := countAt(rest)
	switch {
	case !sure:
		return frame{}, false
	case digits > 0:
		return f.countedMessage(n, digits)
	case f.counted && rest[0] != '<':
		return f.stray()
	}
	f.counted = false
	return f.line()
}

// skipEnds skips ends of messages before the next one begins: a newline behind a
// counted message, an empty line.
func (f *framer) skipEnds() {
	rest := f.rest()
	n := 0
	for n < len(rest) {
		switch c := rest[n]; {
		case c == '\n' || c == 0 || c == ' ' && f.counted:
			n++
			continue
		case c == '\r' && n+1 < len(rest) && (rest[n+1] == '\n' || rest[n+1] == 0):
			n += 2
			continue
		}
		break
	}
	f.take(n)
}

// countedMessage returns a message of n bytes, with its length in front.
func (f *framer) countedMessage(n, digits int) (frame, bool) {
	head := digits + 1
	body := len(f.rest()) - head
	if body < n && !f.mustCut(body) {
		return frame{}, false
	}
	f.counted = true
	if body < n || n > f.max {
		f.take(head)
		f.left = n
		return f.countedPiece()
	}
	data := f.rest()[head : head+n]
	f.take(head + n)
	return frame{data: trimEnd(data)}, true
}

// countedPiece returns the next piece of a counted message that is long.
func (f *framer) countedPiece() (frame, bool) {
	if have := len(f.rest()); have < min(f.left, f.max) && !f.mustCut(have) {
		return frame{}, false
	}
	rest := f.rest()
	piece := rest[:min(len(rest), f.left, f.max)]
	if len(piece) < f.left {
		piece = wholeRunes(piece)
	}
	f.left -= len(piece)
	f.take(len(piece))
	if f.left == 0 {
		return f.lastPiece(trimEnd(piece))
	}
	return f.piece(piece), true
}

// line returns what is in front of the next end of a message.
func (f *framer) line() (frame, bool) {
	end := f.end()
	if end < 0 && !f.mustCut(len(f.rest())) {
		return frame{}, false
	}
	rest := f.rest()
	if end < 0 || end > f.max {
		piece := wholeRunes(rest[:min(len(rest), f.max)])
		f.take(len(piece))
		return f.piece(piece), true
	}
	data := trimReturn(rest[:end])
	f.take(end + 1)
	if f.part > 0 {
		return f.lastPiece(data)
	}
	return frame{data: data}, true
}

// end finds the newline or the NUL that ends a line, or -1. Once a NUL has been seen,
// a newline is one only when the next message begins behind it.
func (f *framer) end() int {
	rest := f.rest()
	zero := -1
	if i := bytes.IndexByte(rest[min(f.clean, len(rest)):], 0); i >= 0 {
		zero = f.clean + i
		f.clean, f.nul = zero, true
	} else {
		f.clean = len(rest)
	}
	until := len(rest)
	if zero >= 0 {
		until = zero
	}
	for from := min(f.seen, until); ; {
		newline := bytes.IndexByte(rest[from:until], '\n')
		if newline < 0 {
			break
		}
		newline += from
		if _, n := priorityAt(string(rest[newline+1 : min(len(rest), newline+6)])); n > 0 || !f.nul {
			f.nul = false
			return newline
		}
		from = newline + 1
	}
	f.seen = max(0, len(rest)-headRoom)
	return zero
}

// stray returns the text between a counted message and the next: lengths that are too
// small leave some, which happens to senders that count characters.
func (f *framer) stray() (frame, bool) {
	rest := f.rest()
	from := min(f.seen, len(rest))
	end := nextHead(rest, from)
	if i := bytes.IndexByte(rest[from:], '\n'); i >= 0 && (end < 0 || from+i < end) {
		end = from + i
	}
	if end < 0 && !f.mustCut(len(rest)) {
		f.seen = max(0, len(rest)-headRoom)
		return frame{}, false
	}
	rest = f.rest()
	if end < 0 || end > f.max {
		end = len(wholeRunes(rest[:min(len(rest), f.max)]))
	}
	data := trimReturn(rest[:end])
	f.take(end)
	f.cramped = false
	return frame{data: data, stray: true, note: noteStray}, true
}

// mustCut reports whether a message that is not complete must be handed over in
// pieces: as much of it is there as may be, or as there is memory for.
func (f *framer) mustCut(have int) bool {
	if have >= f.max {
		return true
	}
	if have < f.limit() || f.enlarge() {
		return false
	}
	f.cramped = true
	return true
}

func (f *framer) take(n int) {
	f.at += n
	f.seen = 0
	f.clean = max(0, f.clean-n)
}

// piece numbers a piece of a message.
func (f *framer) piece(data []byte) frame {
	f.part++
	note := noteSplit
	if f.cramped {
		note = noteCramped
	}
	return frame{data: data, part: f.part, note: note}
}

// The notes have no numbers in them: the ledger counts how often there is each.
const (
	noteSplit   = "the message is longer than can be taken at once and was split"
	noteCramped = "the message was split because the memory for long messages is in use"
	noteStray   = "the length in front of the last message was wrong: this text was behind it"
	noteNoEnd   = "the end mark of this message did not come"
	noteShort   = "the rest of this message did not come"
)

// pieceOf returns the next piece of a long message that is there as a whole.
func pieceOf(data []byte, part, longest int) frame {
	if len(data) > longest {
		data = wholeRunes(data[:longest])
	}
	return frame{data: data, part: part, note: noteSplit}
}

func (f *framer) lastPiece(data []byte) (frame, bool) {
	if len(data) == 0 {
		f.part, f.cramped = 0, false
		return f.next()
	}
	fr := f.piece(data)
	f.part, f.cramped = 0, false
	return fr, true
}

// waitsForRest reports whether a part of a message is there, or memory beyond the small
// buffer is held for one.
func (f *framer) waitsForRest() bool {
	return f.left > 0 || len(f.rest()) > 0 || f.isLarge()
}

// waitsForEnd reports whether a part of a message is there that has no length.
func (f *framer) waitsForEnd() bool {
	if f.left > 0 || len(f.rest()) == 0 {
		return false
	}
	_, digits, _ := countAt(f.rest())
	return f.part > 0 || digits == 0
}

// cutOff returns what came of a message when no more of it will, or has for a while.
func (f *framer) cutOff() (frame, bool) {
	rest := f.rest()
	if len(rest) == 0 && f.left == 0 {
		f.part, f.cramped = 0, false
		return frame{}, false
	}
	fr := frame{data: trimReturn(rest), note: noteNoEnd}
	switch _, digits, _ := countAt(rest); {
	case f.left > 0:
		fr.note = noteShort
	case f.part == 0 && digits > 0:
		fr.data = rest[digits+1:]
		fr.note = noteShort
	case f.nul && rest[len(rest)-1] == '\n': // it was the end after all
		fr = frame{data: trimEnd(rest)}
		f.nul = false
	}
	if f.part > 0 {
		fr.part = f.part + 1
	}
	f.take(len(rest))
	f.part, f.left, f.cramped = 0, 0, false
	return fr, true
}
