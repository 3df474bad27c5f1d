package config

import (
	"maps"
	"slices"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/sink/ship"
)

// A SinkBuilder reads the settings of a sink from s and returns the func that makes
// it. It has no effects itself: the func is called only when everything in the
// configuration is right, once for each logger that is made. A nil sink without an
// error leaves the sink out, as a page does where there is nobody to look.
//
// s has the keys level, processors, fallback, type and enabled too; they are read
// already. A builder that refused something may return nil.
type SinkBuilder func(s *Section) func() (weir.Sink, error)

// A ProcessorBuilder reads the settings of a processor and returns the func that
// makes it. The func is called for each place where the processor stands, and once
// more to see whether it works: it must have no effects.
type ProcessorBuilder func(s *Section) func() (weir.Processor, error)

// A FormatBuilder reads the settings of a format and returns the func that makes it,
// as a ProcessorBuilder does.
type FormatBuilder func(s *Section) func() (format.Formatter, error)

// parts are what settings can name, and where they come from.
type parts struct {
	env        *environment
	sinks      map[string]SinkBuilder
	processors map[string]ProcessorBuilder
	formats    map[string]FormatBuilder
	packers    map[string]func() ship.Compressor
	files      map[string]string // the paths that sinks write, and which sink does
}

func newParts(o Options, env *environment) *parts {
	p := &parts{env: env, sinks: builtinSinks(), processors: builtinProcessors(), formats: builtinFormats(), packers: o.Compressors, files: make(map[string]string)}
	maps.Copy(p.sinks, o.Sinks)
	maps.Copy(p.processors, o.Processors)
	maps.Copy(p.formats, o.Formats)
	return p
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
