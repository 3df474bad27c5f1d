package flat

import (
	"encoding/binary"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/weirlog/weir/record"
)

// Constants are the parts that all lines of a program share, encoded by ConstantsOf.
type Constants struct {
	resource string // log_type to service_version
	host     string
	tail     string // source_id, and the end of the object
}

// ConstantsOf encodes what a resource and a source id add to each line.
func ConstantsOf(r *record.Resource, sourceID string) Constants {
	var c Constants
	c.resource = fieldText(record.FieldLogType, r.LogType) + fieldText(record.FieldService, r.Service) +
		fieldText(record.FieldEnvironment, r.Environment) + fieldText(record.FieldServiceVersion, r.ServiceVersion)
	c.host = fieldText(record.FieldHost, r.Host)
	c.tail = fieldText(record.FieldSourceID, sourceID) + "}\n"
	return c
}

// LoggerField encodes a logger's name for Line.
func LoggerField(name string) string { return fieldText(record.FieldLogger, name) }

// Site is where a call is in the source, encoded by SiteOf.
type Site struct{ function, file, line string }

// SiteOf encodes a function, a file and a line.
func SiteOf(function, file string, line int) *Site {
	s := &Site{function: fieldText(record.FieldFunctionName, function)}
	if file != "" {
		s.file = fieldText(record.FieldFilePath, file)
		s.line = keyOf(record.FieldLineNumber) + strconv.Itoa(line)
	}
	return s
}

func keyOf(id record.FieldID) string { return `,"` + record.Fields[id].Name + `":` }

func fieldText(id record.FieldID, s string) string {
	if s == "" {
		return ""
	}
	return keyOf(id) + string(record.AppendValue(nil, slog.StringValue(s)))
}

// Line turns flat records into lines of JSON without making a record.Record of them:
// byte for byte what record.AppendJSON writes for usual ones. It is used by one
// goroutine at a time.
type Line struct {
	second int64 // that stamp is the text of
	stamp  []byte
	fields []lineField
	keys   []string
}

// lineField is an attribute that is a field of the projection.
type lineField struct {
	id    record.FieldID
	whole string     // encoded already, or "":
	value slog.Value // to be encoded
}

// maxLineKeys bounds the attributes of a record that Line looks after: their keys are
// compared with each other.
const maxLineKeys = 24

// Append appends a record as a line but for its end: AppendEnd appends that, once the
// record's number is known. nanos is the record's time, where it was not given. It
// returns false for a record that is not usual, which record.AppendJSON must write:
// another kind than log, groups, lists, a field of another type than the projection's,
// an attribute given twice.
func (l *Line) Append(dst []byte, h *Head, c *Constants, logger string, site *Site, nanos int64) ([]byte, bool) {
	if h.Kind != record.KindLog || h.Severity == record.SeverityUnknown || h.Given && h.Time.IsZero() {
		return dst, false
	}
	rest, ok := l.sort(h.body, site)
	if !ok {
		return dst, false
	}
	dst = append(dst, `{"created_at":"`...)
	if h.Given {
		dst = record.AppendTime(dst, h.Time)
	} else {
		dst = l.time(dst, nanos)
	}
	dst = append(dst, `","level":"`...)
	dst = append(dst, h.Severity.Level()...)
	dst = append(dst, `","message":`...)
	dst = record.AppendValue(dst, slog.StringValue(h.Message))
	dst = append(dst, c.resource...)
	i := 0
	for ; i < len(l.fields) && l.fields[i].id < record.FieldMetadata; i++ {
		dst = l.fields[i].append(dst)
	}
	if rest {
		dst = appendRest(dst, h.body)
	}
	if h.Severity%4 != 1 {
		dst = append(dst, `,"severity":`...)
		dst = strconv.AppendUint(dst, uint64(h.Severity), 10)
	}
	dst = append(dst, logger...)
	for ; i < len(l.fields) && l.fields[i].id < record.FieldHost; i++ {
		dst = l.fields[i].append(dst)
	}
	dst = append(dst, c.host...)
	for ; i < len(l.fields); i++ {
		dst = l.fields[i].append(dst)
	}
	return dst, true
}

// AppendEnd ends a line that Append began.
func AppendEnd(dst []byte, c *Constants, seq uint64) []byte {
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendUint(dst, seq, 10)
	return append(dst, c.tail...)
}

func (f *lineField) append(dst []byte) []byte {
	if f.whole != "" {
		return append(dst, f.whole...)
	}
	dst = append(dst, ',', '"')
	dst = append(dst, record.Fields[f.id].Name...)
	dst = append(dst, '"', ':')
	return record.AppendValue(dst, f.value)
}

// time appends a time as record.AppendTime does; the text of a second is used again.
func (l *Line) time(dst []byte, nanos int64) []byte {
	second, part := nanos/1e9, nanos%1e9
	if second != l.second || len(l.stamp) == 0 {
		l.stamp = record.AppendTime(l.stamp[:0], time.Unix(second, 0))
		l.stamp = l.stamp[:len(l.stamp)-len("000000Z")]
		l.second = second
	}
	dst = append(dst, l.stamp...)
	micros := uint32(part / 1000)
	var digits [7]byte
	for i := 5; i >= 0; i-- {
		digits[i] = byte('0' + micros%10)
		micros /= 10
	}
	digits[6] = 'Z'
	return append(dst, digits[:]...)
}

// sort puts the fields among the attributes in the order of the projection, and
// reports whether there are others.
func (l *Line) sort(body string, site *Site) (rest, ok bool) {
	l.fields, l.keys = l.fields[:0], l.keys[:0]
	if site != nil {
		l.addSite(record.FieldFunctionName, site.function)
		l.addSite(record.FieldFilePath, site.file)
		l.addSite(record.FieldLineNumber, site.line)
	}
	for body != "" {
		o, key, v, after, ok := scalarAt(body)
		if !ok || len(l.keys) == maxLineKeys || slices.Contains(l.keys, key) {
			return false, false
		}
		l.keys = append(l.keys, key)
		body = after
		f, known := record.FieldByName(key)
		if !known || f.Origin == record.FromRest || f.Origin == record.FromRecord && f.ID != record.FieldTraceID && f.ID != record.FieldSpanID && f.ID != record.FieldLogger {
			rest = rest || o != opNull
			continue
		}
		switch {
		case f.Origin == record.FromResource || f.ID == record.FieldLogger:
			return false, false
		case f.Type == record.TypeText && o == opString && (f.Origin == record.FromAttr || v.String() != ""):
		case f.Type == record.TypeNumber && o == opFloat && !math.IsNaN(v.Float64()) && !math.IsInf(v.Float64(), 0):
		default:
			return false, false
		}
		l.add(lineField{id: f.ID, value: v})
	}
	return rest, true
}

func (l *Line) addSite(id record.FieldID, whole string) {
	if whole != "" {
		l.keys = append(l.keys, record.Fields[id].Name)
		l.add(lineField{id: id, whole: whole})
	}
}

func (l *Line) add(f lineField) {
	i := len(l.fields)
	for i > 0 && l.fields[i-1].id > f.id {
		i--
	}
	l.fields = slices.Insert(l.fields, i, f)
}

// appendRest appends metadata: the attributes that are not fields. sort has found at
// least one, and nothing else than scalars.
func appendRest(dst []byte, body string) []byte {
	dst = append(dst, `,"metadata":`...)
	separator := byte('{')
	for body != "" {
		o, key, v, after, _ := scalarAt(body)
		body = after
		f, known := record.FieldByName(key)
		if o == opNull || known && (f.Origin == record.FromAttr || f.ID == record.FieldTraceID || f.ID == record.FieldSpanID) {
			continue
		}
		dst = append(dst, separator)
		separator = ','
		dst = record.AppendValue(dst, slog.StringValue(key))
		dst = append(dst, ':')
		dst = record.AppendValue(dst, v)
	}
	return append(dst, '}')
}

// scalarAt reads the attribute that s starts with. ok is false when it is not a
// scalar.
func scalarAt(s string) (o op, key string, v slog.Value, after string, ok bool) {
	if len(s) < opSize {
		return 0, "", v, "", false
	}
	word := uint32At(s, 0)
	o, n := op(word), int(word>>8)
	if s = s[opSize:]; n > len(s) {
		return 0, "", v, "", false
	}
	key, s = s[:n], s[n:]
	switch o {
	case opString:
		if len(s) < 4 || int(uint32At(s, 0)) > len(s)-4 {
			return 0, "", v, "", false
		}
		n := int(uint32At(s, 0))
		v, s = slog.StringValue(s[4:4+n]), s[4+n:]
	case opInt, opUint, opFloat, opDuration:
		if len(s) < scalarLen {
			return 0, "", v, "", false
		}
		v, s = scalarValue(o, uint64At(s, 0)), s[scalarLen:]
	case opTime:
		if len(s) < timeSize {
			return 0, "", v, "", false
		}
		v, s = slog.TimeValue(unixTime(int64(uint64At(s, 0)), uint32At(s, 8))), s[timeSize:]
	case opTrue, opFalse:
		v = slog.BoolValue(o == opTrue)
	case opNull:
	default:
		return 0, "", v, "", false
	}
	return o, key, v, s, true
}

// flagLine marks a record whose message is a line that Append has begun.
const flagLine = 0x10

// AppendLineRecord appends to dst, which is empty, the record in b as one that is
// encoded already. It returns false when Append does.
func (l *Line) AppendLineRecord(dst, b []byte, c *Constants, logger string, site *Site, offset int64) ([]byte, bool) {
	h, err := viewHead(b)
	if err != nil {
		return dst, false
	}
	dst = append(dst, b[:headSize]...)
	dst, ok := l.Append(dst, &h, c, logger, site, offset+h.Clock)
	if !ok {
		return dst, false
	}
	dst[flagsOffset] |= flagLine
	binary.LittleEndian.PutUint32(dst[lengthOffset:], uint32(len(dst)-headSize))
	return dst, true
}

// CallerOf returns the program counter that Begin was given.
func CallerOf(b []byte) uintptr { return uintptr(binary.LittleEndian.Uint64(b[callerOffset:])) }

func viewHead(b []byte) (Head, error) {
	if len(b) < headSize {
		return Head{}, errCorrupt
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	return DecodeHead(view(b))
}
