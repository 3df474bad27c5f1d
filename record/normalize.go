package record

// Repair is one thing that was changed so that a record could be kept.
type Repair struct {
	Field  string // the field or attribute, dotted
	Reason string // for people: "not a number", "NUL and invalid UTF-8 replaced"
}

// Normalize makes r fit to be stored and tells what it changed:
//
//   - text is made valid UTF-8 without NUL; each replaced byte becomes U+FFFD and
//     the originals are noted, so that the change can be undone, in the attribute
//     "_replaced" (a group from dotted field name to "offset:hex,…", offsets in
//     bytes of the original text);
//   - top-level attributes trace_id, span_id, logger, and those that a Resource
//     has, move to the fields of that name when they are text;
//   - a trace id that is a dashed UUID loses its dashes;
//   - times are cut to microseconds and set to UTC, and those outside the years
//     1 to 9999 are replaced by Observed;
//   - attributes keep the last of each key; nulls at the top level are dropped.
//
// It is idempotent, changes no attribute slice that it was given (it copies what
// it must change), and returns nil when nothing was repaired. A normalized
// record's JSON, parsed and normalized again, is the same record.
func Normalize(r *Record) []Repair { panic("BUG: not written") }
