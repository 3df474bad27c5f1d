package duckdb

import (
	"database/sql/driver"
	"fmt"
	"log/slog"
	"time"
	"unsafe"

	"github.com/weirlog/weir/record"
)

// rowEncoder turns records into the values of a row. It is used by one batch at
// a time and its values are good until the next record.
type rowEncoder struct {
	row    record.Row
	values [record.NumFields]driver.Value
	json   []byte
}

// encode returns r's columns.
func (e *rowEncoder) encode(r *record.Record) ([]driver.Value, error) {
	r.Row(&e.row)
	for i := range record.Fields {
		f := &record.Fields[i]
		v := e.row[f.ID]
		if v.Kind() == slog.KindAny && v.Any() == nil {
			e.values[f.ID] = nil
			continue
		}
		value, ok := e.column(f, v)
		if !ok {
			return nil, fmt.Errorf("record %d: field %s has a value of kind %s: the record is not normalized", r.ID, f.Name, v.Kind())
		}
		e.values[f.ID] = value
	}
	return e.values[:], nil
}

// column converts a field's value; ok is false when its kind is not the column's.
func (e *rowEncoder) column(f *record.Field, v slog.Value) (value driver.Value, ok bool) {
	switch kind := v.Kind(); {
	case f.Type == record.TypeText && kind == slog.KindString:
		return textBytes(v.String()), true
	case f.Type == record.TypeTime && kind == slog.KindTime:
		return v.Time(), true
	case f.ID == record.FieldSeq && kind == slog.KindUint64:
		return v.Uint64(), true
	case (f.Type == record.TypeID || f.Type == record.TypeInteger) && kind == slog.KindInt64:
		return v.Int64(), true
	case f.Type == record.TypeNumber && kind == slog.KindFloat64:
		return v.Float64(), true
	case f.Type == record.TypeBool && kind == slog.KindBool:
		return v.Bool(), true
	case f.Type == record.TypeObject && kind == slog.KindGroup:
		e.json = record.AppendValue(e.json[:0], v)
		return e.json, true
	}
	return nil, false
}

// textBytes returns s's bytes without a copy; DuckDB copies them. Strings are not
// handed over as such, because the driver would end them at the first NUL.
func textBytes(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}

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
