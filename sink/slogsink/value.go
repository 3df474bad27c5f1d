package slogsink

import (
	"encoding/json"
	"log/slog"
	"math"

	"github.com/weirlog/weir/record"
)

// plain returns a value that any handler understands, and that belongs to it: lists
// of slog.Value become lists of what they hold.
func plain(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindGroup:
		group := v.Group()
		attrs := make([]slog.Attr, len(group))
		for i, a := range group {
			attrs[i] = slog.Attr{Key: a.Key, Value: plain(a.Value)}
		}
		return slog.GroupValue(attrs...)
	case slog.KindAny, slog.KindFloat64:
		return slog.AnyValue(unwrap(v))
	}
	return v
}

// unwrap returns a value as encoding/json takes it.
func unwrap(v slog.Value) any {
	switch v.Kind() {
	case slog.KindGroup:
		object := make(map[string]any, len(v.Group()))
		for _, a := range v.Group() {
			object[a.Key] = unwrap(a.Value)
		}
		return object
	case slog.KindAny:
		switch x := v.Any().(type) {
		case []slog.Value:
			list := make([]any, len(x))
			for i := range x {
				list[i] = unwrap(x[i])
			}
			return list
		case nil, json.Number:
			return x
		default: // an object without keys
			return map[string]any{}
		}
	case slog.KindFloat64:
		if f := v.Float64(); math.IsNaN(f) || math.IsInf(f, 0) {
			return record.ValueText(v) // JSON has no such number
		}
	case slog.KindDuration, slog.KindTime:
		return record.ValueText(v)
	}
	return v.Any()
}
