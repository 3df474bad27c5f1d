package weir

import (
	"io"
	"log/slog"
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
type Options struct {
	// Level is the least level that is logged. Default LevelInfo. A *slog.LevelVar
	// can be changed while the program runs.
	Level slog.Leveler

	// Sinks are where records go, in turn. When there are none, or only Viewers,
	// records also go to the console on stderr.
	Sinks []Sink

	// Overflow is what happens when the queue is full. Default DropOldest.
	Overflow Overflow
	// BlockTimeout is how long a call waits under Block. Default
	// DefaultBlockTimeout.
	BlockTimeout time.Duration

	// MemoryLimit bounds the memory of the queue in bytes. It is used as needed and
	// given back in quiet times. Default DefaultMemoryLimit, at least
	// MinMemoryLimit. Beside it the worker holds a copy of what it is handling: a
	// batch of 256 KiB, and at most 64 KiB a processor.
	MemoryLimit int
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

	// CloseTimeout bounds Close. Default DefaultCloseTimeout.
	CloseTimeout time.Duration

	// ErrorOutput is where the logger tells people about failing sinks and dropped
	// records, a few lines a minute. Default os.Stderr.
	ErrorOutput io.Writer
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
func WithOverflow(p Overflow) Option { return func(o *Options) { o.Overflow = p } }

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

// WithOptions replaces all options by opts; it goes first.
func WithOptions(opts Options) Option { return func(o *Options) { *o = opts } }

// Viewer marks a sink that only shows records while somebody looks, such as the
// live page. It does not take the place of the console.
type Viewer interface {
	Sink
	Viewer()
}

var _ Sink = (*console.Sink)(nil)

// complete fills in the defaults.
func (o *Options) complete(name string) {
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
	if o.MaxRecordBytes <= 0 {
		o.MaxRecordBytes = DefaultMaxRecordBytes
	}
	o.MaxRecordBytes = min(max(o.MaxRecordBytes, minRecordBytes), o.MemoryLimit/4)
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
}

// minRecordBytes leaves room for what says that a record was cut.
const minRecordBytes = 1 << 10

func onlyViewers(sinks []Sink) bool {
	for _, s := range sinks {
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
