package flat

import (
	"encoding/binary"
	"log/slog"
	"math"
	"time"

	"github.com/weirlog/weir/record"
)

func appendLength(b []byte, n int) []byte {
	return binary.LittleEndian.AppendUint32(b, uint32(n))
}

// Decoder turns flat records back. What it returns is valid until Reset; strings
// share the memory of the record and may be kept. It is used by one goroutine.
type Decoder struct {
	// arena holds the attributes that were handed out; stack those of the groups
	// that are still open.
	arena []slog.Attr
	stack []slog.Attr
	open  []frame
}

// frame is an open group or array: where its content starts on the stack.
type frame struct {
	start int
	op    op
	key   string
}

// Head is a record without its attributes.
type Head struct {
	Severity record.Severity
	Kind     record.Kind
	Message  string
	Caller   uintptr // 0: not known
	Logger   uint32  // number of the logger's name
	Tap      uint32  // number of the tap that follows the record; 0: none
	Clock    int64   // the time on the queue's clock, when Given is false
	Line     bool    // Message is a line that Line.Append has begun; there are no attributes
	Given    bool    // Time counts, and may be zero for none
	Time     time.Time
	body     string
}

// keepArena bounds the memory that the decoder holds on to between batches: 1 MiB.
const keepArena = 1 << 20 / 40

// Reset makes the memory of all attributes that were returned free again.
func (d *Decoder) Reset() {
	d.arena = forget(d.arena)
	d.stack = forget(d.stack[:cap(d.stack)])
}

// forget returns attrs empty, for the next use unless they are too many to keep.
func forget(attrs []slog.Attr) []slog.Attr {
	if cap(attrs) > keepArena {
		return nil
	}
	clear(attrs)
	return attrs[:0]
}

// DecodeHead reads a record's head.
func DecodeHead(s string) (Head, error) {
	if len(s) < headSize || int(uint32At(s, 0)) != len(s) {
		return Head{}, errCorrupt
	}
	n := int(uint32At(s, lengthOffset))
	if n > len(s)-headSize || n < 0 {
		return Head{}, errCorrupt
	}
	flags := s[flagsOffset]
	h := Head{
		Severity: record.Severity(s[severityOffset]),
		Kind:     record.Kind(flags & kindMask),
		Message:  s[headSize : headSize+n],
		Caller:   uintptr(uint64At(s, callerOffset)),
		Logger:   uint32At(s, loggerOffset),
		Tap:      uint32At(s, tapOffset),
		Clock:    int64(uint64At(s, timeOffset)),
		Line:     flags&flagLine != 0,
		body:     s[headSize+n:],
	}
	switch {
	case flags&flagNone != 0:
		h.Given = true
	case flags&flagGiven != 0:
		h.Given = true
		h.Time = unixTime(h.Clock, uint32At(s, nanosOffset))
	}
	return h, nil
}

// Attrs reads the attributes of a record and puts lead before them.
func (d *Decoder) Attrs(h *Head, lead []slog.Attr) ([]slog.Attr, error) {
	return d.read(h.body, lead)
}

// Body reads attributes that stand on their own, as an Encoder appended them.
func (d *Decoder) Body(attrs string) ([]slog.Attr, error) { return d.read(attrs, nil) }

func (d *Decoder) read(s string, lead []slog.Attr) ([]slog.Attr, error) {
	d.stack = append(d.stack[:0], lead...)
	d.open = d.open[:0]
	for s != "" {
		if len(s) < opSize {
			return nil, errCorrupt
		}
		word := uint32At(s, 0)
		o, n := op(word), int(word>>8)
		s = s[opSize:]
		if n > len(s) {
			return nil, errCorrupt
		}
		key := s[:n]
		s = s[n:]

		var v slog.Value
		switch o {
		case opString, opJSON:
			if len(s) < 4 {
				return nil, errCorrupt
			}
			n := int(uint32At(s, 0))
			s = s[4:]
			if n > len(s) || n < 0 {
				return nil, errCorrupt
			}
			if o == opString {
				v = slog.StringValue(s[:n])
			} else {
				v = jsonValue(s[:n])
			}
			s = s[n:]
		case opInt, opUint, opFloat, opDuration:
			if len(s) < scalarLen {
				return nil, errCorrupt
			}
			v = scalarValue(o, uint64At(s, 0))
			s = s[scalarLen:]
		case opTime:
			if len(s) < timeSize {
				return nil, errCorrupt
			}
			v = slog.TimeValue(unixTime(int64(uint64At(s, 0)), uint32At(s, 8)))
			s = s[timeSize:]
		case opTrue, opFalse:
			v = slog.BoolValue(o == opTrue)
		case opNull:
		case opGroup, opObject, opArray:
			d.open = append(d.open, frame{len(d.stack), o, key})
			continue
		case opEnd:
			if len(d.open) == 0 {
				return nil, errCorrupt
			}
			d.closeFrame()
			continue
		default:
			return nil, errCorrupt
		}
		d.stack = append(d.stack, slog.Attr{Key: key, Value: v})
	}
	for len(d.open) > 0 {
		d.closeFrame()
	}
	return d.keep(0), nil
}

// closeFrame turns the top of the stack into one attribute.
func (d *Decoder) closeFrame() {
	f := d.open[len(d.open)-1]
	d.open = d.open[:len(d.open)-1]
	empty := len(d.stack) == f.start
	switch {
	case f.op == opArray:
		list := make([]slog.Value, 0, len(d.stack)-f.start)
		for _, a := range d.stack[f.start:] {
			list = append(list, a.Value)
		}
		d.stack = append(d.stack[:f.start], slog.Attr{Key: f.key, Value: slog.AnyValue(list)})
	case empty && f.op == opObject:
		d.stack = append(d.stack[:f.start], slog.Attr{Key: f.key, Value: record.EmptyObject()})
	case !empty:
		d.stack = append(d.stack[:f.start], slog.Attr{Key: f.key, Value: slog.GroupValue(d.keep(f.start)...)})
	}
}

// keep moves the stack's top from start on into the arena. A growing arena leaves
// earlier slices where they are.
func (d *Decoder) keep(start int) []slog.Attr {
	n := len(d.arena)
	d.arena = append(d.arena, d.stack[start:]...)
	return d.arena[n:len(d.arena):len(d.arena)]
}

func scalarValue(o op, bits uint64) slog.Value {
	switch o {
	case opInt:
		return slog.Int64Value(int64(bits))
	case opUint:
		return slog.Uint64Value(bits)
	case opFloat:
		return slog.Float64Value(math.Float64frombits(bits))
	default:
		return slog.DurationValue(time.Duration(bits))
	}
}

// jsonValue reads what json.Marshal wrote. Text that is not JSON after all stays
// text.
func jsonValue(text string) slog.Value {
	const before, after = `{"v":`, `}`
	attrs, err := record.ParseAttrs([]byte(before + text + after))
	if err != nil || len(attrs) != 1 {
		return slog.StringValue(text)
	}
	return attrs[0].Value
}

// unixTime makes a time in UTC. slog holds times outside the years that int64
// nanoseconds cover as they are.
func unixTime(sec int64, nanos uint32) time.Time { return time.Unix(sec, int64(nanos)).UTC() }

func uint32At(s string, i int) uint32 {
	_ = s[i+3]
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}

func uint64At(s string, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}
