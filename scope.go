package weir

import (
	"bytes"
	"context"
	"log/slog"
	"slices"

	"github.com/weirlog/weir/internal/flat"
)

// scope is what a logger adds to each record, already encoded. It is immutable;
// records copy its bytes.
type scope struct {
	prefix  []byte        // attributes, and the groups opened by those after them
	top     int           // how much of prefix lies before the first group
	pending []byte        // groups opened since; they count only when an attribute follows
	bound   *contextValue // of WithContext; may be nil
}

// grouped reports whether further attributes lie in a group.
func (s *scope) grouped() bool { return len(s.pending) > 0 || s.top < len(s.prefix) }

// with returns a scope with what add appends.
func (s scope) with(c *core, add func(e *flat.Encoder, b []byte) []byte) scope {
	e := flat.Encoder{MaxText: c.maxRecord, MaxBytes: 2 * c.maxRecord}
	b := make([]byte, 0, len(s.prefix)+len(s.pending)+128)
	b = append(b, s.prefix...)
	b = append(b, s.pending...)
	opened := len(b)
	b = add(&e, b)
	c.truncated.Add(uint64(e.Cut))
	if len(b) == opened {
		return s
	}
	top := s.top
	if !s.grouped() {
		top = len(b)
	}
	return scope{prefix: b, top: top, bound: s.bound}
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
	s.pending = e.Open(slices.Clone(s.pending), name)
	return s
}

// withNode returns a scope of another name: the attributes of that name come behind
// those of the name above it, before all others.
func (s scope) withNode(parent, own []byte) scope {
	added := bytes.TrimPrefix(own, parent)
	if len(added) == 0 {
		return s
	}
	at := 0
	if bytes.HasPrefix(s.prefix, parent) {
		at = len(parent)
	}
	s.prefix = slices.Concat(s.prefix[:at], added, s.prefix[at:])
	s.top += len(added)
	return s
}

// without returns a scope without the attributes of a key.
func (s scope) without(key string) (scope, bool) {
	top, inTop := flat.Remove(s.prefix[:s.top], key)
	rest, inRest := flat.Remove(s.prefix[s.top:], key)
	if !inTop && !inRest {
		return s, false
	}
	s.top = len(top)
	s.prefix = append(top, rest...)
	return s, true
}

// append adds the scope to a record, and what the call's context and the process
// have: the process's defaults first, then the logger, then the context, then what
// lies in groups. It returns the tap that follows the record.
func (s *scope) append(b []byte, c *core, ctx context.Context) (out []byte, tap uint32) {
	if d := c.defaults.Load(); d != nil {
		b = append(b, *d...)
	}
	b = append(b, s.prefix[:s.top]...)
	if s.bound != nil {
		b = append(b, s.bound.encoded...)
		tap = s.bound.tap.of(c)
	}
	if ctx != nil {
		if c.trace != nil {
			b = c.appendTrace(b, ctx)
		}
		if v := contextValueOf(ctx); v != nil {
			b = append(b, v.encoded...)
			if id := v.tap.of(c); id != 0 {
				tap = id
			}
		}
	}
	return append(b, s.prefix[s.top:]...), tap
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
