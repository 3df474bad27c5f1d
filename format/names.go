package format

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/weirlog/weir/record"
)

// getter finds what a name of a layout stands for; the zero Value says that the
// record does not have it.
type getter func(f *textForm, r *record.Record) slog.Value

// Name is a name that layouts know.
type Name struct{ Name, Help string }

// Names lists the names that a layout may use beside those of record.Fields and of
// attributes, whose dotted names work as in a search: user.plan is plan inside user.
// Where both mean something, the list wins, and metadata.NAME is the attribute.
func Names() []Name {
	return []Name{
		{"asctime", "the time, as TextOptions.DateFormat says"},
		{"created", "the time, in seconds since 1970 with their fraction"},
		{"msecs", "the milliseconds of the time, with their fraction"},
		{"relativeCreated", "the milliseconds since TextOptions.Started"},
		{"name", "the logger's dotted name"},
		{"level", "the level: TRACE, DEBUG, INFO, WARN, ERROR, FATAL, or the text of one that is unknown"},
		{"levelname", "the level as Python names it: WARNING, CRITICAL"},
		{"levelno", "the level's number in Python: 10 DEBUG to 50 CRITICAL; 0 when it is unknown"},
		{"message", "what happened; also event and msg"},
		{"pathname", "the source file that logged"},
		{"filename", "its last part"},
		{"module", "that without its ending"},
		{"lineno", "the line in it"},
		{"funcName", "the function that logged, without its package"},
		{"hostname", "the machine"},
		{"process", "the attribute of that name, else this program's process id"},
		{"processName", "the attribute of that name, else this program's name"},
		{"thread", "the attribute of that name, else 0"},
		{"exc_text", "the stack trace; also exc_info"},
		{"attrs", "the attributes that the layout does not name; also context"},
	}
}

// attrOf returns the attribute that a name of a layout shows.
func attrOf(name string) string {
	switch name {
	case "exc_text", "exc_info":
		return nameOf(record.FieldStackTrace)
	case "hostname":
		return nameOf(record.FieldHost)
	}
	return strings.TrimPrefix(name, "metadata.")
}

// find returns how to find what a name stands for, and whether that is always a
// text.
func find(name string) (get getter, textual bool) {
	switch name {
	case "asctime", "attrs", "context":
		return nil, true // written by appendPiece
	case "created", "msecs", "relativeCreated":
		return timeGetter(name), false
	case "name":
		return lookup(nameOf(record.FieldLogger)), true
	case "level", "levelname":
		return levelName(name == "levelname"), true
	case "levelno":
		return func(_ *textForm, r *record.Record) slog.Value { return slog.IntValue(pythonLevel(r.Severity)) }, false
	case "message", "event", "msg":
		return func(_ *textForm, r *record.Record) slog.Value { return slog.StringValue(r.Message) }, true
	case "pathname":
		return lookup(nameOf(record.FieldFilePath)), true
	case "filename":
		return changed(record.FieldFilePath, baseName), true
	case "module":
		return changed(record.FieldFilePath, moduleName), true
	case "lineno":
		return lookup(nameOf(record.FieldLineNumber)), false
	case "funcName":
		return changed(record.FieldFunctionName, bareFunction), true
	case "hostname":
		return lookup(nameOf(record.FieldHost)), true
	case "process":
		return lookupOr(name, slog.IntValue(os.Getpid())), false
	case "processName":
		return lookupOr(name, slog.StringValue(filepath.Base(os.Args[0]))), true
	case "thread":
		return lookupOr(name, slog.IntValue(0)), false
	case "exc_text", "exc_info":
		return lookup(nameOf(record.FieldStackTrace)), true
	}
	field, ok := record.FieldByName(name)
	return lookup(name), ok && (field.Type == record.TypeText || field.Type == record.TypeTime || field.Type == record.TypeObject)
}

func lookup(name string) getter {
	return func(_ *textForm, r *record.Record) slog.Value {
		v, _ := r.Lookup(name)
		return v
	}
}

func lookupOr(name string, absent slog.Value) getter {
	return func(_ *textForm, r *record.Record) slog.Value {
		if v, ok := r.Lookup(name); ok {
			return v
		}
		return absent
	}
}

// changed finds a field and returns what part makes of its text.
func changed(id record.FieldID, part func(string) string) getter {
	name := nameOf(id)
	return func(_ *textForm, r *record.Record) slog.Value {
		v, ok := r.Lookup(name)
		if !ok || v.Kind() != slog.KindString {
			return v
		}
		return slog.StringValue(part(v.String()))
	}
}

func moduleName(path string) string {
	base := baseName(path)
	if dot := strings.LastIndexByte(base, '.'); dot > 0 {
		return base[:dot]
	}
	return base
}

func timeGetter(name string) getter {
	return func(f *textForm, r *record.Record) slog.Value {
		switch t := r.Time; {
		case t.IsZero():
			return slog.Value{}
		case name == "created":
			return slog.Float64Value(float64(t.Unix()) + float64(t.Nanosecond())/1e9)
		case name == "msecs":
			return slog.Float64Value(float64(t.Nanosecond()) / 1e6)
		default:
			return slog.Float64Value(float64(t.Sub(f.started).Microseconds()) / 1e3)
		}
	}
}
