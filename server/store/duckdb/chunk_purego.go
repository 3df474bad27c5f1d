//go:build purego && cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirlog/weir/record"
)

// chunk is not used in this build: rows go through the driver's own appender.
type chunk struct{}

func (*chunk) destroy() {}

// appendRows fills the table inside the transaction under way. The appender lives
// as long as the batch, so that nothing of a failed batch can wait in it.
func (*Store) appendRows(ctx context.Context, conn *duckdb.Conn, records []record.Record) error {
	a, err := duckdb.NewAppenderFromConn(conn, "", "logs")
	if err != nil {
		return err
	}
	var enc rowEncoder
	for i := range records {
		if i%1024 == 0 && ctx.Err() != nil {
			return errors.Join(ctx.Err(), a.Close())
		}
		values, err := enc.encode(&records[i])
		if err == nil {
			err = a.AppendRow(values...)
		}
		if err != nil {
			return errors.Join(err, a.Close())
		}
	}
	return a.Close()
}

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
