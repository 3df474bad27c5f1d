package processor

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// The parts of the place of a call that are not fields of their own.
const (
	callsiteFile   = "filename" // the base name of file_path
	callsiteModule = "module"   // the package of function_name
)

// callsiteNames are the names that Callsite takes, with Python's beside ours.
var callsiteNames = map[string]string{
	functionName: functionName, "funcName": functionName,
	filePath: filePath, "pathname": filePath,
	lineNumber: lineNumber, "lineno": lineNumber,
	callsiteFile: callsiteFile, callsiteModule: callsiteModule,
}

// Callsite keeps of the place of a call only the fields named: function_name,
// file_path, line_number (or Python's funcName, pathname, lineno), and adds filename (the
// file without its folders) and module (the package) when they are named. Without a name
// it removes the place. Another name is an error. It may stand in several places.
func Callsite(fields ...string) (weir.Processor, error) {
	p := &callsite{}
	for _, field := range fields {
		name, ok := callsiteNames[field]
		if !ok {
			return nil, fmt.Errorf("callsite: there is no part %q of a call's place: use function_name, file_path, line_number, filename or module", field)
		}
		switch name {
		case callsiteFile:
			p.file = true
		case callsiteModule:
			p.module = true
		default:
			p.keep = append(p.keep, name)
		}
	}
	return p, nil
}

type callsite struct {
	keep         []string
	file, module bool
}

func (*callsite) String() string { return "callsite" }

func (p *callsite) Process(r *record.Record, emit func(record.Record)) error {
	var file, function string
	e := edit[slog.Attr]{from: r.Attrs}
	for i := range r.Attrs {
		a := &r.Attrs[i]
		switch a.Key {
		case filePath:
			file = a.Value.String()
		case functionName:
			function = a.Value.String()
		case lineNumber:
		default:
			e.keep(i)
			continue
		}
		if slices.Contains(p.keep, a.Key) {
			e.keep(i)
		} else {
			e.drop(i)
		}
	}
	list, changed := e.result()
	var more [2]slog.Attr
	n := 0
	if p.file && file != "" {
		more[n] = slog.String(callsiteFile, baseName(file))
		n++
	}
	if p.module && function != "" {
		more[n] = slog.String(callsiteModule, packageOf(function))
		n++
	}
	switch {
	case n > 0 && changed:
		list = append(list, more[:n]...)
	case n > 0:
		list = extended(list, more[:n]...)
	}
	r.Attrs = list
	emit(*r)
	return nil
}

// baseName is what follows the last slash or backslash: records of another system
// keep their own.
func baseName(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

// packageOf returns the import path in the name of a function, as "net/http" of
// "net/http.(*Server).Serve".
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	if dot := strings.IndexByte(function[slash:], '.'); dot >= 0 {
		return function[:slash+dot]
	}
	return function
}
