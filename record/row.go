package record

import "log/slog"

// Row is a record's projection: the value of each field by its FieldID. The zero
// Value stands for null. The value of metadata is a group, or null when there is
// nothing in it; times are of kind time, id and the integers of kind int64 (seq
// of kind uint64).
type Row [NumFields]slog.Value

// Row fills row with r's projection. It does not allocate but for metadata; the
// values share r's memory.
func (r *Record) Row(row *Row) { panic("BUG: not written") }

// FromRow makes the record that a row describes. It is the inverse of
// [Record.Row] for every normalized record.
func FromRow(row *Row) Record { panic("BUG: not written") }

// Lookup finds what a search for name looks at: the projected field of that
// name; else the attribute with that key; else, for a dotted name, the
// attribute reached through groups ("user.plan" is plan inside user; the longest
// literal key wins at each step). The prefix "metadata." skips the fields.
// ok is false when there is no such value or it is null.
func (r *Record) Lookup(name string) (v slog.Value, ok bool) { panic("BUG: not written") }
