// Package format turns records into text: the forms that sinks write.
//
//   - [JSON]: one JSON object a line, for machines; or a line for people with the
//     attributes as JSON below it.
//   - [Text]: a layout of names, as `%(asctime)s %(levelname)-8s %(message)s`.
//   - [Console]: the lines that a terminal shows.
//
// All of them may be used concurrently and cannot fail while a program logs: what is
// wrong with a layout is an error when it is made, and a name that a record does not
// have prints nothing.
//
// A form decides how a record looks, never whether it is written: levels are set on
// loggers and sinks. No form reads markup, so a message that holds `[bold]` prints
// as it is.
package format

import "github.com/weirlog/weir/record"

// Formatter appends one record's text to b and returns it, its line end included.
// It is used by one goroutine at a time, does not change the record, and does not
// keep it. Nothing in a record may forge a line or move a terminal, unless the form
// is for machines and quotes it.
type Formatter interface {
	Append(b []byte, r *record.Record) []byte
}

// Colorable is a Formatter that has a form with colours. A sink that knows whether
// its reader sees colours asks for the right one.
type Colorable interface {
	Formatter
	// InColor returns the form with colours, or without, unless the form's own
	// options decide that already.
	InColor(on bool) Formatter
}

// Color says when to write colours.
type Color uint8

// When to write colours.
const (
	// ColorAuto leaves it to the sink: the console asks the environment and the
	// terminal, others write none.
	ColorAuto Color = iota
	ColorAlways
	ColorNever
)

// resolve returns whether to write colours where on is what the sink found.
func (c Color) resolve(on bool) bool { return c == ColorAlways || c == ColorAuto && on }
