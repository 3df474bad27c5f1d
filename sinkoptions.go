package weir

import (
	"context"
	"log/slog"
)

// SinkOptions say what reaches a sink, and how. The zero value: everything, as it
// was logged.
type SinkOptions struct {
	// Name is what Stats and messages call the sink. Default: its type.
	Name string
	// Level is the least level that the sink gets. Default: what its loggers let
	// through.
	Level slog.Leveler
	// Processors run for this sink alone.
	Processors []Processor
	// Fallback gets the records that this sink failed to write. It gets no others,
	// unless it stands in a list of sinks too.
	Fallback Sink
}

// ConfigureSink returns s with options, for Options.Sinks, LoggerOptions.Sinks and
// AddSink. It is not to be used otherwise: its own WriteBatch passes records to s as
// they are.
func ConfigureSink(s Sink, o SinkOptions) Sink { return &configuredSink{Sink: s, options: o} }

// configuredSink is unwrapped by the logger that it is given to.
type configuredSink struct {
	Sink
	options SinkOptions
}

// Immediate is a Sink that never waits: its WriteBatch takes memory at most. The
// worker calls it itself; every other sink has a goroutine of its own.
type Immediate interface {
	Sink
	Immediate()
}

// LineSink is a Sink that writes each record as the line record.AppendJSON makes of it. When a
// logger has only such sinks, without processors, calls may encode their records
// themselves while the queue is filling up, and the lines come here.
type LineSink interface {
	Sink
	// AcceptsLines says whether it is such a sink, which may depend on its options. The
	// answer does not change.
	AcceptsLines() bool
	// WriteLines is WriteBatch for records that are encoded already: lines holds
	// them whole, each with its newline. It must not keep or change them.
	WriteLines(ctx context.Context, lines []byte, records int) error
}
