package ship

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// What a log-collector's database has room for. Its server refuses a whole batch for
// one value that does not fit, so such a value is sent in metadata alone, or what must be there
// in a form that fits and in metadata as it is.
const maxCollectorDuration = 1e7 // numeric(10,3), in milliseconds

// collectorColumns are the columns beside those that each record has, in the order of the
// wire, with the most characters they hold; 0: another rule.
var collectorColumns = [...]struct {
	id   record.FieldID
	most int
}{
	{record.FieldTraceID, 32},
	{record.FieldUserID, 255},
	{record.FieldSessionID, 100},
	{record.FieldErrorType, 200},
	{record.FieldStackTrace, math.MaxInt},
	{record.FieldPath, 500},
	{record.FieldMethod, 0},
	{record.FieldActionType, 50},
	{record.FieldFunctionName, 300},
	{record.FieldFilePath, 1000},
	{record.FieldDurationMS, 0},
}

// collectorExtras are Weir's fields that a log-collector has no column for.
var collectorExtras = [...]record.FieldID{
	record.FieldLogger, record.FieldSpanID, record.FieldLineNumber, record.FieldHost,
	record.FieldIP, record.FieldTenantID, record.FieldTag,
}

var (
	collectorLevels       = []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}
	collectorTypes        = []string{"BACKEND", "FRONTEND", "MOBILE", "IOT", "WORKER"}
	collectorEnvironments = []string{"production", "staging", "development", "test", "local"}
	collectorMethods      = []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}
)

// collectorBody makes {"logs":[…]} of NDJSON. The same lines make the same body.
func collectorBody(raw []byte) ([]byte, error) {
	out := make([]byte, 0, len(raw)+len(raw)/2+16)
	out = append(out, `{"logs":[`...)
	var shared record.Interner
	for line := range eachLine(raw) {
		r, _, err := record.ParseJSON(bytes.TrimSuffix(line, []byte{'\n'}), record.ParseOptions{Resources: &shared})
		if err != nil {
			return nil, fmt.Errorf("read a record of the batch: %w", err)
		}
		record.Normalize(&r) // a NUL in a text costs a log-collector the batch
		if out[len(out)-1] != '[' {
			out = append(out, ',')
		}
		out = appendCollector(out, &r)
	}
	return append(out, "]}"...), nil
}

// entry is one record on its way to a log-collector.
type entry struct {
	out      []byte
	metadata []slog.Attr
}

// appendCollector appends one record as the log-collector's clients write it: level,
// message and created_at first, then what the record has, all at the top level, and the
// sender last. The server keeps of the rest what is in metadata, so it is there as well.
func appendCollector(dst []byte, r *record.Record) []byte {
	var row record.Row
	r.Row(&row)
	e := entry{out: append(dst, '{')}
	e.text("level", e.oneOf(row, record.FieldLevel, collectorLevels, "INFO"))
	e.text("message", r.Message)
	if !r.Time.IsZero() {
		micros := r.Time.UnixMicro()
		e.key("created_at")
		e.out = strconv.AppendInt(e.out, micros/1e6, 10)
		if micros >= 0 {
			e.out = fmt.Appendf(e.out, ".%06d", micros%1e6)
		}
	}
	for _, column := range collectorColumns {
		v := row[column.id]
		switch name := record.Fields[column.id].Name; {
		case isNull(v):
		case fitsColumn(column.id, column.most, v):
			e.value(name, v)
		default:
			e.keep(name, v)
		}
	}
	if row[record.FieldDeleted].Bool() {
		e.value("deleted", row[record.FieldDeleted])
	}
	for _, id := range collectorExtras {
		if v := row[id]; !isNull(v) {
			e.value(record.Fields[id].Name, v)
			e.keep(record.Fields[id].Name, v)
		}
	}
	if r.Kind != record.KindLog {
		e.text("kind", r.Kind.String())
		e.keep("kind", row[record.FieldKind])
	}
	for _, id := range [...]record.FieldID{record.FieldSeq, record.FieldSourceID} {
		if v := row[id]; !isNull(v) {
			e.value(record.Fields[id].Name, v)
		}
	}
	if rest := row[record.FieldMetadata]; !isNull(rest) {
		for _, a := range rest.Group() {
			if isPlain(a.Key) {
				e.value(a.Key, a.Value)
			}
			e.keep(a.Key, a.Value)
		}
	}
	e.text("service", e.upTo(row, record.FieldService, 100, "unknown"))
	e.text("environment", e.oneOf(row, record.FieldEnvironment, collectorEnvironments, "development"))
	e.text("service_version", e.upTo(row, record.FieldServiceVersion, 50, "v0.0.0-dev"))
	e.text("log_type", e.oneOf(row, record.FieldLogType, collectorTypes, "BACKEND"))
	if len(e.metadata) > 0 {
		e.key("metadata")
		e.out = record.AppendAttrs(e.out, e.metadata)
	}
	return append(e.out, '}')
}

func (e *entry) key(name string) {
	if e.out[len(e.out)-1] != '{' {
		e.out = append(e.out, ',')
	}
	e.out = append(record.AppendValue(e.out, slog.StringValue(name)), ':')
}

func (e *entry) value(name string, v slog.Value) {
	e.key(name)
	e.out = record.AppendValue(e.out, v)
}

func (e *entry) text(name, v string) { e.value(name, slog.StringValue(v)) }

// keep puts a value into metadata.
func (e *entry) keep(name string, v slog.Value) {
	e.metadata = append(e.metadata, slog.Attr{Key: name, Value: v})
}

// oneOf returns a field's text when it is one of those that the database knows, and
// otherwise a text that it takes; the field's own is kept.
func (e *entry) oneOf(row record.Row, id record.FieldID, known []string, otherwise string) string {
	v := row[id]
	if isNull(v) {
		return otherwise
	}
	text := v.String()
	if slices.Contains(known, text) {
		return text
	}
	e.keep(record.Fields[id].Name, v)
	for _, k := range known {
		if strings.EqualFold(k, text) || len(text) >= 3 && strings.HasPrefix(k, strings.ToLower(text)) { // prod, stage, dev
			return k
		}
	}
	return otherwise
}

// upTo returns a field's text, cut when it is too long; the whole one is kept then.
func (e *entry) upTo(row record.Row, id record.FieldID, most int, otherwise string) string {
	v := row[id]
	if isNull(v) {
		return otherwise
	}
	text := v.String()
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	e.keep(record.Fields[id].Name, v)
	return string([]rune(text)[:most])
}

func fitsColumn(id record.FieldID, most int, v slog.Value) bool {
	switch id {
	case record.FieldMethod:
		return slices.Contains(collectorMethods, v.String())
	case record.FieldDurationMS:
		// Half a unit of the last place is rounded up.
		return math.Abs(v.Float64()) < maxCollectorDuration-0.0005
	}
	return utf8.RuneCountInString(v.String()) <= most
}

// isPlain tells whether an attribute may stand at the top level: its key is no
// field's, which has its own meaning there.
func isPlain(key string) bool {
	_, taken := record.FieldByName(key)
	return !taken
}

func isNull(v slog.Value) bool { return v.Kind() == slog.KindAny && v.Any() == nil }
