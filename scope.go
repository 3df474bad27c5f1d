package weir

import (
	"log/slog"

	"github.com/weirlog/weir/internal/flat"
)

// scope is what With and WithGroup have added, already encoded. It is immutable;
// records copy its bytes.
type scope struct {
	prefix  []byte // attributes, and the groups opened by those after them
	pending []byte // groups opened since; they count only when an attribute follows
}

// with returns a scope with what add appends.
func (s scope) with(c *core, add func(e *flat.Encoder, b []byte) []byte) scope {
	e := flat.Encoder{MaxText: c.maxRecord}
	b := make([]byte, 0, len(s.prefix)+len(s.pending)+128)
	b = append(b, s.prefix...)
	b = append(b, s.pending...)
	opened := len(b)
	b = add(&e, b)
	c.truncated.Add(uint64(e.Cut))
	if len(b) == opened {
		return s
	}
	return scope{prefix: b}
}

func (s scope) withAttrs(c *core, attrs []slog.Attr) scope {
	return s.with(c, func(e *flat.Encoder, b []byte) []byte { return e.Attrs(b, attrs) })
}

func (s scope) withArgs(c *core, args []any) scope {
	return s.with(c, func(e *flat.Encoder, b []byte) []byte { return appendArgs(e, b, args) })
}

func (s scope) withGroup(name string) scope {
	if name == "" {
		return s
	}
	e := flat.Encoder{MaxText: len(name)}
	pending := append([]byte(nil), s.pending...)
	return scope{prefix: s.prefix, pending: e.Open(pending, name)}
}

// badKey is slog's key for an argument that should have been a key.
const badKey = "!BADKEY"

// appendArgs encodes alternating keys and values, or attributes, as slog does.
func appendArgs(e *flat.Encoder, b []byte, args []any) []byte {
	for i := 0; i < len(args); i++ {
		switch x := args[i].(type) {
		case string:
			if i+1 == len(args) {
				return e.String(b, badKey, x)
			}
			i++
			b = e.Value(b, x, args[i])
		case slog.Attr:
			b = e.Attr(b, &x)
		default:
			b = e.Value(b, badKey, x)
		}
	}
	return b
}
