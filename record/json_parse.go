package record

import (
	"log/slog"
	"strconv"
	"time"
)

// ParseOptions say how JSON becomes a record. The zero value reads Weir's own
// names only.
type ParseOptions struct {
	// Aliases makes the keys that other loggers use for time, level, message,
	// logger, error and caller count when Weir's own name is absent (slog, zap,
	// zerolog, logrus, pino, winston, bunyan, ECS, GELF, CloudWatch). A top-level id
	// then counts as Weir's only beside observed_at; otherwise it is the program's
	// own and stays an attribute.
	Aliases bool
	// Resources makes records of the same sender share one Resource; nil: each
	// record has its own.
	Resources *Interner
	// MaxValues bounds the values in one record, because each takes many times the
	// bytes that it is written with. An object or list that exceeds it is kept as its
	// text, and told as a repair. 0: no bound but that of the text's length.
	MaxValues int
}

// ParseJSON reads one JSON object into a record. It takes more than JSON: the
// tokens NaN, Infinity and -Infinity (kept as text), control characters inside
// strings, lone surrogates (kept as bytes for Normalize to replace), numbers of
// any size, duplicate keys (the last wins) and null for any field. Unknown keys
// become attributes, the keys of metadata too; where both have a key, metadata's
// stays and the other becomes "_conflict.<key>". Where a field is given and
// metadata has its name as well, the field stays and metadata's becomes
// "_conflict.<field>". A field whose value has the wrong type becomes an attribute
// of that name, so it ends up in metadata. Each such repair is told. A numeric time
// is seconds, milliseconds, micro- or nanoseconds by its size (seconds below 1e11).
//
// The error is a *SyntaxError when data is not one JSON object; data is not
// retained.
func ParseJSON(data []byte, opt ParseOptions) (Record, []Repair, error) {
	rd := reading{parser: parser{scanner: scanner{s: string(data)}, max: opt.MaxValues, attrs: make([]slog.Attr, 0, usualAttrs)}}
	if !rd.whole() {
		return Record{}, nil, rd.err
	}
	if opt.Aliases {
		rd.aliases()
	}
	var r Record
	rd.record(&r, opt.Resources)
	rd.attributes(&r)
	return r, rd.repairs, nil
}

// usualAttrs is room for the attributes of most records.
const usualAttrs = 12

// reading is a record that is being read.
type reading struct {
	parser
	row     Row             // the top-level keys that are fields, as they came
	given   uint64          // bits of the fields in row that are not null
	top     []slog.Attr     // the other top-level keys
	topKeys keyBits         // of top, for aliases
	meta    []slog.Attr     // the keys of metadata
	odd     []slog.Attr     // fields whose value has a wrong type, and what reading adds
	taken   [NumFields]bool // fields given at the top level that found their place
}

func (rd *reading) has(id FieldID) bool { return rd.given>>id&1 != 0 }

func (rd *reading) give(id FieldID, v slog.Value) {
	rd.row[id] = v
	rd.given |= 1 << id
	if isNull(v) {
		rd.given &^= 1 << id
	}
}

// whole reads the whole text into row, top and meta.
func (rd *reading) whole() bool {
	if rd.peek() != '{' {
		return rd.failHere("an object")
	}
	var seen uint64
	counted := 0
	var rest []byte
	ok := rd.members(func(key string, start int) bool {
		id, isField := fieldOf(key)
		if !isField {
			if !reserved(key) {
				counted++
			}
			if counted > MaxAttributes && !reserved(key) {
				return rd.skipInto(&rest, start)
			}
			rd.key = key
			v, ok := rd.value(0)
			rd.attrs = append(rd.attrs, slog.Attr{Key: key, Value: v})
			return ok
		}
		if seen>>id&1 != 0 {
			rd.repair(key, reasonTwice)
		}
		seen |= 1 << id
		if id == FieldMetadata && rd.i < len(rd.s) && rd.s[rd.i] == '{' {
			meta, ok := rd.object(0)
			rd.meta = meta
			rd.give(id, slog.Value{})
			return ok
		}
		rd.key = key
		v, ok := rd.value(0)
		rd.give(id, v)
		return ok
	})
	if !ok || !rd.end("object") {
		return false
	}
	rd.pushRest(rest, 0, 0)
	rd.top = lastOfEach(rd.attrs, func(key string) { rd.repair(key, reasonTwice) })
	return true
}

// wrong keeps a field's value that does not fit as an attribute.
func (rd *reading) wrong(id FieldID, reason string) {
	rd.repair(Fields[id].Name, reason)
	rd.odd = append(rd.odd, slog.Attr{Key: Fields[id].Name, Value: rd.row[id]})
	rd.give(id, slog.Value{})
}

// text returns a text field's value, "" when it is absent or wrong. Numbers and
// booleans become their text.
func (rd *reading) text(id FieldID) string {
	if !rd.has(id) {
		return ""
	}
	v := rd.row[id]
	if !fits(TypeText, v) {
		rd.wrong(id, "not a text")
		return ""
	}
	text := ValueText(v)
	rd.taken[id] = text != ""
	return text
}

// record fills r's own fields from the row.
func (rd *reading) record(r *Record, shared *Interner) {
	const resource = 1<<FieldLogType | 1<<FieldService | 1<<FieldEnvironment | 1<<FieldServiceVersion | 1<<FieldHost
	if rd.given&resource != 0 {
		r.Resource = shared.Intern(Resource{
			Service:        rd.text(FieldService),
			Environment:    rd.text(FieldEnvironment),
			ServiceVersion: rd.text(FieldServiceVersion),
			LogType:        rd.text(FieldLogType),
			Host:           rd.text(FieldHost),
		})
	}
	r.Message = rd.text(FieldMessage)
	r.Logger = rd.text(FieldLogger)
	r.TraceID = rd.text(FieldTraceID)
	r.SpanID = rd.text(FieldSpanID)
	r.SourceID = rd.text(FieldSourceID)
	r.Time = rd.time(FieldCreatedAt)
	r.Observed = rd.time(FieldObservedAt)
	rd.level(r)
	if rd.has(FieldPosition) {
		id, ok := parsePosition(rd.row[FieldPosition])
		if !ok {
			rd.wrong(FieldPosition, "not a decimal number in quotes")
		}
		r.ID = id
	}
	if rd.has(FieldKind) {
		v := rd.row[FieldKind]
		kind, ok := ParseKind(ValueText(v))
		if !ok || v.Kind() != slog.KindString {
			rd.wrong(FieldKind, "not log, divider or checkpoint")
		}
		r.Kind = kind
	}
	if rd.has(FieldSeq) {
		switch v := rd.row[FieldSeq]; {
		case v.Kind() == slog.KindUint64:
			r.Seq = v.Uint64()
		case v.Kind() == slog.KindInt64 && v.Int64() >= 0:
			r.Seq = uint64(v.Int64())
		default:
			rd.wrong(FieldSeq, "not a count")
		}
	}
	if rd.has(FieldMetadata) {
		rd.wrong(FieldMetadata, "not an object")
	}
}

func parsePosition(v slog.Value) (Position, bool) {
	if v.Kind() != slog.KindString {
		return 0, false
	}
	s := v.String()
	if s == "" || !isDigit(s[0]) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return Position(n), err == nil
}

func (rd *reading) time(id FieldID) time.Time {
	if !rd.has(id) {
		return time.Time{}
	}
	t, ok := timeOf(rd.row[id])
	if !ok {
		rd.wrong(id, "not a time: "+oneLine(ValueText(rd.row[id])))
	}
	return t
}

// timeOf reads a value as a time.
func timeOf(v slog.Value) (time.Time, bool) {
	switch v.Kind() {
	case slog.KindString:
		return ParseTime(v.String())
	case slog.KindInt64:
		return unixInt(v.Int64())
	case slog.KindFloat64:
		return unixFloat(v.Float64())
	case slog.KindAny:
		if isNull(v) {
			return time.Time{}, false
		}
		return ParseTime(ValueText(v)) // a json.Number
	}
	return time.Time{}, false
}

// level reads level and severity. Where they disagree the level stays; a severity
// says more when it lies within the level.
func (rd *reading) level(r *Record) {
	text := rd.text(FieldLevel)
	var number Severity
	if rd.has(FieldSeverity) {
		n, ok := integer(rd.row[FieldSeverity])
		if !ok || n < 0 || n > int64(severityMax) {
			rd.wrong(FieldSeverity, "not a severity from 0 to 24")
		} else {
			number = Severity(n)
		}
	}
	more := r.setLevel(text)
	switch {
	case number == SeverityUnknown || number == r.Severity:
	case r.Severity == SeverityUnknown:
		if r.Level != "" {
			more = r.Level
		}
		r.Severity, r.Level = number, ""
	case number.Level() == r.Severity.Level():
		r.Severity = number
	default:
		rd.wrong(FieldSeverity, "not a severity of level "+r.Severity.Level())
	}
	if more != "" {
		rd.odd = append(rd.odd, slog.String(AttrLevelText, more))
	}
}
