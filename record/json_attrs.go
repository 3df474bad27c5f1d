package record

import (
	"log/slog"
	"math/bits"
)

// attrFields are the bits of the fields that are attributes.
var attrFields = func() (fields uint64) {
	for i := range Fields {
		if Fields[i].Origin == FromAttr {
			fields |= 1 << i
		}
	}
	return fields
}()

// attributes puts r's attributes together: the fields that are attributes, the
// fields of a wrong type, the other top-level keys, and metadata.
func (rd *reading) attributes(r *Record) {
	n := bits.OnesCount64(rd.given&attrFields) + len(rd.odd) + len(rd.top) + len(rd.meta)
	attrs := attrList{all: make([]slog.Attr, 0, n)}
	for id := range FieldID(NumFields) {
		if Fields[id].Origin != FromAttr || !rd.has(id) {
			continue
		}
		if v, t := rd.row[id], Fields[id].Type; fits(t, v) {
			attrs.all = append(attrs.all, slog.Attr{Key: Fields[id].Name, Value: fitted(t, v)})
			rd.taken[id] = true
			continue
		}
		rd.wrong(id, wrongType(Fields[id].Type))
	}
	attrs.all = append(attrs.all, rd.odd...)
	var keys keyBits
	for i := range attrs.all {
		keys.add(attrs.all[i].Key)
	}
	for _, a := range rd.top {
		rd.merge(&attrs, &keys, a)
	}
	for _, a := range rd.meta {
		rd.merge(&attrs, &keys, a)
	}
	if len(attrs.all) > 0 {
		r.Attrs = attrs.all
	}
}

// merge adds an attribute of the top level or of metadata; where its key is
// taken, one of the two is renamed.
func (rd *reading) merge(attrs *attrList, keys *keyBits, a slog.Attr) {
	if isNull(a.Value) {
		return
	}
	id, role := attrFieldOf(a.Key)
	if (role == roleOf || role == roleOwn) && rd.taken[id] && isText(a.Value) {
		if ValueText(a.Value) == ValueText(rd.row[id]) {
			return
		}
		rd.repair(a.Key, "given beside metadata's: metadata's is kept as "+ConflictPrefix+a.Key)
		a.Key = attrs.free(ConflictPrefix + a.Key)
	} else if keys.mayHave(a.Key) {
		if at := attrs.find(a.Key); at >= 0 {
			conflict := ConflictPrefix + a.Key
			switch {
			case sameValue(attrs.all[at].Value, a.Value):
				return
			case role != roleRest:
				rd.repair(a.Key, "given beside metadata's: metadata's is kept as "+conflict)
				a.Key = attrs.free(conflict)
			default:
				rd.repair(a.Key, "given more than once: the first is kept as "+conflict)
				attrs.rename(at, conflict)
				keys.add(attrs.all[at].Key)
			}
		}
	}
	keys.add(a.Key)
	attrs.add(a)
}

func wrongType(t FieldType) string {
	switch t {
	case TypeInteger:
		return "not a whole number"
	case TypeNumber:
		return "not a number"
	case TypeBool:
		return "neither true nor false"
	}
	return "not a text"
}
