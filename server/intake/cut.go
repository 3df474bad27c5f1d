package intake

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// maxCutNotes is how many of the texts that were cut a record tells one by one.
const maxCutNotes = 8

// fit returns a record's size, and cuts its longest texts when that is above the bound,
// and names of attributes when these are what is long: a part of such a record is worth
// more than none.
func (in *Intake) fit(r *record.Record) (size int64, repairs []record.Repair) {
	size = hub.SizeOf(r)
	if size <= in.opts.MaxRecord {
		return size, nil
	}
	r.Attrs = append([]slog.Attr(nil), r.Attrs...) // others may share them
	if r.Resource != nil {
		own := *r.Resource
		r.Resource = &own
	}
	cut := cutTo(textsOf(r), size-in.opts.MaxRecord)
	if size = hub.SizeOf(r); size > in.opts.MaxRecord {
		cut = append(cut, cutTo(namesOf(r), size-in.opts.MaxRecord)...)
		size = hub.SizeOf(r)
	}
	reason := fmt.Sprintf("cut, a record may have %d bytes (--max-record)", in.opts.MaxRecord)
	for i, field := range cut {
		if i == maxCutNotes {
			repairs = append(repairs, record.Repair{Field: fmt.Sprintf("%d more", len(cut)-i), Reason: reason})
			break
		}
		repairs = append(repairs, record.Repair{Field: field, Reason: reason})
	}
	return size, repairs
}

// piece is a text of a record that can be cut.
type piece struct {
	field  string
	length int64
	cut    func(keep int64)
}

// cutTo takes excess bytes off the longest pieces, so that they are equally long
// afterwards, and returns the fields that were cut.
func cutTo(pieces []piece, excess int64) (fields []string) {
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(b.length, a.length) })
	var sum, keep int64
	n := 0
	for n < len(pieces) && pieces[n].length > 0 {
		sum += pieces[n].length
		n++
		if keep = (sum - excess) / int64(n); keep >= 0 && (n == len(pieces) || keep >= pieces[n].length) {
			break
		}
	}
	for _, p := range pieces[:n] {
		if p.length > max(keep, 0) {
			p.cut(max(keep, 0))
			fields = append(fields, p.field)
		}
	}
	return fields
}

// textsOf returns a record's texts, objects and lists as their JSON.
func textsOf(r *record.Record) []piece {
	var out []piece
	text := func(field string, s *string) {
		out = append(out, piece{field, int64(len(*s)), func(keep int64) { *s = shorten(*s, keep) }})
	}
	text("message", &r.Message)
	text("level", &r.Level)
	text("logger", &r.Logger)
	text("trace_id", &r.TraceID)
	text("span_id", &r.SpanID)
	text("source_id", &r.SourceID)
	if res := r.Resource; res != nil {
		text("service", &res.Service)
		text("environment", &res.Environment)
		text("service_version", &res.ServiceVersion)
		text("log_type", &res.LogType)
		text("host", &res.Host)
	}
	for i := range r.Attrs {
		a := &r.Attrs[i]
		var size int64
		switch a.Value.Kind() {
		case slog.KindString:
			size = int64(len(a.Value.String()))
		case slog.KindGroup, slog.KindAny:
			size = hub.SizeOf(&record.Record{Attrs: []slog.Attr{{Value: a.Value}}}) - hub.SizeOf(&record.Record{Attrs: []slog.Attr{{}}})
		default:
			continue
		}
		out = append(out, piece{shorten(a.Key, maxNoteText), size, func(keep int64) {
			a.Value = slog.StringValue(shorten(record.ValueText(a.Value), keep))
		}})
	}
	return out
}

// namesOf returns the names of a record's attributes. A name that is cut gets a number,
// for no other must be the same.
func namesOf(r *record.Record) []piece {
	out := make([]piece, len(r.Attrs))
	for i := range r.Attrs {
		a := &r.Attrs[i]
		out[i] = piece{"a name", int64(len(a.Key)), func(keep int64) {
			number := "~" + strconv.Itoa(i)
			a.Key = shorten(a.Key, max(keep-int64(len(number)), 0)) + number
		}}
	}
	return out
}

// shorten returns at most so many bytes of a text, whole characters.
func shorten(text string, keep int64) string {
	if keep >= int64(len(text)) {
		return text
	}
	for keep > 0 && !utf8.RuneStart(text[keep]) {
		keep--
	}
	return text[:keep]
}
