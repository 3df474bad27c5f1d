package config

import (
	"io"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/sink/console"
	"github.com/weirlog/weir/sink/jsonl"
	"github.com/weirlog/weir/sink/null"
	"github.com/weirlog/weir/sink/writer"
)

func builtinSinks() map[string]SinkBuilder {
	return map[string]SinkBuilder{
		consoleName:     consoleSink,
		"json":          jsonSink,
		"text":          textSink,
		"file":          fileSink,
		"rotating_file": rotatingFileSink,
		"null":          nullSink,
		shipType:        shipSink,
	}
}

// stream returns the func that finds the program's output or error output, when the
// sink is made.
func (s *Section) stream(fallback string) func() *os.File {
	if s.Choice("stream", fallback, "stdout", "stderr") == "stdout" {
		return func() *os.File { return os.Stdout }
	}
	return func() *os.File { return os.Stderr }
}

func consoleSink(s *Section) func() (weir.Sink, error) {
	stream := s.stream("stderr")
	o := console.Options{Color: enum[format.Color](s, "color", colorNames), Location: s.zone("time_zone")}
	form := s.Format("format")
	if form != nil && s.Has("time_zone") {
		s.Refuse("time_zone", "the format has a time zone of its own", "set it there")
	}
	return func() (weir.Sink, error) {
		o := o
		if form != nil {
			var err error
			if o.Format, err = form(); err != nil {
				return nil, err
			}
		}
		return console.New(stream(), o), nil
	}
}

// jsonSink writes JSON to a stream; the keys of the format json are its own.
func jsonSink(s *Section) func() (weir.Sink, error) {
	stream := s.stream("stdout")
	changed := s.oneOf("indent", "sort_keys", "ascii", "skip_keys", "prefix")
	form := jsonFormat(s)
	return func() (weir.Sink, error) {
		if !changed {
			return jsonl.New(stream()), nil
		}
		return formatted(stream(), form)
	}
}

// textSink writes text to a stream; the keys of the format text are its own.
func textSink(s *Section) func() (weir.Sink, error) {
	stream := s.stream("stdout")
	form := textFormat(s)
	return func() (weir.Sink, error) { return formatted(stream(), form) }
}

func formatted(w io.Writer, form formatMaker) (weir.Sink, error) {
	f, err := form()
	if err != nil {
		return nil, err
	}
	return writer.New(w, f), nil
}

func nullSink(*Section) func() (weir.Sink, error) {
	return func() (weir.Sink, error) { return null.New(), nil }
}
