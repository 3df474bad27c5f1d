package otlp

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// The kinds of fields, as the lowest three bits of a tag have them.
const (
	kindVarint  = 0
	kindFixed64 = 1
	kindBytes   = 2
	kindFixed32 = 5
)

// cursor walks over the fields of a protobuf message. Its text, when it has one, is a
// copy of its bytes: strings that are read are parts of it, so that reading a record
// takes one allocation for all of them. A cursor of
// bytes has none.
type cursor struct {
	data []byte
	text string
	at   int

	tag      int    // of the present field: its number and its kind
	number   uint64 // its value, unless it has bytes
	from, to int    // its bytes
	err      error
}

func newCursor(data []byte) cursor      { return cursor{data: data, text: string(data)} }
func newBytesCursor(data []byte) cursor { return cursor{data: data} }

// next moves to the next field: false at the end, and at what is no field, with err set.
// Fields of kinds that OTLP has none of are passed over.
func (c *cursor) next() bool {
	for c.at < len(c.data) {
		num, kind, n := protowire.ConsumeTag(c.data[c.at:])
		if !c.moved(n) {
			return false
		}
		c.tag = int(num)<<3 | int(kind)
		switch kind {
		case protowire.VarintType:
			c.number, n = protowire.ConsumeVarint(c.data[c.at:])
			return c.moved(n)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(c.data[c.at:])
			c.number = uint64(v)
			return c.moved(n)
		case protowire.Fixed64Type:
			c.number, n = protowire.ConsumeFixed64(c.data[c.at:])
			return c.moved(n)
		case protowire.BytesType:
			var v []byte
			v, n = protowire.ConsumeBytes(c.data[c.at:])
			if !c.moved(n) {
				return false
			}
			c.from, c.to = c.at-len(v), c.at
			return true
		}
		if !c.moved(protowire.ConsumeFieldValue(num, kind, c.data[c.at:])) {
			return false
		}
	}
	return false
}

// moved moves over n bytes; n is negative when they are not what they should be.
func (c *cursor) moved(n int) bool {
	if n >= 0 {
		c.at += n
		return true
	}
	c.err = protowire.ParseError(n)
	return false
}

// bytes returns the present field's bytes, string the same as a text, sub the message
// in them.
func (c *cursor) bytes() []byte  { return c.data[c.from:c.to] }
func (c *cursor) string() string { return c.text[c.from:c.to] }

func (c *cursor) sub() cursor {
	inner := cursor{data: c.bytes()}
	if c.text != "" {
		inner.text = c.string()
	}
	return inner
}
