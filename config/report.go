package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/weirlog/weir"
)

// Setting is one value in force and where it came from.
type Setting struct {
	// Key is the path, as log.sinks.app.max_size.
	Key string
	// Value is the value as people write it. Secrets are shown as "(secret)".
	Value string
	// Origin is "default", "code", the name of an environment variable, or the file
	// with line and column (weir.json:12:5).
	Origin string
}

// The origins that are no file and no variable.
const (
	originDefault = "default"
	originCode    = "code"
)

// hidden stands for a secret.
const hidden = "(secret)"

// report gathers what is wrong, and what is in force, while settings are read.
type report struct {
	file     string
	problems []problem
	settings []Setting
}

// problem is an error with its place in the file, for sorting.
type problem struct {
	line, column int
	err          *weir.Error
}

// where is the place of a node: its variable, or the file with line and column.
func (r *report) where(line, column int, origin string) string {
	if origin != "" {
		return origin
	}
	return place(r.file, line, column)
}

// refuse notes a problem. layer and category tell a monitor what it is about.
func (r *report) refuse(p problem, path, text, hint string, value any) *weir.Error {
	e := p.err
	if e == nil {
		e = &weir.Error{}
	}
	if e.Layer == "" {
		e.Layer, e.Category = weir.LayerConfiguration, weir.CategoryValidation
	}
	e.Service, e.Severity = "Config", weir.SeverityError
	e.Message, e.UserMessage = path+": "+text, hint
	if e.Context == nil {
		e.Context = make(map[string]any)
	}
	e.Context["key"] = path
	if value != nil {
		e.Context["value"] = value
	}
	p.err = e
	r.problems = append(r.problems, p)
	return e
}

// at notes where a problem is.
func (r *report) at(e *weir.Error, line, column int, origin string) {
	if w := r.where(line, column, origin); w != "" {
		e.Message = w + ": " + e.Message
		e.Context["where"] = w
	}
}

// err is all that is wrong, in the order of the file.
func (r *report) err() error {
	slices.SortStableFunc(r.problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	all := make([]error, len(r.problems))
	for i, p := range r.problems {
		all[i] = p.err
	}
	return errors.Join(all...)
}

// note records a value in force. What is asked twice counts once.
func (r *report) note(key, value, origin string) {
	for i := range r.settings {
		if r.settings[i].Key == key {
			r.settings[i] = Setting{key, value, origin}
			return
		}
	}
	r.settings = append(r.settings, Setting{key, value, origin})
}

// fileError is the error of a file that cannot be read or understood. The message names
// the file once.
func fileError(file string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) && path.Path == file {
		err = path.Err
	}
	e := &weir.Error{
		Layer: weir.LayerConfiguration, Service: "Config", Category: weir.CategoryValidation, Severity: weir.SeverityError,
		Message: "read settings", Context: map[string]any{"file": file}, Err: err,
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		e.Context["line"], e.Context["column"] = syntax.Line, syntax.Column
		file = place(file, syntax.Line, syntax.Column)
	} else {
		e.Category = weir.CategoryIO
	}
	if file != "" {
		e.Message = fmt.Sprintf("read settings: %s", file)
	}
	return e
}

// drop takes a value back that another one has taken the place of.
func (r *report) drop(key string) {
	r.settings = slices.DeleteFunc(r.settings, func(s Setting) bool { return s.Key == key })
}
