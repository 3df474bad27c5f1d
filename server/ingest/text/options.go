// Package text turns lines of text into records: what a program prints, what is in
// a log file.
//
// A [Stream] takes the bytes of one stream in pieces of any size and hands over
// batches; [Parser.Parse] reads one line by itself. Lines are JSON objects of any
// logger, logfmt, or plain text with a time and a level in front in one of the
// usual shapes. Lines that belong together (a stack trace, an indented JSON object)
// become one record. Every other line is exactly one record, the empty ones too;
// what cannot be read stays in the message, whole.
//
// The package reads no files, starts no goroutines and has no timers: whoever feeds
// a stream says when the lines that it holds back have waited long enough.
package text

import (
	"crypto/rand"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
)

// Options say what is known about a stream; zero fields take the defaults.
type Options struct {
	Resource record.Resource // fills in what a line does not say about its sender
	Logger   string          // fills in the logger
	Attrs    []slog.Attr     // put on every record, such as stream=stderr
	SourceID string          // the emitter; default a new random one

	// Zone is that of times that do not name one; default time.Local, because files
	// without zones are mostly written on the machine that reads them.
	Zone  *time.Location
	Clock func() time.Time // gives the year to times without one; default time.Now

	MaxLine  int           // longer lines are split; default DefaultMaxLine
	MaxBatch int           // records in one batch; default DefaultMaxBatch
	MaxDelay time.Duration // how long a batch waits while more keeps coming; default DefaultMaxDelay

	NoJoin       bool          // make a record of each line, also of those of a stack trace
	JoinWait     time.Duration // how long after its last line a record waits for more; default DefaultJoinWait
	MaxJoinLines int           // lines of one record, more are split; default DefaultMaxJoinLines
	MaxJoinBytes int           // bytes of one record of several lines, more are split; default DefaultMaxJoinBytes

	Counts *Counts // counts what was read; several streams may share one; default none
}

// Defaults of a stream.
const (
	DefaultMaxLine  = 16 << 20              // more than any log line that is not a mistake
	DefaultMaxBatch = 1_000                 // measured: a DuckDB commit of 1,000 costs 7 µs a record, of one 2 ms
	DefaultMaxDelay = 50 * time.Millisecond // less than people notice on a live page

	// DefaultJoinWait covers a program that writes its trace line by line on a busy
	// machine (microseconds to some milliseconds apart), and is hardly noticed.
	DefaultJoinWait = 200 * time.Millisecond
	// DefaultMaxJoinLines is more than the deepest traces with their causes: Java cuts
	// at 1,024 frames, Go at 100, Python's recursion limit folds equal ones.
	DefaultMaxJoinLines = 1_000
	// DefaultMaxJoinBytes is so many lines of a kilobyte, longer than frames are.
	DefaultMaxJoinBytes = 1 << 20
)

// maxBatchBytes ends a batch early when its lines are long, so that a batch of lines
// of megabytes does not need gigabytes.
const maxBatchBytes = 8 << 20

// Counts tell what streams have read. They grow while streams are read, and may be
// read by anybody at any time.
type Counts struct {
	Bytes   atomic.Uint64 // of the stream, as they came
	Lines   atomic.Uint64
	Records atomic.Uint64
	Joined  atomic.Uint64 // lines that went to the record of the line before them
	Split   atomic.Uint64 // records that are a part only: of a line over MaxLine, of a record over MaxJoinLines or MaxJoinBytes
}

func (o Options) withDefaults() Options {
	if o.SourceID == "" {
		o.SourceID = rand.Text()
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.MaxLine <= 0 {
		o.MaxLine = DefaultMaxLine
	}
	if o.MaxBatch <= 0 {
		o.MaxBatch = DefaultMaxBatch
	}
	if o.MaxDelay <= 0 {
		o.MaxDelay = DefaultMaxDelay
	}
	if o.JoinWait <= 0 {
		o.JoinWait = DefaultJoinWait
	}
	if o.MaxJoinLines <= 0 {
		o.MaxJoinLines = DefaultMaxJoinLines
	}
	if o.MaxJoinBytes <= 0 {
		o.MaxJoinBytes = DefaultMaxJoinBytes
	}
	if o.Counts == nil {
		o.Counts = &Counts{}
	}
	return o
}
