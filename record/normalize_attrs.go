package record

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// attrsNeedWork reports whether any attribute must be changed, moved or dropped;
// most records have none such and keep the slice they came with.
func (c *cleaner) attrsNeedWork(r *Record) bool {
	if len(r.Attrs) > MaxAttributes {
		return true
	}
	var seen keyBits
	for i := range r.Attrs {
		a := &r.Attrs[i]
		if seen.add(a.Key) {
			for j := range i {
				if r.Attrs[j].Key == a.Key {
					return true
				}
				if j == indexedFrom { // a list this long is worth no more searching
					return true
				}
			}
		}
		if !clean(a.Key) || !settled(a.Value, 0) || isNull(a.Value) {
			return true
		}
		switch id, role := attrFieldOf(a.Key); role {
		case roleOf, roleOwn:
			if isText(a.Value) {
				return true
			}
		case roleField:
			if t := Fields[id].Type; fits(t, a.Value) && a.Value.Kind() != fitted(t, a.Value).Kind() {
				return true
			}
			if id == FieldDeleted && a.Value.Kind() == slog.KindBool && !a.Value.Bool() {
				return true
			}
		}
	}
	return false
}

// settled reports whether a value inside depth objects and arrays is as
// normalizing would leave it.
func settled(v slog.Value, depth int) bool {
	switch v.Kind() {
	case slog.KindString:
		return clean(v.String())
	case slog.KindGroup:
		group := v.Group()
		if len(group) == 0 || depth >= MaxDepth || len(group) > MaxAttributes {
			return false
		}
		var seen keyBits
		for i := range group {
			if !clean(group[i].Key) || !settled(group[i].Value, depth+1) {
				return false
			}
			if seen.add(group[i].Key) {
				if i >= indexedFrom {
					return false
				}
				for j := range i {
					if group[j].Key == group[i].Key {
						return false
					}
				}
			}
		}
		return true
	case slog.KindLogValuer:
		return false
	case slog.KindAny:
		switch x := v.Any().(type) {
		case nil:
			return true
		case emptyObject:
			return depth < MaxDepth
		case []slog.Value:
			if depth >= MaxDepth {
				return false
			}
			for i := range x {
				if !settled(x[i], depth+1) {
					return false
				}
			}
			return true
		}
		return false // a json.Number is looked at again: it may have a plainer kind
	}
	return true
}

// attributes puts r's attributes in order, on a copy.
func (n Normalizer) attributes(c *cleaner, r *Record) {
	attrs := make([]slog.Attr, len(r.Attrs))
	copy(attrs, r.Attrs)
	attrs = lastOfEach(attrs, func(key string) { c.repair(key, reasonTwice) })
	attrs = c.keys(attrs)
	attrs = c.limit(attrs)

	resource, moved := Resource{}, false
	if r.Resource != nil {
		resource = *r.Resource
	}
	kept := attrs[:0]
	var conflicts []slog.Attr
	for _, a := range attrs {
		c.path = append(c.path[:0], a.Key)
		if !settled(a.Value, 0) {
			a.Value = c.value(a.Value, 0)
		}
		if isNull(a.Value) {
			continue
		}
		switch id, role := attrFieldOf(a.Key); role {
		case roleOf:
			if isText(a.Value) {
				if text := ValueText(a.Value); text != "" {
					*resource.fieldPtr(id) = text
					moved = true
				}
				continue
			}
		case roleOwn:
			if isText(a.Value) {
				a.Value = slog.StringValue(ValueText(a.Value))
				if !r.setOwn(id, a.Value.String()) {
					a.Key = ConflictPrefix + a.Key
					conflicts = append(conflicts, a)
				}
				continue
			}
		case roleField:
			if id == FieldDeleted && a.Value.Kind() == slog.KindBool && !a.Value.Bool() {
				continue
			}
			if t := Fields[id].Type; fits(t, a.Value) {
				a.Value = fitted(t, a.Value)
			}
		}
		kept = append(kept, a)
	}
	clear(attrs[len(kept):])
	r.Attrs = kept
	if len(conflicts) > 0 {
		list := attrList{all: kept}
		for _, a := range conflicts {
			name := a.Key[len(ConflictPrefix):]
			c.repair(name, "set already: the attribute is kept as "+list.addFree(a))
		}
		r.Attrs = list.all
	}
	if len(r.Attrs) == 0 {
		r.Attrs = nil
	}
	if moved && (r.Resource == nil || *r.Resource != resource) {
		r.Resource = n.Resources.Intern(resource)
	}
}

// setOwn moves an attribute's text to the record's field and reports whether that
// lost nothing.
func (r *Record) setOwn(id FieldID, text string) bool {
	if text == "" {
		return true
	}
	field := &r.TraceID
	switch id {
	case FieldSpanID:
		field = &r.SpanID
	case FieldLogger:
		field = &r.Logger
	}
	if *field == "" {
		*field = text
		return true
	}
	return *field == text || id == FieldTraceID && undashed(*field) == undashed(text)
}

// keys makes the keys of attrs, a copy, valid and keeps them apart.
func (c *cleaner) keys(attrs []slog.Attr) []slog.Attr {
	var list attrList
	for i := range attrs {
		if clean(attrs[i].Key) {
			continue
		}
		key, note := cleanText(attrs[i].Key)
		list.all = attrs
		list.rename(i, key)
		name := strings.Join(append(c.path, attrs[i].Key), ".")
		c.replaced = append(c.replaced, slog.String(name+" (key)", note))
		c.repair(name, reasonReplaced)
	}
	return attrs
}

// limit keeps the attributes that are too many as the text of an object. attrs is
// a copy.
func (c *cleaner) limit(attrs []slog.Attr) []slog.Attr {
	if len(attrs) <= MaxAttributes {
		return attrs
	}
	kept := make([]slog.Attr, 0, MaxAttributes+4)
	var rest []slog.Attr
	counted := 0
	for _, a := range attrs {
		switch {
		case reserved(a.Key):
			kept = append(kept, a)
		case counted < MaxAttributes:
			kept = append(kept, a)
			counted++
		default:
			a.Value = c.inside(a.Key, a.Value, 0)
			rest = append(rest, a)
		}
	}
	if len(rest) == 0 {
		return kept
	}
	c.repair(strings.Join(append(c.path, AttrRest), "."), reasonTooMany)
	return appendRest(kept, 0, string(AppendAttrs(nil, rest)))
}

// value returns v as it is stored; c.path names it. Groups and arrays are copied
// whether they need it or not: looking first would cost the square of the depth.
func (c *cleaner) value(v slog.Value, depth int) slog.Value {
	switch v.Kind() {
	default:
		return v
	case slog.KindString:
		return slog.StringValue(c.text(strings.Join(c.path, "."), v.String()))
	case slog.KindGroup:
		return c.group(v, depth)
	case slog.KindLogValuer:
		return c.value(v.Resolve(), depth)
	case slog.KindAny:
	}
	switch x := v.Any().(type) {
	case nil:
		return v
	case json.Number:
		if end, plain := scanNumber(string(x), 0); end > 0 && end == len(x) {
			return numberValue(string(x), plain)
		}
		return slog.StringValue(c.text(strings.Join(c.path, "."), string(x)))
	case []slog.Value:
		if depth >= MaxDepth {
			return c.tooDeep(v)
		}
		list := make([]slog.Value, len(x))
		for i := range x {
			list[i] = c.inside(strconv.Itoa(i), x[i], depth+1)
		}
		return slog.AnyValue(list)
	case emptyObject:
		if depth >= MaxDepth {
			return c.tooDeep(v)
		}
		return v
	default:
		return slog.StringValue(c.text(strings.Join(c.path, "."), fmt.Sprint(x)))
	}
}

func (c *cleaner) group(v slog.Value, depth int) slog.Value {
	if depth >= MaxDepth {
		return c.tooDeep(v)
	}
	if len(v.Group()) == 0 {
		return EmptyObject()
	}
	attrs := make([]slog.Attr, len(v.Group()))
	copy(attrs, v.Group())
	attrs = lastOfEach(attrs, func(key string) {
		c.repair(strings.Join(append(c.path, key), "."), reasonTwice)
	})
	attrs = c.keys(attrs)
	attrs = c.limit(attrs)
	for i := range attrs {
		attrs[i].Value = c.inside(attrs[i].Key, attrs[i].Value, depth+1)
	}
	return slog.GroupValue(attrs...)
}

func (c *cleaner) inside(key string, v slog.Value, depth int) slog.Value {
	c.path = append(c.path, key)
	v = c.value(v, depth)
	c.path = c.path[:len(c.path)-1]
	return v
}

func (c *cleaner) tooDeep(v slog.Value) slog.Value {
	name := strings.Join(c.path, ".")
	c.repair(name, reasonTooDeep)
	return slog.StringValue(c.text(name, string(AppendValue(nil, v))))
}
