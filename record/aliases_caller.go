package record

import (
	"encoding/json"
	"log/slog"
	"strings"
)

// errorObject takes the type and the stack out of an error that is an object; the
// attribute itself stays as it is.
func (rd *reading) errorObject() {
	for _, name := range []string{"err", "error", "exception"} {
		a := rd.find(name)
		if a == nil || a.Value.Kind() != slog.KindGroup {
			continue
		}
		for _, part := range a.Value.Group() {
			if !isText(part.Value) {
				continue
			}
			switch part.Key {
			case "type", "name", "class":
				rd.giveAbsent(FieldErrorType, part.Value)
			case "stack", "stack_trace", "stackTrace", "stacktrace":
				rd.giveAbsent(FieldStackTrace, part.Value)
			}
		}
	}
}

func (rd *reading) giveAbsent(id FieldID, v slog.Value) {
	if !rd.has(id) {
		rd.give(id, v)
	}
}

// caller reads where a record was logged: slog's source, "file.go:12" of zap,
// zerolog and logrus, and names of their own for file, line and function.
func (rd *reading) caller() {
	if a := rd.find("source"); a != nil && isSource(a.Value) && !rd.hasCaller() {
		for _, part := range a.Value.Group() {
			switch part.Key {
			case "function":
				rd.give(FieldFunctionName, part.Value)
			case "file":
				rd.give(FieldFilePath, part.Value)
			case "line":
				rd.give(FieldLineNumber, part.Value)
			}
		}
		a.Value = slog.Value{}
	}
	for _, name := range []string{"caller", "file"} {
		if rd.has(FieldFilePath) || rd.has(FieldLineNumber) {
			break
		}
		a := rd.find(name)
		if a == nil || a.Value.Kind() != slog.KindString {
			continue
		}
		file, line, ok := cutLine(a.Value.String())
		if !ok {
			continue
		}
		a.Value = slog.Value{}
		rd.give(FieldFilePath, slog.StringValue(file))
		rd.give(FieldLineNumber, line)
		rd.alias(FieldFunctionName, []string{"func"}, isText)
	}
	rd.alias(FieldFilePath, fileNames, isText)
	rd.alias(FieldLineNumber, lineNames, wholeNumber)
	rd.alias(FieldFunctionName, funcNames, isText)
}

func (rd *reading) hasCaller() bool {
	return rd.has(FieldFunctionName) || rd.has(FieldFilePath) || rd.has(FieldLineNumber)
}

// isSource reports whether v has nothing but what slog.Source writes.
func isSource(v slog.Value) bool {
	if v.Kind() != slog.KindGroup {
		return false
	}
	for _, a := range v.Group() {
		switch a.Key {
		case "function", "file":
			if a.Value.Kind() != slog.KindString {
				return false
			}
		case "line":
			if !wholeNumber(a.Value) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// cutLine splits "dir/file.go:12"; ok is false unless joining gives the same again.
func cutLine(s string) (file string, line slog.Value, ok bool) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 1 || !isNumber(s[colon+1:]) {
		return "", line, false
	}
	line = numberValue(s[colon+1:], true)
	if _, big := line.Any().(json.Number); big || line.Kind() != slog.KindInt64 || line.Int64() < 0 || strings.HasPrefix(s[colon+1:], "-") {
		return "", line, false
	}
	return s[:colon], line, true
}
