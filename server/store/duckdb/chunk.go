//go:build !purego && cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"unicode/utf8"
	"unsafe"

	"github.com/duckdb/duckdb-go/mapping"
	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirlog/weir/record"
)

// chunk is the memory from which DuckDB takes rows, filled in place: the driver's own way calls C for each
// text and each null, 30 times a row, which was a third of the time of Append. The tag
// purego takes that way instead. A chunk is used by one batch at a time, and belongs to no connection.
type chunk struct {
	handle  mapping.DataChunk
	columns [record.NumFields]column
	rows    int
	text    heap
	row     record.Row
	json    []byte
}

// column is the memory of one vector, of chunkRows values: that of its type is there, and a bit for each value
// that is not null.
type column struct {
	texts  [][16]byte
	ints   []int64
	counts []uint64
	floats []float64
	bools  []bool
	valid  []uint64
}

const (
	chunkRows = 2048 // DuckDB's vector size; newChunk checks it
	// chunkText is how much text a chunk holds before it is handed over: that of 2,048 records of
	// usual size, so that few huge records do not keep their text twice.
	chunkText = 2 << 20
)

// newChunk makes a chunk of the table's columns. The caller destroys it.
func newChunk() (*chunk, error) {
	if n := mapping.VectorSize(); n != chunkRows {
		return nil, fmt.Errorf("DuckDB's vectors have %d values, not %d", n, chunkRows)
	}
	types := make([]mapping.LogicalType, record.NumFields)
	for i := range types {
		types[i] = mapping.CreateLogicalType(vectorType(record.Fields[i]))
		defer mapping.DestroyLogicalType(&types[i])
	}
	c := &chunk{handle: mapping.CreateDataChunk(types)}
	for i := range c.columns {
		vector := mapping.DataChunkGetVector(c.handle, mapping.IdxT(i))
		data := mapping.VectorGetData(vector)
		mapping.VectorEnsureValidityWritable(vector)
		v := &c.columns[i]
		v.valid = unsafe.Slice((*uint64)(mapping.VectorGetValidity(vector)), chunkRows/64)
		switch vectorType(record.Fields[i]) {
		case mapping.TypeVarchar:
			v.texts = unsafe.Slice((*[16]byte)(data), chunkRows)
		case mapping.TypeUBigInt:
			v.counts = unsafe.Slice((*uint64)(data), chunkRows)
		case mapping.TypeDouble:
			v.floats = unsafe.Slice((*float64)(data), chunkRows)
		case mapping.TypeBoolean:
			v.bools = unsafe.Slice((*bool)(data), chunkRows)
		default:
			v.ints = unsafe.Slice((*int64)(data), chunkRows)
		}
	}
	c.clear()
	return c, nil
}

// vectorType is columnType as the interface in C has it.
func vectorType(f record.Field) mapping.Type {
	switch f.Type {
	case record.TypeID:
		return mapping.TypeBigInt
	case record.TypeInteger:
		if f.ID == record.FieldSeq {
			return mapping.TypeUBigInt
		}
		return mapping.TypeBigInt
	case record.TypeNumber:
		return mapping.TypeDouble
	case record.TypeTime:
		return mapping.TypeTimestampTZ
	case record.TypeBool:
		return mapping.TypeBoolean
	}
	return mapping.TypeVarchar
}

func (c *chunk) destroy() { mapping.DestroyDataChunk(&c.handle) }

// clear empties the chunk; nothing is null then.
func (c *chunk) clear() {
	for i := range c.columns {
		valid := c.columns[i].valid
		for j := range valid {
			valid[j] = math.MaxUint64
		}
	}
	c.rows = 0
	c.text.clear()
	c.row = record.Row{} // it holds the last record's texts
	if cap(c.json) > chunkText {
		c.json = nil // one large record should not cost its size for ever
	}
}

func (c *chunk) full() bool { return c.rows == chunkRows || c.text.size >= chunkText }

// add puts a record into the next row, which must be free. After an error the chunk is cleared before it is
// used again.
func (c *chunk) add(r *record.Record) error {
	r.Row(&c.row)
	for i := range record.Fields {
		if err := c.set(&record.Fields[i], c.row[i]); err != nil {
			return fmt.Errorf("record %d: field %s %w: the record is not normalized", r.ID, record.Fields[i].Name, err)
		}
	}
	c.rows++
	return nil
}

// set puts a field's value into the next row.
func (c *chunk) set(f *record.Field, v slog.Value) error {
	to, row := &c.columns[f.ID], c.rows
	switch kind := v.Kind(); {
	case kind == slog.KindString && f.Type == record.TypeText:
		return c.setText(&to.texts[row], v.String())
	case kind == slog.KindAny && v.Any() == nil:
		to.valid[row/64] &^= 1 << (row % 64)
		if to.texts != nil {
			to.texts[row] = [16]byte{}
		}
	case kind == slog.KindTime && f.Type == record.TypeTime:
		to.ints[row] = v.Time().UnixMicro()
	case kind == slog.KindUint64 && f.ID == record.FieldSeq:
		to.counts[row] = v.Uint64()
	case kind == slog.KindInt64 && to.ints != nil && f.Type != record.TypeTime:
		to.ints[row] = v.Int64()
	case kind == slog.KindFloat64 && f.Type == record.TypeNumber:
		to.floats[row] = v.Float64()
	case kind == slog.KindBool && f.Type == record.TypeBool:
		to.bools[row] = v.Bool()
	case kind == slog.KindGroup && f.Type == record.TypeObject:
		c.json = record.AppendValue(c.json[:0], v)
		return c.setText(&to.texts[row], unsafe.String(unsafe.SliceData(c.json), len(c.json)))
	default:
		return fmt.Errorf("has a value of kind %s", kind)
	}
	return nil
}

// inlined is up to which length a text stands in the vector itself.
const inlined = 12

// setText writes a text as DuckDB's interface in C defines it (duckdb_string_t): the length in four bytes, then
// up to twelve of the text; of a longer one four, and where it is.
func (c *chunk) setText(to *[16]byte, s string) error {
	if !utf8.ValidString(s) {
		return errors.New("has text that is not UTF-8")
	}
	if len(s) > math.MaxUint32 {
		return errors.New("has more than 4 GB of text")
	}
	*to = [16]byte{}
	binary.NativeEndian.PutUint32(to[:], uint32(len(s)))
	copy(to[4:], s)
	if len(s) > inlined {
		binary.NativeEndian.PutUint64(to[8:], c.text.keep(s))
	}
	return nil
}

// appendRows fills the table inside the transaction under way. The appender lives
// as long as the batch, so that nothing of a failed batch can wait in it.
func (s *Store) appendRows(ctx context.Context, conn *duckdb.Conn, records []record.Record) (err error) {
	if s.chunk == nil {
		if s.chunk, err = newChunk(); err != nil {
			return err
		}
	}
	c := s.chunk
	defer c.clear()
	handle, err := handleOf(conn)
	if err != nil {
		return err
	}
	var a mapping.Appender
	if mapping.AppenderCreateExt(handle, "", "", "logs", &a) == mapping.StateError {
		return errors.Join(appenderError(a), closeAppender(&a))
	}
	for i := range records {
		if c.full() {
			if err = c.flush(ctx, a); err != nil {
				break
			}
		}
		if err = c.add(&records[i]); err != nil {
			break
		}
	}
	if err == nil {
		err = c.flush(ctx, a)
	}
	if err == nil && mapping.AppenderFlush(a) == mapping.StateError {
		err = appenderError(a)
	}
	return errors.Join(err, closeAppender(&a))
}

// flush hands the chunk over; DuckDB copies it.
func (c *chunk) flush(ctx context.Context, a mapping.Appender) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	mapping.DataChunkSetSize(c.handle, mapping.IdxT(c.rows))
	if mapping.AppendDataChunk(a, c.handle) == mapping.StateError {
		return appenderError(a)
	}
	c.clear()
	return nil
}

func appenderError(a mapping.Appender) error {
	if text := mapping.AppenderError(a); text != "" {
		return errors.New(text)
	}
	return errors.New("DuckDB's appender failed and does not say why")
}

func closeAppender(a *mapping.Appender) error {
	if mapping.AppenderDestroy(a) == mapping.StateError {
		return errors.New("DuckDB's appender could not be closed")
	}
	return nil
}

// handleOf returns what the interface in C knows a connection by. The driver keeps it to itself; a version that keeps it elsewhere
// fails here, and every test with it.
func handleOf(conn *duckdb.Conn) (mapping.Connection, error) {
	kept := reflect.ValueOf(conn).Elem().FieldByName("conn")
	if kept.IsValid() && kept.Type() == reflect.TypeFor[mapping.Connection]() {
		return mapping.Connection{Ptr: kept.FieldByName("Ptr").UnsafePointer()}, nil
	}
	return mapping.Connection{}, fmt.Errorf("BUG: a %s has no handle", reflect.TypeOf(conn))
}
