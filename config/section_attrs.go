package config

import (
	"log/slog"
	"strconv"
)

// Attrs returns the attributes of an object: texts, numbers, bools, lists and groups.
func (s *Section) Attrs(key string) []slog.Attr {
	n := s.of(key, KindObject, "")
	if n == nil {
		return nil
	}
	attrs := attrsOf(n)
	for i := range n.Members {
		m := &n.Members[i]
		s.report.note(s.join(key)+"."+m.Key, m.Value.show(), s.report.where(m.Value.Line, m.Value.Column, m.Value.Origin))
	}
	return attrs
}

func attrsOf(n *Node) []slog.Attr {
	attrs := make([]slog.Attr, 0, len(n.Members))
	for i := range n.Members {
		attrs = append(attrs, slog.Attr{Key: n.Members[i].Key, Value: valueOf(&n.Members[i].Value)})
	}
	return attrs
}

func valueOf(n *Node) slog.Value {
	switch n.Kind {
	case KindText:
		return slog.StringValue(n.Text)
	case KindBool:
		return slog.BoolValue(n.Text == "true")
	case KindNumber:
		if i, err := strconv.ParseInt(n.Text, 10, 64); err == nil {
			return slog.Int64Value(i)
		}
		if f, err := strconv.ParseFloat(n.Text, 64); err == nil {
			return slog.Float64Value(f)
		}
		return slog.StringValue(n.Text)
	case KindList:
		values := make([]slog.Value, len(n.Items))
		for i := range n.Items {
			values[i] = valueOf(&n.Items[i])
		}
		return slog.AnyValue(values)
	case KindObject:
		return slog.GroupValue(attrsOf(n)...)
	}
	return slog.AnyValue(nil)
}
