package duckdb

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
)

// rowDecoder turns the columns of a result back into records. The columns are
// those of fields, in that order; the others are null.
type rowDecoder struct {
	fields []record.FieldID
	shared *record.Interner
	row    record.Row
	cells  []any
	dest   []any
}

func newRowDecoder(fields []record.FieldID, shared *record.Interner) *rowDecoder {
	d := &rowDecoder{fields: fields, shared: shared, cells: make([]any, len(fields)), dest: make([]any, len(fields))}
	for i := range d.cells {
		d.dest[i] = &d.cells[i]
	}
	return d
}

// decode makes the record of the cells that were scanned into dest, and tells how
// many bytes of text it has.
func (d *rowDecoder) decode() (record.Record, int, error) {
	size := rowOverhead
	for i, id := range d.fields {
		v, err := fieldValue(id, d.cells[i])
		if err != nil {
			return record.Record{}, 0, err
		}
		if s, ok := d.cells[i].(string); ok {
			size += len(s)
		}
		d.row[id] = v
	}
	return record.FromRowShared(&d.row, d.shared), size, nil
}

// rowOverhead is what a record takes besides its text: itself and a few
// attributes.
const rowOverhead = 512

func fieldValue(id record.FieldID, cell any) (slog.Value, error) {
	switch v := cell.(type) {
	case nil:
		return slog.Value{}, nil
	case string:
		if id == record.FieldMetadata {
			return metadataValue(v), nil
		}
		return slog.StringValue(v), nil
	case int64:
		return slog.Int64Value(v), nil
	case uint64:
		return slog.Uint64Value(v), nil
	case float64:
		return slog.Float64Value(v), nil
	case bool:
		return slog.BoolValue(v), nil
	case time.Time:
		return slog.TimeValue(v.UTC()), nil
	}
	return slog.Value{}, fmt.Errorf("column %s holds a %T", record.Fields[id].Name, cell)
}

// metadataValue reads the column metadata. Text that is not a JSON object can
// only come from an UPDATE in SQL; it is shown, not hidden.
func metadataValue(text string) slog.Value {
	attrs, err := record.ParseAttrs([]byte(text))
	if err != nil {
		return slog.GroupValue(slog.String("_metadata", text))
	}
	return slog.GroupValue(attrs...)
}
