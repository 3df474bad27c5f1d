package otlp

import "log/slog"

// A target is a field of the projection that OpenTelemetry's semantic conventions have
// a name for.
type target uint8

const (
	noTarget target = iota
	errorType
	stackTrace
	functionName
	filePath
	lineNumber
	path
	method
	userID
	sessionID
	targets int = iota
)

func (t target) name() string {
	return [targets]string{"", "error_type", "stack_trace", "function_name", "file_path", "line_number", "path", "method", "user_id", "session_id"}[t]
}

// targetOf returns the field that an attribute is. Of several attributes that are the
// same field the one with the lowest rank is it; 0 is the field's own name.
func targetOf(key string) (t target, rank uint8) {
	switch key {
	case "error_type":
		return errorType, 0
	case "exception.type":
		return errorType, 1
	case "error.type":
		return errorType, 2
	case "stack_trace":
		return stackTrace, 0
	case "exception.stacktrace":
		return stackTrace, 1
	case "function_name":
		return functionName, 0
	case "code.function.name":
		return functionName, 1
	case "code.function": // until 1.30 of the conventions
		return functionName, 2
	case "file_path":
		return filePath, 0
	case "code.file.path":
		return filePath, 1
	case "code.filepath":
		return filePath, 2
	case "line_number":
		return lineNumber, 0
	case "code.line.number":
		return lineNumber, 1
	case "code.lineno":
		return lineNumber, 2
	case "path":
		return path, 0
	case "url.path":
		return path, 1
	case "http.route":
		return path, 2
	case "http.target":
		return path, 3
	case "method":
		return method, 0
	case "http.request.method":
		return method, 1
	case "http.method":
		return method, 2
	case "user_id":
		return userID, 0
	case "user.id":
		return userID, 1
	case "enduser.id":
		return userID, 2
	case "session_id":
		return sessionID, 0
	case "session.id":
		return sessionID, 1
	}
	return noTarget, 0
}

// fits reports whether a value can be the field's; one that cannot stays an attribute
// under its own name.
func (t target) fits(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindString:
		return t != lineNumber
	case slog.KindInt64:
		return t == lineNumber || t == userID || t == sessionID
	}
	return false
}

// rename gives attributes that are fields the fields' names.
func rename(attrs []slog.Attr) {
	var best [targets]struct {
		at   int
		rank uint8
	}
	found := false
	for i := range attrs {
		t, rank := targetOf(attrs[i].Key)
		if t == noTarget || rank > 0 && !t.fits(attrs[i].Value) {
			continue
		}
		if b := &best[t]; b.at == 0 || rank < b.rank {
			b.at, b.rank = i+1, rank
			found = true
		}
	}
	if !found {
		return
	}
	for t, b := range best {
		if b.at > 0 && b.rank > 0 {
			attrs[b.at-1].Key = target(t).name()
		}
	}
}
