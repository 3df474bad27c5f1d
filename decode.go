package weir

import (
	"log/slog"
	"slices"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/record"
)

func (w *worker) decode(r *record.Record, b *batch, head *flat.Head) error {
	attrs, err := b.decoder.Attrs(head, w.core.callers.find(head.Caller).attributes())
	if err != nil {
		return err
	}
	*r = record.Record{
		Time:     head.Time,
		Severity: head.Severity,
		Kind:     head.Kind,
		Message:  head.Message,
		Logger:   w.node(head.Logger).name,
		SourceID: w.sourceID,
		Resource: w.resource,
	}
	if !head.Given {
		r.Time = w.wall.time(head.Clock)
	}
	r.Attrs = takeTrace(r, record.LastOfEach(attrs))
	return nil
}

// node returns the name that a record was logged with.
func (w *worker) node(id uint32) *node {
	if int(id) >= len(w.names) {
		w.names = w.core.names.all()
	}
	return w.names[id]
}

// takeTrace moves trace_id and span_id to their fields, where every sink finds
// them.
func takeTrace(r *record.Record, attrs []slog.Attr) []slog.Attr {
	for i := 0; i < len(attrs); i++ {
		a := &attrs[i]
		if len(a.Key) != len("trace_id") && len(a.Key) != len("span_id") || a.Value.Kind() != slog.KindString {
			continue
		}
		switch a.Key {
		case fieldName(record.FieldTraceID):
			r.TraceID = a.Value.String()
		case fieldName(record.FieldSpanID):
			r.SpanID = a.Value.String()
		default:
			continue
		}
		attrs = slices.Delete(attrs, i, i+1)
		i--
	}
	return attrs
}
