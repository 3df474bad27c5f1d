package intake

import (
	"fmt"
	"log/slog"
	"unicode/utf8"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// fit returns a record's size, and cuts its longest texts first when that is above the
// bound: a part of such a record is worth more than none.
func (in *Intake) fit(r *record.Record) (size int64, repairs []record.Repair) {
	size = hub.SizeOf(r)
	attrs := r.Attrs
	for size > in.opts.MaxRecord {
		field, text, set := longest(r)
		keep := max(0, int64(len(text))-(size-in.opts.MaxRecord))
		if set == nil || keep == int64(len(text)) {
			return size, repairs // nothing is left that could be cut
		}
		if len(repairs) == 0 { // others may share them
			r.Attrs = append([]slog.Attr(nil), attrs...)
			field, text, set = longest(r)
		}
		for keep > 0 && !utf8.RuneStart(text[keep]) {
			keep--
		}
		set(text[:keep])
		repairs = append(repairs, record.Repair{Field: field, Reason: fmt.Sprintf("cut, a record may have %d bytes (--max-record)", in.opts.MaxRecord)})
		size = hub.SizeOf(r)
	}
	return size, repairs
}

// longest finds the longest text of a record, objects and lists as their JSON; set is
// nil when there is none.
func longest(r *record.Record) (field, text string, set func(string)) {
	field, text, set = "message", r.Message, func(s string) { r.Message = s }
	best := int64(len(r.Message))
	for i := range r.Attrs {
		a := &r.Attrs[i]
		var size int64
		switch a.Value.Kind() {
		case slog.KindString:
			size = int64(len(a.Value.String()))
		case slog.KindGroup, slog.KindAny:
			size = hub.SizeOf(&record.Record{Attrs: r.Attrs[i : i+1]})
		default:
			continue
		}
		if size > best {
			best = size
			field, text, set = a.Key, record.ValueText(a.Value), func(s string) { a.Value = slog.StringValue(s) }
		}
	}
	if best == 0 {
		return "", "", nil
	}
	return field, text, set
}
