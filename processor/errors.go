package processor

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// DefaultMaxFrames is how many frames Errors keeps unless told: Go's own traces stop
// at a hundred.
const DefaultMaxFrames = 100

// ExceptionAttr is the attribute that Errors adds.
const ExceptionAttr = "exception"

// The attributes that Errors reads, besides error_type and stack_trace.
const (
	errorAttr = "error"
	errAttr   = "err"         // the same, as many call it
	chainAttr = "error_chain" // a list: the error and those within it, outermost first

	noError = "<nil>" // what Logger.Err says of a nil error
)

// ErrorsOptions say what Errors keeps. The zero value is a good default.
type ErrorsOptions struct {
	// RemoveText removes what is told in exception then: error, err, error_chain, and
	// a stack_trace that could be read. error_type, by which people search, stays.
	RemoveText bool
	// MaxFrames bounds the frames. How many more there were is in frames_omitted.
	// Default DefaultMaxFrames.
	MaxFrames int
}

// Errors adds to records of errors the attribute exception, a group of what there is
// of: type (error_type), module (its package), message (the text error, or err), chain
// (error_chain), and frames, a list of function, file and line, innermost first, read from
// stack_trace: Go's own form, or any of function names with indented file:line below
// them. A record with none of these stays as it is; so does one that has an exception. It
// may stand in several places.
func Errors(o ErrorsOptions) weir.Processor {
	if o.MaxFrames <= 0 {
		o.MaxFrames = DefaultMaxFrames
	}
	return structureErrors{o}
}

type structureErrors struct{ o ErrorsOptions }

func (structureErrors) String() string { return "errors" }

func (p structureErrors) Process(r *record.Record, emit func(record.Record)) error {
	f := p.find(r.Attrs)
	if members := f.members(); len(members) > 0 && !f.structured {
		if p.o.RemoveText {
			r.Attrs = f.withoutText(r.Attrs)
		}
		r.Attrs = extended(r.Attrs, slog.Attr{Key: ExceptionAttr, Value: slog.GroupValue(members...)})
	}
	emit(*r)
	return nil
}

// failure is what a record tells of an error.
type failure struct {
	structured bool // there is an exception already
	kind       string
	text       string
	chain      []slog.Value
	frames     []slog.Value
	omitted    int
}

// find looks an error up; of attributes of one key the last that fits counts.
func (p structureErrors) find(attrs []slog.Attr) (f failure) {
	stack := ""
	for i := range attrs {
		a := &attrs[i]
		isText := a.Value.Kind() == slog.KindString && a.Value.String() != ""
		switch {
		case a.Key == ExceptionAttr:
			f.structured = true
		case a.Key == errorType && isText:
			f.kind = a.Value.String()
		case (a.Key == errorAttr || a.Key == errAttr && f.text == "") && isText:
			if f.text = a.Value.String(); f.text == noError {
				f.text = ""
			}
		case a.Key == chainAttr && a.Value.Kind() == slog.KindAny:
			f.chain, _ = a.Value.Any().([]slog.Value)
		case a.Key == stackTrace && isText:
			stack = a.Value.String()
		}
	}
	if stack != "" && !f.structured {
		f.frames, f.omitted = readFrames(stack, p.o.MaxFrames)
	}
	return f
}

func (f *failure) members() []slog.Attr {
	var out []slog.Attr
	if f.kind != "" {
		out = append(out, slog.String("type", f.kind))
		if module := moduleOf(f.kind); module != "" {
			out = append(out, slog.String("module", module))
		}
	}
	if f.text != "" {
		out = append(out, slog.String("message", f.text))
	}
	if len(f.chain) > 0 {
		out = append(out, slog.Any("chain", f.chain))
	}
	if len(f.frames) > 0 {
		out = append(out, slog.Any("frames", f.frames))
	}
	if f.omitted > 0 {
		out = append(out, slog.Int("frames_omitted", f.omitted))
	}
	return out
}

// withoutText returns a copy without what members tells.
func (f *failure) withoutText(attrs []slog.Attr) []slog.Attr {
	return slices.DeleteFunc(slices.Clone(attrs), func(a slog.Attr) bool {
		switch a.Key {
		case errorAttr, errAttr:
			return f.text != "" && a.Value.Kind() == slog.KindString
		case chainAttr:
			return len(f.chain) > 0
		case stackTrace:
			return len(f.frames) > 0
		}
		return false
	})
}

// moduleOf returns the package of a type, as "fs" of "*fs.PathError".
func moduleOf(kind string) string {
	kind, _, _ = strings.Cut(strings.TrimLeft(kind, "*&[]"), "[") // without type arguments
	if dot := strings.LastIndexByte(kind, '.'); dot > 0 {
		return kind[:dot]
	}
	return ""
}
