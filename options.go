package weir

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
)

// The defaults and bounds of Options.
const (
	// DefaultMemoryLimit bridges a sink that stalls for 100 ms at a million
	// records of 130 bytes a second.
	DefaultMemoryLimit = 16 << 20
	// MinMemoryLimit is the least that gives each shard of the queue a chunk to
	// fill and one to drain.
	MinMemoryLimit = 64 << 10
	// DefaultMaxRecordBytes lets a stack trace or a page of HTML through and stops
	// a file that was logged by mistake.
	DefaultMaxRecordBytes = 4 << 20
	// DefaultBlockTimeout bounds how long Block holds a call up.
	DefaultBlockTimeout = time.Second
	// DefaultCloseTimeout is half of what container runtimes usually leave a
	// program between SIGTERM and SIGKILL.
	DefaultCloseTimeout = 5 * time.Second
)

// Options configure a logger. The zero value is a good default.
//
// What is left open is read from the environment before the defaults: WEIR_LEVEL,
// WEIR_LEVELS (app.db=debug,app.http=warn), WEIR_OVERFLOW, WEIR_SOURCE,
// WEIR_CHECKPOINTS, and of the resource WEIR_SERVICE, WEIR_ENVIRONMENT,
// WEIR_SERVICE_VERSION and WEIR_LOG_TYPE, also by the log-collector's names. Everything
// else, sinks and files of settings, is package config's.
type Options struct {
	// Level is the least level that is logged. Default LevelInfo. A *slog.LevelVar
	// can be changed while the program runs.
	Level slog.Leveler

	// Sinks are where records go, each by a goroutine of its own. When there are none, or only Viewers,
	// records also go to the console on stderr.
	Sinks []Sink

	// Loggers are the settings of loggers by their full dotted names, as "app.db"; see
	// Named.
	Loggers map[string]LoggerOptions

	// Processors run for every record before any sink gets it, in this order.
	Processors []Processor

	// Overflow is what happens when the queue is full. Default DropOldest.
	Overflow Overflow
	// BlockTimeout is how long a call waits under Block. Default
	// DefaultBlockTimeout.
	BlockTimeout time.Duration

	// MemoryLimit bounds the memory of all records on their way, in bytes: three quarters
	// for the queue, one for what is with the sinks. It is used as needed and given back in
	// quiet times. Default DefaultMemoryLimit, at least MinMemoryLimit. Beside it the worker
	// holds a batch that it is filling, each sink the one that it is writing, and each
	// processor at most 64 KiB.
	MemoryLimit int
	// MaxRecords bounds the records in the queue besides. Default 0: bytes alone.
	MaxRecords int
	// MaxRecordBytes bounds one record, and a quarter of MemoryLimit does. The
	// longest texts of a larger one are cut, with a mark at their end, and
	// Stats.Truncated counts it. Default DefaultMaxRecordBytes.
	MaxRecordBytes int

	// Resource describes the program. Service defaults to the logger's name, Host
	// to the machine's, ServiceVersion to the version in the program's build
	// information, if there is one.
	Resource record.Resource

	// NoSource leaves out the function, file and line of the call. Finding the
	// place of a call takes about as long as all the rest of it.
	NoSource bool

	// Trace returns the ids of the trace and span that a context belongs to, "" for none. It
	// is called by every call that takes a context and must be fast. Default: those of
	// an OpenTelemetry span, in a program that has OpenTelemetry.
	Trace func(context.Context) (traceID, spanID string)

	// CheckpointDir is where Save keeps checkpoints. Default DefaultCheckpointDir.
	CheckpointDir string

	// CloseTimeout bounds Close. Default DefaultCloseTimeout.
	CloseTimeout time.Duration

	// OnDrop is called from the worker, once a second at most and at the end, when records were dropped
	// because the queue was full. It must not log and must return soon.
	OnDrop func(DropReport)

	// Diagnostics gets the logging's own errors instead of ErrorOutput: failing sinks and
	// processors, dropped records. All of them are an *Error. It is called from several goroutines, must
	// not log, and must return soon.
	Diagnostics func(error)

	// ErrorOutput is where the logger tells people about failing sinks and dropped
	// records, a few lines a minute. Default os.Stderr.
	ErrorOutput io.Writer

	// NoEnvironment keeps the environment's variables out.
	NoEnvironment bool

	handleSignals []os.Signal // of HandleSignals
	overflowSet   bool        // WithOverflow was given: its zero value counts
}

// Option changes Options.
type Option func(*Options)

// WithLevel sets Options.Level.
func WithLevel(l slog.Leveler) Option { return func(o *Options) { o.Level = l } }

// WithSink adds sinks to Options.Sinks.
func WithSink(sinks ...Sink) Option {
	return func(o *Options) { o.Sinks = append(o.Sinks, sinks...) }
}

// WithOverflow sets Options.Overflow.
func WithOverflow(p Overflow) Option {
	return func(o *Options) { o.Overflow, o.overflowSet = p, true }
}

// WithBlockTimeout sets Options.BlockTimeout.
func WithBlockTimeout(d time.Duration) Option { return func(o *Options) { o.BlockTimeout = d } }

// WithMemoryLimit sets Options.MemoryLimit.
func WithMemoryLimit(bytes int) Option { return func(o *Options) { o.MemoryLimit = bytes } }

// WithMaxRecordBytes sets Options.MaxRecordBytes.
func WithMaxRecordBytes(bytes int) Option { return func(o *Options) { o.MaxRecordBytes = bytes } }

// WithResource sets Options.Resource.
func WithResource(r record.Resource) Option { return func(o *Options) { o.Resource = r } }

// WithoutSource sets Options.NoSource.
func WithoutSource() Option { return func(o *Options) { o.NoSource = true } }

// WithCloseTimeout sets Options.CloseTimeout.
func WithCloseTimeout(d time.Duration) Option { return func(o *Options) { o.CloseTimeout = d } }

// WithErrorOutput sets Options.ErrorOutput.
func WithErrorOutput(w io.Writer) Option { return func(o *Options) { o.ErrorOutput = w } }

// WithLogger sets the options of a full dotted name in Options.Loggers.
func WithLogger(name string, lo LoggerOptions) Option {
	return func(o *Options) {
		loggers := maps.Clone(o.Loggers)
		if loggers == nil {
			loggers = map[string]LoggerOptions{}
		}
		loggers[name] = lo
		o.Loggers = loggers
	}
}

// WithProcessor adds to Options.Processors.
func WithProcessor(p ...Processor) Option {
	return func(o *Options) { o.Processors = append(o.Processors, p...) }
}

// WithMaxRecords sets Options.MaxRecords.
func WithMaxRecords(n int) Option { return func(o *Options) { o.MaxRecords = n } }

// WithTrace sets Options.Trace.
func WithTrace(f func(context.Context) (traceID, spanID string)) Option {
	return func(o *Options) { o.Trace = f }
}

// WithCheckpointDir sets Options.CheckpointDir.
func WithCheckpointDir(dir string) Option { return func(o *Options) { o.CheckpointDir = dir } }

// WithOnDrop sets Options.OnDrop.
func WithOnDrop(f func(DropReport)) Option { return func(o *Options) { o.OnDrop = f } }

// WithDiagnostics sets Options.Diagnostics.
func WithDiagnostics(f func(error)) Option { return func(o *Options) { o.Diagnostics = f } }

// WithoutEnvironment sets Options.NoEnvironment.
func WithoutEnvironment() Option { return func(o *Options) { o.NoEnvironment = true } }

// WithOptions replaces all options by opts; it goes first.
func WithOptions(opts Options) Option { return func(o *Options) { *o = opts } }

// Viewer marks a sink that only shows records while somebody looks, such as the
// live page. It does not take the place of the console.
type Viewer interface {
	Sink
	Viewer()
}

var _ SelfNamed = (*console.Sink)(nil)

// complete fills in what the environment says, then the defaults. What it cannot
// understand is returned and left out.
func (o *Options) complete(name string) (problems []error) {
	if !o.NoEnvironment {
		problems = o.fromEnvironment(os.LookupEnv)
	}
	problems = append(problems, o.dropBadLevels()...)
	if o.Level == nil {
		o.Level = LevelInfo
	}
	if o.BlockTimeout <= 0 {
		o.BlockTimeout = DefaultBlockTimeout
	}
	if o.MemoryLimit == 0 {
		o.MemoryLimit = DefaultMemoryLimit
	}
	o.MemoryLimit = max(o.MemoryLimit, MinMemoryLimit)
	o.MaxRecords = max(o.MaxRecords, 0)
	if o.MaxRecordBytes <= 0 {
		o.MaxRecordBytes = DefaultMaxRecordBytes
	}
	o.MaxRecordBytes = min(max(o.MaxRecordBytes, minRecordBytes), o.MemoryLimit/4)
	if o.Trace == nil {
		o.Trace = openTelemetry()
	}
	if o.CheckpointDir == "" {
		o.CheckpointDir = DefaultCheckpointDir
	}
	if o.CloseTimeout <= 0 {
		o.CloseTimeout = DefaultCloseTimeout
	}
	if o.ErrorOutput == nil {
		o.ErrorOutput = os.Stderr
	}
	if onlyViewers(o.Sinks) {
		o.Sinks = append([]Sink{console.New(os.Stderr, console.Options{})}, o.Sinks...)
	}
	completeResource(&o.Resource, name)
	return problems
}

// dropBadLevels leaves out levels that cannot be asked, as a nil *slog.LevelVar.
func (o *Options) dropBadLevels() (problems []error) {
	if _, ok := levelOf(o.Level); o.Level != nil && !ok {
		problems = append(problems, levelError("", "it cannot be asked (a nil pointer?)", "give a slog.Level or a *slog.LevelVar"))
		o.Level = nil
	}
	loggers := maps.Clone(o.Loggers)
	for name, lo := range loggers {
		if _, ok := levelOf(lo.Level); lo.Level != nil && !ok {
			problems = append(problems, levelError(name, "it cannot be asked (a nil pointer?)", "give a slog.Level or a *slog.LevelVar"))
			lo.Level = nil
			loggers[name] = lo
		}
	}
	o.Loggers = loggers
	return problems
}

// minRecordBytes leaves room for what says that a record was cut.
const minRecordBytes = 1 << 10

func onlyViewers(sinks []Sink) bool {
	for _, s := range sinks {
		if c, ok := s.(*configuredSink); ok {
			s = c.Sink
		}
		if _, ok := s.(Viewer); !ok {
			return false
		}
	}
	return true
}

func completeResource(r *record.Resource, name string) {
	if r.Service == "" {
		r.Service = name
	}
	if r.Host == "" {
		// Without a name the field stays empty, which is what there is to say.
		r.Host, _ = os.Hostname()
	}
	if r.ServiceVersion == "" {
		if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
			r.ServiceVersion = info.Main.Version
		}
	}
}
