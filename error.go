package weir

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// The layers that an Error comes from.
const (
	LayerConfiguration = "CONFIGURATION" // reading settings
	LayerFactory       = "FACTORY"       // making loggers, sinks and processors from them
	LayerProcessor     = "PROCESSOR"
	LayerSink          = "SINK"
	LayerDispatch      = "DISPATCH" // the queue and the way from it to the sinks
	LayerCheckpoint    = "CHECKPOINT"
)

// The categories of an Error.
const (
	CategoryValidation    = "VALIDATION"
	CategoryConfiguration = "CONFIGURATION"
	CategoryIO            = "IO"
	CategoryFormatting    = "FORMATTING"
	CategoryRouting       = "ROUTING"
)

// The severities of an Error.
const (
	SeverityWarning  = "WARNING"
	SeverityError    = "ERROR"
	SeverityCritical = "CRITICAL"
)

// Error is an error with a code that programs and monitoring can tell apart. Find it
// with errors.As; sentinels such as ErrQueueFull are found with errors.Is.
type Error struct {
	Layer    string // one of the Layer constants
	Service  string // the part, as "Config" or "FileSink"
	Category string // one of the Category constants
	Severity string // one of the Severity constants

	// Recoverable says that the same call may succeed later.
	Recoverable bool

	Message     string         // for the developer: what went wrong and with what
	UserMessage string         // for the person at the screen: what to do; may be empty
	Context     map[string]any // what it was about; holds no secrets
	Err         error          // the cause; may be nil
}

// Code returns LAYER::Service::CATEGORY::SEVERITY, with ::RECOVERABLE behind it when the
// call may succeed later.
func (e *Error) Code() string {
	code := strings.Join([]string{e.Layer, e.Service, e.Category, e.Severity}, "::")
	if e.Recoverable {
		code += "::RECOVERABLE"
	}
	return code
}

// Error returns the message, the cause, and what to do.
func (e *Error) Error() string {
	text := e.Message
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.UserMessage != "" {
		text += " (" + e.UserMessage + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Format implements fmt.Formatter. The verb %+v writes the text, the code and the
// context, as a report wants them:
//
//	logger `shop.dv` not found in configuration (did you mean shop.db?)
//	>> CONFIGURATION::Config::VALIDATION::ERROR:
//	{
//	  "logger": "shop.dv"
//	}
//
// All other verbs write the text alone.
func (e *Error) Format(f fmt.State, verb rune) {
	if verb != 'v' || !f.Flag('+') {
		fmt.Fprintf(f, fmt.FormatString(f, verb), e.Error())
		return
	}
	fmt.Fprintf(f, "%s\n>> %s", e.Error(), e.Code())
	if len(e.Context) == 0 {
		return
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if enc.Encode(e.Context) != nil {
		// A value that JSON does not have is written as text.
		plain := make(map[string]string, len(e.Context))
		for key, value := range e.Context {
			plain[key] = fmt.Sprint(value)
		}
		text.Reset()
		_ = enc.Encode(plain) // texts cannot fail
	}
	fmt.Fprintf(f, ":\n%s", bytes.TrimRight(text.Bytes(), "\n"))
}
