package flat

import "encoding/binary"

// Remove returns attrs, attributes that an Encoder wrote, without those of a key,
// and whether there were any. It looks at the top level and into the groups that are
// still open; groups that are closed are values and stay whole. attrs is not changed.
func Remove(attrs []byte, key string) (out []byte, found bool) {
	out = make([]byte, 0, len(attrs))
	for i := 0; i < len(attrs); {
		o, k := opAt(attrs, i)
		end := i + opSize + len(k)
		if o == opGroup || o == opObject || o == opArray {
			closed, ok := closing(attrs, i)
			if !ok { // still open: what follows is inside it
				out = append(out, attrs[i:end]...)
				i = end
				continue
			}
			end = closed
		} else {
			end += operandSize(attrs, end, o)
		}
		if k == key {
			found = true
		} else {
			out = append(out, attrs[i:end]...)
		}
		i = end
	}
	return out, found
}

func opAt(b []byte, i int) (o op, key string) {
	word := binary.LittleEndian.Uint32(b[i:])
	n := int(word >> 8)
	return op(word), string(b[i+opSize : i+opSize+n])
}

// operandSize is the size of what follows the key of an op that opens nothing.
func operandSize(b []byte, at int, o op) int {
	switch o {
	case opString, opJSON:
		return 4 + int(binary.LittleEndian.Uint32(b[at:]))
	case opInt, opUint, opFloat, opDuration:
		return scalarLen
	case opTime:
		return timeSize
	}
	return 0
}

// closing finds where the group at b[i] ends, its opEnd included.
func closing(b []byte, i int) (end int, ok bool) {
	depth := 0
	for i < len(b) {
		o, k := opAt(b, i)
		i += opSize + len(k)
		switch o {
		case opGroup, opObject, opArray:
			depth++
		case opEnd:
			if depth--; depth == 0 {
				return i, true
			}
		default:
			i += operandSize(b, i, o)
		}
	}
	return 0, false
}
