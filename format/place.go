package format

import (
	"log/slog"
	"strings"

	"github.com/weirlog/weir/record"
)

// place is where a record was logged.
type place struct {
	file string
	line int64
}

// take takes the attributes of the place out; the function is told by the file and
// line.
func (p *place) take(a slog.Attr) bool {
	switch {
	case a.Key == nameOf(record.FieldFilePath) && a.Value.Kind() == slog.KindString:
		p.file = a.Value.String()
	case a.Key == nameOf(record.FieldLineNumber) && a.Value.Kind() == slog.KindInt64:
		p.line = a.Value.Int64()
	case a.Key == nameOf(record.FieldFunctionName) && a.Value.Kind() == slog.KindString:
	default:
		return false
	}
	return true
}

func nameOf(id record.FieldID) string { return record.Fields[id].Name }

// baseName returns the last part of a path of any system.
func baseName(path string) string {
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

// bareFunction takes the package off a function's name: (*Server).Serve of
// example.org/http.(*Server).Serve.
func bareFunction(name string) string {
	rest := name[strings.LastIndexByte(name, '/')+1:]
	if _, bare, ok := strings.Cut(rest, "."); ok && bare != "" {
		return bare
	}
	return rest
}
