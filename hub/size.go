package hub

import (
	"log/slog"
	"unsafe"

	"github.com/weirlog/weir/record"
)

const (
	recordSize = int64(unsafe.Sizeof(record.Record{}))
	attrSize   = int64(unsafe.Sizeof(slog.Attr{}))
	valueSize  = int64(unsafe.Sizeof(slog.Value{}))
)

// SizeOf estimates the memory that a record holds: its struct, its texts and its
// attributes. Texts that share memory are counted each time, so it is rather too
// much than too little.
func SizeOf(r *record.Record) int64 {
	n := recordSize + resourceSize(r.Resource)
	n += int64(len(r.Level) + len(r.Message) + len(r.Logger) + len(r.TraceID) + len(r.SpanID) + len(r.SourceID))
	return n + attrsSize(r.Attrs)
}

func resourceSize(r *record.Resource) int64 {
	if r == nil {
		return 0
	}
	return int64(unsafe.Sizeof(*r)) +
		int64(len(r.Service)+len(r.Environment)+len(r.ServiceVersion)+len(r.LogType)+len(r.Host))
}

func attrsSize(attrs []slog.Attr) int64 {
	n := attrSize * int64(len(attrs))
	for i := range attrs {
		n += int64(len(attrs[i].Key)) + heldByValue(attrs[i].Value)
	}
	return n
}

// heldByValue is what a value refers to, without the value itself.
func heldByValue(v slog.Value) int64 {
	switch v.Kind() {
	case slog.KindString:
		return int64(len(v.String()))
	case slog.KindGroup:
		return attrsSize(v.Group())
	case slog.KindTime:
		return int64(unsafe.Sizeof(uintptr(0)))
	case slog.KindAny:
		switch x := v.Any().(type) {
		case []slog.Value:
			n := valueSize * int64(len(x))
			for i := range x {
				n += heldByValue(x[i])
			}
			return n
		case interface{ String() string }: // a json.Number
			return int64(len(x.String()))
		}
	}
	return 0
}
