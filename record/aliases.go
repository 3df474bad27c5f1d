package record

import (
	"log/slog"
	"strings"
)

// The names that other loggers use, the most telling first. A dot means a key with
// a dot in it, or a key inside an object.
var (
	timeNames    = []string{"time", "ts", "timestamp", "@timestamp", "datetime", "t", "eventTime"}
	levelNamesIn = []string{"lvl", "log.level", "loglevel", "logLevel", "levelname", "level_name"}
	messageNames = []string{"msg", "text", "event", "short_message", "full_message", "@message", "log"}
	loggerNames  = []string{"logger_name", "log.logger", "loggerName"}
	traceNames   = []string{"traceId", "traceID", "trace.id", "dd.trace_id"}
	spanNames    = []string{"spanId", "spanID", "span.id", "dd.span_id"}
	stackNames   = []string{"stacktrace", "stack", "stackTrace", "error.stack_trace", "exception.stacktrace", "exc_info"}
	typeNames    = []string{"error.type", "exception.type"}
	hostNames    = []string{"hostname", "host.name"}
	fileNames    = []string{"log.origin.file.name", "pathname"}
	lineNames    = []string{"log.origin.file.line", "lineno"}
	funcNames    = []string{"log.origin.function", "funcName"}
	serviceNames = []string{"service.name"}
	versionNames = []string{"service.version"}
	placeNames   = []string{"service.environment", "deployment.environment.name", "deployment.environment"}
)

// plausibleTime is the least number that is taken for a time under a name as
// common as "t" or "time": seconds of 1973. Smaller ones are durations and counts.
const plausibleTime = 1e8

// aliases gives fields that are absent the values that other names have, and
// removes those from the other attributes whose whole content has moved.
func (rd *reading) aliases() {
	if rd.has(FieldPosition) && !rd.has(FieldObservedAt) {
		rd.odd = append(rd.odd, slog.Attr{Key: Fields[FieldPosition].Name, Value: rd.row[FieldPosition]})
		rd.give(FieldPosition, slog.Value{})
	}
	rd.splitObject(FieldService)
	rd.splitObject(FieldHost)
	for i := range rd.top {
		rd.topKeys.add(rd.top[i].Key)
	}
	if len(rd.top) == 0 {
		rd.numericLevel()
		return
	}
	gelf := rd.isGELF()
	bunyan := rd.find("msg") != nil && (rd.has(FieldLevel) || rd.find("lvl") != nil)
	rd.alias(FieldCreatedAt, timeNames, plausible)
	rd.errorObject()
	rd.caller()
	rd.alias(FieldMessage, messageNames, scalar)
	if gelf {
		rd.gelfLevel()
	}
	rd.numericLevel()
	rd.levelAlias()
	rd.alias(FieldLogger, loggerNames, isText)
	if bunyan {
		rd.alias(FieldLogger, []string{"name"}, isText)
	}
	rd.alias(FieldTraceID, traceNames, scalar)
	rd.alias(FieldSpanID, spanNames, scalar)
	rd.alias(FieldStackTrace, stackNames, isText)
	rd.alias(FieldErrorType, typeNames, isText)
	rd.alias(FieldHost, hostNames, isText)
	rd.alias(FieldService, serviceNames, isText)
	rd.alias(FieldServiceVersion, versionNames, isText)
	rd.alias(FieldEnvironment, placeNames, isText)
}

func scalar(v slog.Value) bool { return fits(TypeText, v) }

func wholeNumber(v slog.Value) bool { return fits(TypeInteger, v) }

func plausible(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindInt64:
		if n := v.Int64(); n < plausibleTime {
			return false
		}
	case slog.KindFloat64:
		if v.Float64() < plausibleTime {
			return false
		}
	case slog.KindString:
		s := v.String()
		if isNumber(s) && len(s) < len("100000000") {
			return false
		}
	}
	_, ok := timeOf(v)
	return ok
}

// find returns the top-level attribute of that name that is not a field, nil when
// there is none.
func (rd *reading) find(name string) *slog.Attr {
	if !rd.topKeys.mayHave(name) {
		return nil
	}
	for i := range rd.top {
		if a := &rd.top[i]; len(a.Key) == len(name) && a.Key == name && !isNull(a.Value) {
			return a
		}
	}
	return nil
}

// alias gives a field that is absent the value of the first of names that fits,
// and reports whether it did.
func (rd *reading) alias(id FieldID, names []string, fitting func(slog.Value) bool) bool {
	if rd.has(id) {
		return false
	}
	for _, name := range names {
		if v, ok := rd.take(name, fitting); ok {
			rd.give(id, v)
			return true
		}
	}
	return false
}

// take removes a value that fits from the top-level attributes and returns it.
// Through an object it is removed from the object, and the object with its last
// key.
func (rd *reading) take(name string, fitting func(slog.Value) bool) (slog.Value, bool) {
	if a := rd.find(name); a != nil {
		if v := a.Value; fitting(v) {
			a.Value = slog.Value{} // null: left out
			return v, true
		}
		return slog.Value{}, false
	}
	head, tail, dotted := strings.Cut(name, ".")
	if !dotted {
		return slog.Value{}, false
	}
	a := rd.find(head)
	if a == nil {
		return slog.Value{}, false
	}
	v, left, ok := takeFrom(a.Value, tail, fitting)
	if ok {
		a.Value = left
	}
	return v, ok
}

// takeFrom returns the value under a dotted name, and what is left of the group
// without it; nobody else's group is changed.
func takeFrom(group slog.Value, name string, fitting func(slog.Value) bool) (v, left slog.Value, ok bool) {
	if group.Kind() != slog.KindGroup {
		return v, group, false
	}
	attrs := group.Group()
	head, tail, dotted := strings.Cut(name, ".")
	for i := range attrs {
		var inner slog.Value
		switch {
		case attrs[i].Key == name:
			v, ok = attrs[i].Value, fitting(attrs[i].Value)
		case dotted && attrs[i].Key == head:
			v, inner, ok = takeFrom(attrs[i].Value, tail, fitting)
		default:
			continue
		}
		if !ok {
			return v, group, false
		}
		rest := make([]slog.Attr, 0, len(attrs))
		rest = append(rest, attrs[:i]...)
		if !isNull(inner) {
			rest = append(rest, slog.Attr{Key: head, Value: inner})
		}
		rest = append(rest, attrs[i+1:]...)
		if len(rest) == 0 {
			return v, slog.Value{}, true
		}
		return v, slog.GroupValue(rest...), true
	}
	return v, group, false
}

// splitObject moves a field that is an object, as ECS has them (service.name,
// host.name), to the other attributes, so that its parts can be taken.
func (rd *reading) splitObject(id FieldID) {
	if rd.has(id) && rd.row[id].Kind() == slog.KindGroup {
		rd.top = append(rd.top, slog.Attr{Key: Fields[id].Name, Value: rd.row[id]})
		rd.give(id, slog.Value{})
	}
}
