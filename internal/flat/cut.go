package flat

import (
	"encoding/binary"
	"fmt"
	"sort"
)

// leastText is what cutting leaves of a text: enough for its beginning and mark.
const leastText = 128

// Shrink returns a record of at most limit bytes that says what it lost: the
// longest texts are cut, each with a mark. When that is not enough, because the
// size lies in the number of attributes, all of them are left out, and the attribute
// "_cut" tells their size. It reports how many texts or bodies were cut. b must
// come from an Encoder; it is not changed.
func Shrink(b []byte, limit int) (out []byte, cuts int) {
	if len(b) <= limit {
		return b, 0
	}
	texts := findTexts(b)
	rest := limit - len(b)
	for _, t := range texts {
		rest += t.size
	}
	longest := fit(texts, rest)
	if longest < leastText {
		return withoutBody(b, limit), 1
	}
	out = make([]byte, 0, limit)
	from := 0
	for _, t := range texts {
		if t.size <= longest {
			continue
		}
		cuts++
		short := cutText(string(b[t.start:t.start+t.size]), longest)
		at := len(out) - from // where b's bytes go in out
		out = append(out, b[from:t.start]...)
		binary.LittleEndian.PutUint32(out[at+t.length:], uint32(len(short)))
		if t.op >= 0 {
			out[at+t.op] = opString // JSON that was cut is text
		}
		out = append(out, short...)
		from = t.start + t.size
	}
	return append(out, b[from:]...), cuts
}

// text is where a text is in a record.
type text struct {
	op     int // of its attribute; -1: the message
	length int // where its length stands
	start  int
	size   int
}

func findTexts(b []byte) []text {
	n := int(binary.LittleEndian.Uint32(b[lengthOffset:]))
	texts := []text{{op: -1, length: lengthOffset, start: headSize, size: n}}
	for i := headSize + n; i < len(b); {
		start := i
		word := binary.LittleEndian.Uint32(b[i:])
		i += opSize + int(word>>8)
		switch op(word) {
		case opString, opJSON:
			size := int(binary.LittleEndian.Uint32(b[i:]))
			texts = append(texts, text{op: start, length: i, start: i + 4, size: size})
			i += 4 + size
		case opInt, opUint, opFloat, opDuration:
			i += scalarLen
		case opTime:
			i += timeSize
		}
	}
	return texts
}

// fit finds the greatest length such that all texts cut to it take at most room
// bytes.
func fit(texts []text, room int) int {
	sizes := make([]int, len(texts))
	for i, t := range texts {
		sizes[i] = t.size
	}
	sort.Ints(sizes)
	for i, size := range sizes {
		left := len(sizes) - i
		if size*left >= room {
			return room / left
		}
		room -= size
	}
	return sizes[len(sizes)-1]
}

func withoutBody(b []byte, limit int) []byte {
	n := int(binary.LittleEndian.Uint32(b[lengthOffset:]))
	note := fmt.Sprintf("%d bytes of attributes were left out", len(b)-headSize-n)
	room := limit - headSize - opSize - len("_cut") - 4 - len(note)
	msg := string(b[headSize : headSize+n])
	if len(msg) > room {
		msg = cutText(msg, room)
	}
	out := append(make([]byte, 0, limit), b[:headSize]...)
	binary.LittleEndian.PutUint32(out[lengthOffset:], uint32(len(msg)))
	out = append(out, msg...)
	out = appendOp(out, opString, "_cut")
	out = appendLength(out, len(note))
	return append(out, note...)
}
