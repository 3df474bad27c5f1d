package record

import (
	"log/slog"
	"strings"
)

// metadataPrefix before a name skips the fields in Lookup.
const metadataPrefix = "metadata."

// Lookup finds what a search for name looks at: the projected field of that
// name; else the attribute with that key; else, for a dotted name, the
// attribute reached through groups ("user.plan" is plan inside user; the longest
// literal key wins at each step). The prefix "metadata." skips the fields.
// ok is false when there is no such value or it is null.
func (r *Record) Lookup(name string) (v slog.Value, ok bool) {
	if id, isField := fieldOf(name); isField {
		v = r.lookupField(id)
		return v, !isNull(v)
	}
	name = strings.TrimPrefix(name, metadataPrefix)
	return r.lookupRest(name)
}

func (r *Record) lookupField(id FieldID) slog.Value {
	switch attrRoles[id] {
	case roleField, roleOf, roleOwn:
		var p placement
		for i := len(r.Attrs) - 1; i >= 0; i-- {
			if r.Attrs[i].Key != Fields[id].Name {
				continue
			}
			if _, ok := r.fieldAt(i); ok {
				p.at[id], p.n = int32(i+1), 1
				break
			}
		}
		return r.field(&p, id)
	}
	if id == FieldMetadata {
		var p placement
		p.fill(r)
		return r.rest(&p)
	}
	return r.field(nil, id)
}

// lookupRest looks among the attributes that are not fields.
func (r *Record) lookupRest(name string) (slog.Value, bool) {
	for key, rest, more := name, "", false; ; {
		for i := len(r.Attrs) - 1; i >= 0; i-- {
			if r.Attrs[i].Key != key {
				continue
			}
			if _, isField := r.fieldAt(i); isField {
				continue
			}
			if v, ok := inside(r.Attrs[i].Value, rest, more); ok {
				return v, true
			}
			break // the last of equal keys counts
		}
		dot := strings.LastIndexByte(key, '.')
		if dot < 0 {
			return slog.Value{}, false
		}
		key, rest, more = name[:dot], name[dot+1:], true
	}
}

// inside follows the rest of a dotted name into v; without more, v itself is
// meant.
func inside(v slog.Value, rest string, more bool) (slog.Value, bool) {
	if !more {
		return v, !isNull(v)
	}
	if v.Kind() != slog.KindGroup {
		return slog.Value{}, false
	}
	group := v.Group()
	for key, tail, deeper := rest, "", false; ; {
		for i := len(group) - 1; i >= 0; i-- {
			if group[i].Key != key {
				continue
			}
			if found, ok := inside(group[i].Value, tail, deeper); ok {
				return found, true
			}
			break
		}
		dot := strings.LastIndexByte(key, '.')
		if dot < 0 {
			return slog.Value{}, false
		}
		key, tail, deeper = rest[:dot], rest[dot+1:], true
	}
}
