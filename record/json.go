package record

import "log/slog"

// AppendJSON appends r's projection as one JSON object in the order of [Fields],
// without a newline. Null fields are left out; so is severity when it is the
// plain number of the level, and kind when it is "log". Invalid UTF-8 is written
// as U+FFFD.
func AppendJSON(dst []byte, r *Record) []byte { panic("BUG: not written") }

// AppendValue appends an attribute's value as JSON.
func AppendValue(dst []byte, v slog.Value) []byte { panic("BUG: not written") }

// Limits of what ParseJSON takes; both bound the work that one record can cause.
const (
	MaxDepth      = 64     // objects and arrays inside each other; deeper ones are kept as their text
	MaxAttributes = 10_000 // keys in one object; those after it are kept as text under "_rest"
)

// ParseOptions say how JSON becomes a record. The zero value reads Weir's own
// names only.
type ParseOptions struct {
	// Aliases makes the keys that other loggers use for time, level, message,
	// logger, error and caller count when Weir's own name is absent (slog, zap,
	// zerolog, logrus, pino, winston, bunyan, ECS, GELF, CloudWatch).
	Aliases bool
}

// ParseJSON reads one JSON object into a record. It takes more than JSON: the
// tokens NaN, Infinity and -Infinity (kept as text), lone surrogates (kept as
// bytes for Normalize to replace), numbers of any size, duplicate keys (the last
// wins) and null for any field. Unknown keys become attributes, the keys of
// metadata too; where both have a key, metadata's stays and the other becomes
// "_conflict.<key>". A field whose value has the wrong type becomes an attribute
// of that name, so it ends up in metadata. Each such repair is told. A numeric time
// is seconds, milliseconds, micro- or nanoseconds by its size (seconds below 1e11).
//
// The error is a *SyntaxError when data is not one JSON object; data is not
// retained.
func ParseJSON(data []byte, opt ParseOptions) (Record, []Repair, error) {
	panic("BUG: not written")
}

// ParseAttrs reads a JSON object into attributes, as ParseJSON reads metadata.
func ParseAttrs(data []byte) ([]slog.Attr, error) { panic("BUG: not written") }

// SyntaxError says where JSON ends to make sense.
type SyntaxError struct {
	Offset  int // bytes before the error
	Message string
}

func (e *SyntaxError) Error() string { return e.Message }
