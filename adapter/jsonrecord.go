package adapter

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// attrLoggerName is the attribute of a logger's name that got no logger.
const attrLoggerName = "logger_name"

// JSONStats are a JSONWriter's counters.
type JSONStats struct {
	Records  uint64 // lines that were JSON objects
	Text     uint64 // lines that were kept as text, because they were not
	LongText uint64 // lines that were kept as text, because they were longer than MaxLine
}

type counts struct{ records, text, long, names atomic.Uint64 }

// Stats returns the counters.
func (w *JSONWriter) Stats() JSONStats {
	return JSONStats{Records: w.count.records.Load(), Text: w.count.text.Load(), LongText: w.count.long.Load()}
}

// emit puts a record that was read into the logger's queue.
func (w *JSONWriter) emit(r *record.Record) error {
	ctx := context.Background()
	level := w.o.Level
	if r.Severity != record.SeverityUnknown {
		level = slog.Level(int(r.Severity) - int(record.SeverityInfo))
	}
	h, named := w.handler(r.Logger)
	if !h.Enabled(ctx, level) {
		return nil
	}
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	out := slog.NewRecord(r.Time, level, r.Message, 0)
	for _, a := range r.Attrs {
		out.AddAttrs(slog.Attr{Key: a.Key, Value: loggable(a.Value)})
	}
	text := func(key, value string) {
		if value != "" {
			out.AddAttrs(slog.String(key, value))
		}
	}
	if !named {
		text(attrLoggerName, r.Logger)
	}
	text(nameOf(record.FieldTraceID), r.TraceID)
	text(nameOf(record.FieldSpanID), r.SpanID)
	if r.Severity == record.SeverityUnknown {
		text(record.AttrLevelText, r.Level)
	}
	if res := r.Resource; res != nil {
		text(nameOf(record.FieldService), res.Service)
		text(nameOf(record.FieldEnvironment), res.Environment)
		text(nameOf(record.FieldServiceVersion), res.ServiceVersion)
		text(nameOf(record.FieldLogType), res.LogType)
		text(nameOf(record.FieldHost), res.Host)
	}
	if r.Kind != record.KindLog {
		text(nameOf(record.FieldKind), r.Kind.String())
	}
	if r.ID > 0 {
		text(nameOf(record.FieldPosition), strconv.FormatInt(int64(r.ID), 10))
	}
	if r.Seq > 0 {
		out.AddAttrs(slog.Uint64(nameOf(record.FieldSeq), r.Seq))
	}
	text(nameOf(record.FieldSourceID), r.SourceID)
	if !r.Observed.IsZero() {
		out.AddAttrs(slog.Time(nameOf(record.FieldObservedAt), r.Observed))
	}
	return h.Handle(ctx, out)
}

// handler returns the handler for a logger's name; named says that its records have
// the name.
func (w *JSONWriter) handler(name string) (h *weir.Handler, named bool) {
	if found, ok := w.names.Load(name); ok {
		return found.(*weir.Handler), true
	}
	if name != "" && w.count.names.Add(1) > maxNames {
		return w.log.Handler(), false
	}
	h = w.log.Named(name).Handler()
	w.names.Store(name, h)
	return h, true
}

// loggable returns a value in the types that a log call takes it for what it is:
// records hold some in types of their own.
func loggable(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindGroup:
		group := v.Group()
		attrs := make([]slog.Attr, len(group))
		for i, a := range group {
			attrs[i] = slog.Attr{Key: a.Key, Value: loggable(a.Value)}
		}
		return slog.GroupValue(attrs...)
	case slog.KindAny:
		switch x := v.Any().(type) {
		case nil:
		case json.Number:
			return slog.AnyValue(json.RawMessage(x))
		case []slog.Value:
			list := make([]slog.Value, len(x))
			for i := range x {
				list[i] = loggable(x[i])
			}
			return slog.AnyValue(list)
		default: // an object without keys
			return slog.AnyValue(map[string]any{})
		}
	}
	return v
}
