package otlp

import (
	"encoding/base64"
	"log/slog"
	"math"

	"github.com/weirlog/weir/record"
)

// protoReader reads values. Its methods go on after an error, which end returns; what
// they returned is worth nothing then.
type protoReader struct {
	left    int    // values that may still come
	field   string // the attribute that is being read, for repairs
	repairs []record.Repair
	err     error
}

// end returns the first error of the reader, or else c's.
func (d *protoReader) end(c *cursor) error {
	if d.err != nil {
		return d.err
	}
	return c.err
}

func (d *protoReader) close(c *cursor) {
	if d.err == nil {
		d.err = c.err
	}
}

// pair appends a KeyValue.
func (d *protoReader) pair(attrs []slog.Attr, c cursor, depth int) []slog.Attr {
	if d.err != nil {
		return attrs
	}
	var a slog.Attr
	var value cursor
	for c.next() {
		switch c.tag {
		case pairKey:
			a.Key = c.string()
		case pairValue:
			value = c.sub()
		}
	}
	d.close(&c)
	if depth == 0 {
		d.field = a.Key
	}
	a.Value = d.value(value, depth)
	return append(attrs, a)
}

// value reads an AnyValue inside depth others. Of several values in one the last counts.
func (d *protoReader) value(c cursor, depth int) (v slog.Value) {
	if d.left--; d.left < 0 && d.err == nil {
		d.err = errTooMany
	}
	if d.err != nil {
		return slog.Value{}
	}
	for c.next() {
		switch c.tag {
		case valueString:
			v = slog.StringValue(c.string())
		case valueBool:
			v = slog.BoolValue(c.number != 0)
		case valueInt:
			v = slog.Int64Value(int64(c.number))
		case valueDouble:
			v = slog.Float64Value(math.Float64frombits(c.number))
		case valueBytes:
			v = slog.StringValue(base64.StdEncoding.EncodeToString(c.bytes()))
		case valueArray, valueList:
			if depth >= record.MaxDepth {
				d.repairs = append(d.repairs, record.Repair{Field: d.field, Reason: reasonTooDeep})
				v = slog.StringValue(base64.StdEncoding.EncodeToString(c.bytes()))
				continue
			}
			if c.tag == valueArray {
				v = d.array(c.sub(), depth+1)
			} else {
				v = d.list(c.sub(), depth+1)
			}
		}
	}
	d.close(&c)
	return v
}

func (d *protoReader) array(c cursor, depth int) slog.Value {
	list := []slog.Value{}
	for d.err == nil && c.next() {
		if c.tag == listValues {
			list = append(list, d.value(c.sub(), depth))
		}
	}
	d.close(&c)
	return slog.AnyValue(list)
}

func (d *protoReader) list(c cursor, depth int) slog.Value {
	var attrs []slog.Attr
	for d.err == nil && c.next() {
		if c.tag == listValues {
			attrs = d.pair(attrs, c.sub(), depth)
		}
	}
	d.close(&c)
	return group(attrs)
}
